import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { skipWithout } from "../support/tool.ts";
import { type Running, spawnStart, startWaylay, temporaryHome, waylay } from "../support/waylay.ts";

const run = promisify(execFile);

describe("start", () => {
  it("says it is ready in exactly one JSON line, and where everything is", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home });
    const { event, pid, proxy, ca, session } = running.ready;
    assert.deepEqual([event, pid], ["ready", running.child.pid]);
    assert.equal(proxy.length, 1);
    assert.deepEqual([proxy[0]!.mode, proxy[0]!.host], ["regular", "127.0.0.1"]);
    assert.ok(proxy[0]!.port > 0);
    assert.equal(ca, join(home, "ca", "root.crt"));
    assert.ok(session.startsWith(join(home, "sessions")), session);
    for (const file of [session, join(home, "ca", "root.key")]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
    assert.equal(await running.stop("SIGINT"), 0);
    assert.equal(running.events.length, 1);
    assert.equal(running.stderr, "");
  });

  it("ends with status 0 on SIGTERM", async test => {
    const running = await startWaylay(test, { home: temporaryHome(test) });
    assert.equal(await running.stop("SIGTERM"), 0);
  });

  it("tells people where it is and what to do next, and at the end what was recorded", async test => {
    const home = temporaryHome(test);
    const running = spawnStart(test, { home });
    await running.until(() => running.stdout.includes("waylay flows show"));
    assert.match(
      running.stdout,
      /^waylay is listening {2}Ctrl-C ends it\n\n {2}proxy {4}http:\/\/127\.0\.0\.1:\d+ {2}regular\n/,
    );
    assert.match(running.stdout, /\n {2}try {6}curl -x http:\/\/127\.0\.0\.1:\d+ --cacert ~\/ca\/root\.crt https:/);
    assert.equal(await running.stop("SIGINT"), 0);
    assert.match(running.stderr, /^\n0 flows\n$/);
  });

  it("listens wherever it was told to", async test => {
    const home = temporaryHome(test);
    const socket = join(home, "p.sock");
    const running = await startWaylay(
      test,
      { home },
      "-m",
      "regular@0",
      "-m",
      `reverse:http://127.0.0.1:1@unix:${socket}`,
    );
    assert.deepEqual(
      running.ready.proxy.map(at => at.mode),
      ["regular@0", `reverse:http://127.0.0.1:1@unix:${socket}`],
    );
    assert.equal(statSync(socket).mode & 0o777, 0o600);
  });

  it("goes to the next port when the default one is taken, and says so", async test => {
    await takePort(test, 8080).catch(() => undefined); // taken by us or by somebody else
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home }, "-m", "regular");
    const { port } = running.ready.proxy[0]!;
    assert.ok(port > 8080 && port < 8101, String(port));
    assert.match(running.stderr, new RegExp(`^waylay: port 8080 is taken; the proxy listens on ${port} instead\n$`));
  });
});

describe("what cannot be done is one line, and status 2", () => {
  const refused = async (
    test: TestContext,
    args: readonly string[],
    message: RegExp,
    prepare?: (home: string) => void,
  ) => {
    const home = temporaryHome(test);
    prepare?.(home);
    const { status, stdout, stderr } = await waylay({ home }, ...args);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.match(stderr, /^waylay: [^\n]+\n$/, "one line, no stack trace");
    assert.equal(status, 2);
  };

  it("a named port that is taken", async test => {
    const port = await takePort(test, 0);
    await refused(test, ["-p", String(port)], new RegExp(`127\\.0\\.0\\.1:${port} is taken`));
  });
  it("an unknown option, with what was meant", test =>
    refused(test, ["start", "--prot", "1"], /unknown option '--prot'; did you mean --port\?/));
  it("an unknown command, with what was meant", test =>
    refused(test, ["flosw"], /unknown command "flosw"; did you mean "flows"\?/));
  it("an unknown subcommand, with what was meant", test =>
    refused(test, ["flows", "shwo"], /unknown command 'shwo'; did you mean show\?/));
  it("an option without its value", test => refused(test, ["start", "-p"], /option '-p, --port <N>' argument missing/));
  it("a bad value", test => refused(test, ["start", "-p", "x"], /--port: "x" is no port/));
  it("what is not in this version", test =>
    refused(test, ["start", "--capture"], /--capture: packet capture is not in this version yet/));
  it("a bad filter, with its column", test =>
    refused(test, ["start", "-p", "0", "--only", "host:a stauts:1"], /column 8.*stauts/));
  it("a mistake in config.yaml, with its line", test =>
    refused(test, ["start"], /config\.yaml:2: no option is called "prot"; did you mean "port"\?/, home =>
      writeFileSync(join(home, "config.yaml"), "insecure: true\nprot: 1\n"),
    ));
  it("a session file that is none", test =>
    refused(test, ["start", "-p", "0", "-s", "notes.txt"], /notes\.txt is not a waylay session/, home =>
      writeFileSync(join(home, "notes.txt"), "dear diary, ".repeat(100)),
    ));
  it("a root whose key does not match", test =>
    refused(test, ["start", "-p", "0"], /root\.crt is missing, but its key is there/, home => {
      mkdirSync(join(home, "ca"));
      writeFileSync(join(home, "ca", "root.key"), "x");
    }));
  it("a home that is a file", test =>
    refused(test, ["start", "-p", "0", "--home", "file"], /file/, home => writeFileSync(join(home, "file"), "")));
});

describe("flows", () => {
  it("are listed, shown and exported as curl sent them through the proxy", {
    skip: skipWithout("curl"),
  }, async test => {
    const home = temporaryHome(test);
    const origin = spawnOrigin(test, home);
    const running = await startWaylay(test, { home });
    const base = await origin;
    await curl(running, `${base}json`);
    await curl(
      running,
      "-d",
      '{"name":"Ada"}',
      "-H",
      "Content-Type: application/json",
      "-H",
      "X-CaSe: Kept  ",
      `${base}post`,
    );
    await curl(running, `${base}gzip`, "--compressed");
    await curl(running, `${base}status/404`);
    await running.until(() => running.flows.length === 4);
    assert.equal(await running.stop(), 0);
    const around = { home };

    const ls = await waylay(around, "flows", "ls");
    assert.equal(ls.status, 0);
    assert.deepEqual(
      ls.stdout
        .trim()
        .split("\n")
        .map(line => line.replace(/^\S+ +(\d+) .* {2}(\d{3}) {2}.*$/, "$1 $2")),
      ["1 200", "2 200", "3 200", "4 404"],
    );
    const filtered = await waylay(around, "flows", "ls", "--json", "-status:404", "method:POST");
    assert.equal(JSON.parse(filtered.stdout).url, `${base}post`);
    const none = await waylay(around, "flows", "ls", "status:500");
    assert.deepEqual([none.status, none.stdout, none.stderr], [0, "", "none of 4 flows matches\n"]);

    const show = await waylay(around, "flows", "show", "2");
    assert.match(show.stdout, /\nPOST \/post HTTP\/1\.1\n/);
    assert.match(show.stdout, /\nX-CaSe: Kept/);
    assert.match(show.stdout, /\n {2}"name": "Ada"\n/, "JSON is pretty printed");
    assert.match(show.stdout, /\n── timings/);
    const json = JSON.parse((await waylay(around, "flows", "show", "2", "--json")).stdout);
    assert.match(Buffer.from(json.request.head, "base64").toString(), /^POST \/post HTTP\/1\.1\r\n/);

    const body = await waylay(around, "flows", "body", "2", "--side", "request");
    assert.equal(body.stdout, '{"name":"Ada"}');
    const decoded = await waylay(around, "flows", "body", "3", "--decoded", "-o", "gzip.json");
    assert.equal(decoded.status, 0, decoded.stderr);
    assert.ok(JSON.parse(readFileSync(join(home, "gzip.json"), "utf8")));
    assert.equal(statSync(join(home, "gzip.json")).mode & 0o777, 0o600);

    const har = JSON.parse((await waylay(around, "flows", "export")).stdout);
    assert.deepEqual(
      har.log.entries.map((entry: { response: { status: number } }) => entry.response.status),
      [200, 200, 200, 404],
    );
    const replayed = await waylay(around, "flows", "export", "--format", "curl", "2");
    assert.match(replayed.stdout, /^curl .*\/post/);
    const missing = await waylay(around, "flows", "show", "99");
    assert.deepEqual(
      [missing.status, missing.stderr],
      [1, "waylay: no flow 99 in this session; waylay flows ls shows them\n"],
    );
  });

  it("without a session say how to get one", async test => {
    const { status, stderr } = await waylay({ home: temporaryHome(test) }, "flows", "ls");
    assert.equal(status, 1);
    assert.match(stderr, /^waylay: no session is recorded in .*; waylay start --demo records one/);
  });

  it("end quietly when their reader goes away", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home }, "--demo");
    await running.until(() => running.flows.length >= 10);
    await running.stop();
    const program = process.env.WAYLAY_TEST_PROGRAM ?? join(import.meta.dirname, "../../bin/waylay.js");
    const command = `for i in 1 2 3 4 5 6 7 8; do "${process.execPath}" "${program}" flows ls --json; done | head -1`;
    const { stdout, stderr } = await run("sh", ["-c", command], { env: { ...process.env, WAYLAY_HOME: home } });
    assert.equal(stdout.split("\n").length, 2);
    assert.equal(stderr, "");
  });
});

describe("--demo", () => {
  it("plays without a network: every flow is decrypted and answered", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home }, "--demo");
    assert.match(String(running.ready.demo), /^https:\/\/localhost:\d+$/);
    await running.until(() => running.flows.length >= 19);
    assert.equal(await running.stop(), 0);
    for (const flow of running.flows) {
      assert.equal(flow.error, null, JSON.stringify(flow));
      assert.equal(flow.scheme, "https");
    }
    assert.equal(running.stderr, "");
  });
});

describe("doctor", () => {
  it("is content with a fresh home, and names what is broken", async test => {
    const home = temporaryHome(test);
    const well = await waylay({ home }, "doctor", "--json");
    assert.equal(well.status, 0, well.stdout);
    const findings = well.stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
    assert.ok(findings.every(finding => finding.name && finding.says && finding.state !== "bad"));
    mkdirSync(join(home, "ca"));
    writeFileSync(join(home, "ca", "root.key"), "secret", { mode: 0o644 });
    chmodSync(join(home, "ca", "root.key"), 0o644);
    const ill = await waylay({ home }, "doctor");
    assert.equal(ill.status, 1);
    assert.match(ill.stdout, /✗ modes .*root\.key/);
    assert.match(ill.stdout, /mend: chmod 600 /);
  });
});

describe("help", () => {
  for (const args of [
    [],
    ["start"],
    ["flows"],
    ["flows", "ls"],
    ["flows", "show"],
    ["flows", "export"],
    ["flows", "body"],
    ["doctor"],
    ["origin"],
  ]) {
    it(`${["waylay", ...args].join(" ")} --help shows an example`, async test => {
      const { status, stdout, stderr } = await waylay({ home: temporaryHome(test) }, ...args, "--help");
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^Usage: waylay/);
      assert.match(stdout, /\nExample:\n {2}\S/);
    });
  }
  it("--version", async test => {
    const { stdout } = await waylay({ home: temporaryHome(test) }, "--version");
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

/** Takes a port for the time of a test. */
async function takePort(test: TestContext, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  test.after(() => server.close());
  return (server.address() as { port: number }).port; // a TCP server has one
}

/** The base URL of a local origin over TLS. */
async function spawnOrigin(test: TestContext, home: string): Promise<string> {
  const { LeafCache } = await import("../../src/ca/leaf.ts");
  const { openRoot } = await import("../../src/ca/root.ts");
  const { startOrigin } = await import("../../src/origin/server.ts");
  const root = openRoot(join(home, "ca"), { now: Date.now, user: "test", host: "test" });
  const leaves = new LeafCache(root, { now: Date.now, max: 10 });
  const origin = await startOrigin({ tls: { contextFor: host => leaves.get(host) } });
  test.after(() => origin.close());
  return `https://localhost:${origin.port}/`;
}

async function curl(running: Running, ...args: readonly string[]): Promise<string> {
  const options = ["-sS", "--max-time", "10", "-x", running.proxyUrl, "--cacert", running.ready.ca];
  return (await run("curl", [...options, ...args])).stdout;
}
