// The control API through the program itself.
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { startOrigin } from "../../src/origin/server.ts";
import { ask } from "../origin/client.ts";
import { PROGRAM, spawnCommand, startWaylay, temporaryHome, waylay } from "../support/waylay.ts";

describe("waylay ctl", () => {
  it("asks a running waylay: JSON on standard output, faults in one line with status 1 or 2", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home });
    assert.equal(running.ready.control, join(home, "control.sock"));
    const origin = await startOrigin();
    test.after(() => origin.close());
    await ask(running.ready.proxy[0]!.port, `http://127.0.0.1:${origin.port}/status/404`);

    const status = await waylay({ home }, "ctl", "status");
    assert.deepEqual([status.status, status.stderr], [0, ""]);
    assert.equal(JSON.parse(status.stdout).pid, running.child.pid);
    const list = await waylay({ home }, "ctl", "flows.list", '{"filter":"status:404"}');
    const { flows } = JSON.parse(list.stdout);
    assert.deepEqual(
      flows.map((flow: { path: string }) => flow.path),
      ["/status/404"],
    );

    const cases: [string[], number, RegExp][] = [
      [["flows.gt", "{}"], 2, /^waylay: there is no method "flows\.gt"; did you mean "flows\.get"\?\n$/],
      [["flows.get", "{}"], 2, /^waylay: flows\.get: id: .*\n$/],
      [["flows.get", '{"id":99}'], 1, /^waylay: there is no flow 99 in this session\n$/],
      [["flows.get", "{id:1}"], 2, /^waylay: the parameters are no JSON: .*\n$/],
      [["flows.list", '{"filter":"hots:x"}'], 2, /column 1: .*host/],
      [["events", "--filter", "status:>"], 2, /column/],
    ];
    for (const [args, code, message] of cases) {
      const asked = await waylay({ home }, "ctl", ...args);
      assert.deepEqual([asked.status, asked.stdout], [code, ""], args.join(" "));
      assert.match(asked.stderr, message);
    }
  });

  it("without a method lists what there is; without a waylay says so", async test => {
    const home = temporaryHome(test);
    const listed = await waylay({ home }, "ctl");
    assert.match(listed.stdout, /^flows\.get \{id\}\n {2}One flow whole/m);
    const alone = await waylay({ home }, "ctl", "status");
    assert.equal(alone.status, 1);
    assert.match(alone.stderr, /^waylay: no waylay answers at .*control\.sock; waylay start starts one/);
    assert.ok(!existsSync(join(home, "sessions")));
  });

  it("events: a line each as they come, ended by the end of waylay", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home });
    const origin = await startOrigin();
    test.after(() => origin.close());
    const watching = spawnCommand(
      test,
      { home },
      "ctl",
      "events",
      "--filter",
      "-status:404",
      "--event",
      "flow.completed",
    );
    await until(async () => (await statusOf(home)).subscribers === 1);
    for (const path of ["/status/404", "/status/201", "/status/202"]) {
      await ask(running.ready.proxy[0]!.port, `http://127.0.0.1:${origin.port}${path}`);
    }
    await watching.until(() => watching.events.length === 2);
    assert.deepEqual(
      watching.events.map(({ event, flow }) => [event, (flow as { status: number }).status]),
      [
        ["flow.completed", 201],
        ["flow.completed", 202],
      ],
    );
    const ended = new Promise(resolve => watching.child.on("close", resolve));
    assert.equal(await running.stop(), 0);
    assert.equal(await ended, 0);
  });

  it("shutdown ends it as a signal does", async test => {
    const home = temporaryHome(test);
    const running = await startWaylay(test, { home });
    const ended = new Promise(resolve => running.child.on("close", resolve));
    assert.equal((await waylay({ home }, "ctl", "shutdown")).stdout, "{}\n");
    assert.equal(await ended, 0);
    assert.ok(!existsSync(join(home, "control.sock")));
  });
});

describe("a home", () => {
  it("has one waylay: the second says so, touches nothing and ends with status 2; with --control it runs", async test => {
    const home = temporaryHome(test);
    await startWaylay(test, { home });
    const sessions = readdirSync(join(home, "sessions"));
    const second = await waylay({ home }, "start", "-p", "0");
    assert.deepEqual([second.status, second.stdout], [2, ""]);
    assert.match(
      second.stderr,
      /^waylay: another waylay runs and answers at .*control\.sock; give this one a --home of its own, or --control PATH\n$/,
    );
    assert.deepEqual(readdirSync(join(home, "sessions")), sessions);
    const beside = await startWaylay(
      test,
      { home },
      "--control",
      join(home, "other.sock"),
      "-s",
      join(home, "other.waylay"),
    );
    const asked = await waylay({ home }, "ctl", "--control", join(home, "other.sock"), "status");
    assert.equal(JSON.parse(asked.stdout).pid, beside.child.pid);
  });

  it("outlives a waylay that was killed", async test => {
    const home = temporaryHome(test);
    const first = await startWaylay(test, { home });
    await first.stop("SIGKILL");
    assert.ok(existsSync(join(home, "control.sock")));
    const next = await startWaylay(test, { home });
    assert.equal((await statusOf(home)).pid, next.child.pid);
  });

  it("a control path that is too long, or no socket, is one clear line and status 2", async test => {
    const home = temporaryHome(test);
    const long = await waylay({ home }, "start", "-p", "0", "--control", join(home, "x".repeat(100)));
    assert.equal(long.status, 2);
    assert.match(long.stderr, /too many for a socket; try --control/);
    writeFileSync(join(home, "file"), "precious");
    const file = await waylay({ home }, "start", "-p", "0", "--control", join(home, "file"));
    assert.equal(file.status, 2);
    assert.match(file.stderr, /exists and is no socket/);
    assert.deepEqual(readdirSync(home).sort(), ["file"]);
  });
});

it("flows ls reads what the running waylay records, wherever that is, up to the last flow", async test => {
  const home = temporaryHome(test);
  const elsewhere = temporaryHome(test);
  const running = await startWaylay(test, { home }, "-s", join(elsewhere, "mine.waylay"));
  const origin = await startOrigin();
  test.after(() => origin.close());
  await ask(running.ready.proxy[0]!.port, `http://127.0.0.1:${origin.port}/status/418`);
  const listed = await waylay({ home }, "flows", "ls", "--json");
  assert.deepEqual(
    listed.stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line).status),
    [418],
  );
});

async function statusOf(home: string): Promise<Record<string, unknown>> {
  return JSON.parse((await waylay({ home }, "ctl", "status")).stdout);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 50; i++) if (await isSo()) return;
  throw new Error("waited in vain");
}

it("waylay mcp speaks the protocol on its standard input and output, and nothing else", async test => {
  const home = temporaryHome(test);
  const client = new Client({ name: "test", version: "0" });
  test.after(() => client.close());
  const complaints: string[] = [];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, "mcp"],
    env: { PATH: process.env.PATH ?? "", HOME: home, WAYLAY_HOME: home },
    stderr: "pipe",
  });
  transport.stderr?.on("data", chunk => complaints.push(String(chunk)));
  await client.connect(transport);
  const ask = async () => {
    const { content, isError } = await client.callTool({ name: "status", arguments: {} });
    return { text: (content as { text: string }[])[0]!.text, isError };
  };
  const before = await ask();
  assert.ok(before.isError);
  assert.match(before.text, /^no waylay answers at .*waylay start starts one/);
  // It comes and goes; the model's program need not be started anew.
  const running = await startWaylay(test, { home });
  assert.match((await ask()).text, /^proxy: regular at 127\.0\.0\.1:\d+/);
  await running.stop();
  assert.ok((await ask()).isError);
  await client.close();
  assert.deepEqual(complaints, []);
});

it("flows diff says what differs, with the status of diff(1), and makes no terminal obey it", async test => {
  const home = temporaryHome(test);
  const running = await startWaylay(test, { home });
  const origin = await startOrigin();
  test.after(() => origin.close());
  const get = (path: string, headers: Record<string, string>) =>
    ask(running.ready.proxy[0]!.port, `http://127.0.0.1:${origin.port}${path}`, { headers });
  await get("/get?n=1", { "x-a": "1" });
  await get("/get?n=2", { "x-a": "2" });
  const compared = await waylay({ home }, "flows", "diff", "1", "2");
  assert.deepEqual([compared.status, compared.stderr], [1, ""]);
  assert.match(compared.stdout, /^url: .*n=1 → .*n=2$/m);
  assert.match(compared.stdout, /^request x-a: 1 → 2$/m);
  assert.match(compared.stdout, /^response body:\n {2}\$\./m);
  const json = await waylay({ home }, "flows", "diff", "1", "2", "--json");
  assert.equal(JSON.parse(json.stdout).facts[0].name, "url");
  await running.stop();
  const same = await waylay({ home }, "flows", "diff", "1", "1");
  assert.deepEqual([same.status, same.stdout, same.stderr], [0, "", ""]);
  assert.match((await waylay({ home }, "flows", "diff", "1", "99")).stderr, /^waylay: no flow 99 in this session/);
});
