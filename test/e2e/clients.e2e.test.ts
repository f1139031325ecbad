// Other people's clients through the program: curl in its many ways, and openssl's bare TLS.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { makeCertificates } from "../support/certificates.ts";
import { skipWithout } from "../support/tool.ts";
import { type Running, startWaylay, temporaryHome } from "../support/waylay.ts";

const run = promisify(execFile);
const skip = skipWithout("curl", "openssl");

let origin: Origin;
let waylay: Running;
const home = temporaryHome({ after });
if (skip === false) {
  const certificates = makeCertificates({ after });
  const { cert, key } = certificates.server("demo");
  origin = await startOrigin({ tls: { certPem: cert, keyPem: key } });
  after(() => origin.close());
  waylay = await startWaylay({ after }, { home }, "--upstream-ca", certificates.file("root.pem"));
}

/** curl through the proxy, trusting our root; its output. */
async function curl(...args: string[]): Promise<string> {
  const common = ["-sS", "--max-time", "15", "--noproxy", "", "-x", waylay.proxyUrl, "--cacert", waylay.ready.ca];
  return (await run("curl", [...common, ...args], { maxBuffer: 64 << 20 })).stdout;
}
const http = (path: string) => `http://127.0.0.1:${origin.port}${path}`;
const https = (path: string, host = "localhost") => `https://${host}:${origin.port}${path}`;

describe("curl", { skip }, () => {
  it("over HTTP and HTTPS, by name and by address, TLS 1.2 and 1.3", async () => {
    for (const url of [http("/json"), https("/json"), https("/json", "127.0.0.1")]) {
      assert.match(await curl(url), /Hypertext/);
    }
    for (const version of [["--tls-max", "1.2"], ["--tlsv1.3"]])
      assert.match(await curl(...version, https("/json")), /Hypertext/);
  });

  it("keeps one connection for several requests", async () => {
    const out = await curl(
      "-w",
      "%{num_connects} ",
      "-o",
      "/dev/null",
      "-o",
      "/dev/null",
      https("/get"),
      https("/json"),
    );
    assert.equal(out, "1 0 ");
  });

  it("compressed, chunked, redirected", async () => {
    for (const coding of ["gzip", "deflate", "br"])
      assert.match(await curl("--compressed", https(`/${coding}`)), new RegExp(coding));
    assert.notEqual(await curl(https("/chunked?count=3")), "");
    assert.equal(
      await curl("-L", "-o", "/dev/null", "-w", "%{http_code} %{num_redirects}", https("/redirect/2")),
      "200 2",
    );
  });

  it("uploads with and without Expect, and chunked", async () => {
    const file = join(home, "upload.bin");
    writeFileSync(file, Buffer.alloc(3_000_000, 1));
    for (const extra of [[], ["-H", "Expect:"], ["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"]]) {
      const answer = await curl(...extra, "-F", `file=@${file}`, https("/upload"));
      assert.match(answer, /3000000/);
    }
    assert.equal(await curl("-T", file, "-o", "/dev/null", "-w", "%{http_code}", https("/put")), "200");
  });

  it("downloads 20 MB unchanged", async () => {
    const direct = await run("sh", ["-c", `curl -sS --noproxy '*' ${http("/download/20MB")} | sha256sum`]);
    const through = ["curl", "-sS", "--noproxy", "''", "-x", waylay.proxyUrl, "--cacert", waylay.ready.ca];
    assert.equal(
      (await run("sh", ["-c", `${through.join(" ")} ${https("/download/20MB")} | sha256sum`])).stdout,
      direct.stdout,
    );
  });

  it("HTTP/1.0, HEAD, -p tunnels of plain HTTP", async () => {
    assert.match(await curl("-0", https("/json")), /Hypertext/);
    assert.match(await curl("-I", https("/json")), /^HTTP\/1.1 200 /m);
    assert.match(await curl("-p", http("/json")), /Hypertext/);
  });

  it("that does not trust us fails, and is a flow that says why", async () => {
    const untrusting = ["-sS", "--max-time", "10", "--noproxy", "", "-x", waylay.proxyUrl];
    await assert.rejects(run("curl", [...untrusting, https("/json", "127.0.0.1")]), /certificate/i);
    const refused = () => waylay.flows.find(flow => flow.method === "CONNECT" && flow.error !== null);
    await waylay.until(() => refused() !== undefined);
    assert.equal((refused()?.error as { code: string } | undefined)?.code, "client-tls-refused");
  });

  it("gets the certificate page and the root from waylay.test", async () => {
    assert.match(await curl("http://waylay.test/"), /waylay ca install/);
    assert.match(await curl("http://waylay.test/root.crt"), /BEGIN CERTIFICATE/);
  });
});

describe("openssl s_client", { skip }, () => {
  const connect = async (...args: string[]) => {
    const proxy = waylay.proxyUrl.replace("http://", "");
    const base = ["s_client", "-proxy", proxy, "-connect", `localhost:${origin.port}`, "-CAfile", waylay.ready.ca];
    const child = spawn("openssl", [...base, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    child.stdout.on("data", text => (out += text));
    child.stderr.on("data", text => (out += text));
    child.stdin.on("error", () => undefined);
    child.stdin.end("GET /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const timer = setTimeout(() => child.kill(), 15_000);
    await new Promise(resolve => child.on("close", resolve));
    clearTimeout(timer);
    return out;
  };

  it("finds the chain good, with and without a name, by TLS 1.2 and 1.3", async () => {
    for (const args of [["-tls1_2"], ["-tls1_3"], ["-noservername"], ["-servername", "localhost"]]) {
      const out = await connect("-verify_return_error", "-ign_eof", ...args);
      assert.match(out, /Verify return code: 0 \(ok\)/);
      assert.match(out, /Hypertext/);
    }
  });

  it("is refused below TLS 1.2", async () => {
    for (const version of ["-tls1", "-tls1_1"]) {
      assert.doesNotMatch(await connect(version, "-cipher", "DEFAULT:@SECLEVEL=0"), /Hypertext/);
    }
  });

  it("is refused renegotiation", async () => {
    const proxy = waylay.proxyUrl.replace("http://", "");
    const script = `(sleep 0.5; echo R; sleep 1) | openssl s_client -tls1_2 -proxy ${proxy} -connect localhost:${origin.port} 2>&1`;
    const { stdout } = await run("sh", ["-c", `${script} || true`]);
    assert.match(stdout, /no renegotiation|RENEGOTIATING[\s\S]*(alert|error)/i);
  });
});
