// HTTP/2 clients of other people through the program: curl, nghttp and h2load, and Chromium.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { makeCertificates } from "../support/certificates.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
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
  const modes = ["--mode", "regular@0", "--mode", `reverse:https://localhost:${origin.port}@0`];
  const trust = ["--upstream-ca", certificates.file("root.pem")];
  waylay = await startWaylay({ after }, { home }, ...modes, "--http2", "always", ...trust);
}
const https = (path: string) => `https://localhost:${origin.port}${path}`;
const reverse = (path: string) => `https://localhost:${waylay.ready.proxy[1]?.port}${path}`;

async function curl(...args: string[]): Promise<string> {
  const common = ["-sS", "--max-time", "20", "--noproxy", "", "-x", waylay.proxyUrl, "--cacert", waylay.ready.ca];
  return (await run("curl", [...common, ...args], { maxBuffer: 64 << 20, encoding: "latin1" })).stdout;
}

describe("curl --http2", { skip }, () => {
  it("agrees on h2, and is recorded as what it spoke", async () => {
    assert.match(await curl("--http2", "-w", "%{http_version}", https("/json?h2")), /Hypertext[\s\S]*2$/);
    assert.match(await curl("--http1.1", "-w", "%{http_version}", https("/json?h1")), /Hypertext[\s\S]*1\.1$/);
    await waylay.until(() => waylay.flows.some(flow => String(flow.url).endsWith("?h2")));
    const flow = waylay.flows.find(one => String(one.url).endsWith("?h2"));
    assert.deepEqual(flow?.httpVersion, { client: "2", server: "1.1" });
  });

  it("uploads and downloads, with and without a length, unchanged", async () => {
    const file = join(home, "upload.bin");
    writeFileSync(file, Buffer.alloc(5_000_000, 7));
    assert.match(await curl("-F", `file=@${file}`, https("/upload")), /5000000/);
    assert.match(await curl("-H", "Expect: 100-continue", "-F", `file=@${file}`, https("/upload")), /5000000/);
    const status = await run("sh", [
      "-c",
      `cat ${file} | curl -sS --noproxy '' -x ${waylay.proxyUrl} --cacert ${waylay.ready.ca} -T - -o /dev/null -w '%{http_code} %{size_upload}' ${https("/put")}`,
    ]);
    assert.equal(status.stdout, "200 5000000");
    const out = join(home, "download.bin");
    const direct = join(home, "direct.bin");
    await curl("-o", out, https("/download/20MB"));
    await run("curl", ["-sS", "--noproxy", "*", "-o", direct, `http://127.0.0.1:${origin.port}/download/20MB`]);
    const sum = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    assert.equal(sum(out), sum(direct));
  });

  it("prior knowledge, HEAD, chunked, compressed, redirects", async () => {
    const plain = `http://127.0.0.1:${origin.port}/json`;
    assert.match(await curl("-p", "--http2-prior-knowledge", "-w", "%{http_version}", plain), /Hypertext[\s\S]*2$/);
    assert.match(await curl("-I", https("/json")), /^HTTP\/2 200 /m);
    assert.notEqual(await curl(https("/chunked?count=3")), "");
    assert.match(await curl("--compressed", https("/br")), /br/);
    assert.equal(await curl("-L", "-o", "/dev/null", "-w", "%{http_code}", https("/redirect/2")), "200");
  });

  it("many at once on one connection", async () => {
    const urls = Array.from({ length: 60 }, (_, i) => https(`/json?${i}`));
    const out = await curl("-Z", "--parallel-max", "60", ...urls);
    assert.equal(out.match(/Hypertext/g)?.length, 60);
  });
});

describe("nghttp and h2load", { skip: skip || skipWithout("nghttp", "h2load") }, () => {
  it("nghttp with priorities, padding and small windows", async () => {
    const { stdout } = await run("nghttp", [
      "-nv",
      "--no-verify-peer",
      "-b",
      "64",
      "-w",
      "10",
      "-W",
      "10",
      reverse("/json"),
    ]);
    assert.match(stdout, /:status: 200/);
    assert.doesNotMatch(stdout, /RST_STREAM|[A-Z]_ERROR(?<!NO_ERROR)/);
  });

  it("h2load: 5,000 requests on 32 streams, all answered, all recorded", async () => {
    const before = waylay.flows.length;
    const { stdout } = await run("h2load", ["-n", "5000", "-c", "1", "-m", "32", reverse("/json?load")], {
      maxBuffer: 1 << 20,
    });
    assert.match(stdout, /5000 succeeded, 0 failed, 0 errored/);
    await waylay.until(() => waylay.flows.length >= before + 5000);
  });
});

describe("Chromium", { skip: skip || skipWithout("chromium", "certutil") }, () => {
  it("speaks h2 with us, for pages, uploads and many requests at once", async () => {
    const nssdb = join(home, ".pki", "nssdb");
    mkdirSync(nssdb, { recursive: true });
    outputOf("certutil", "-d", `sql:${nssdb}`, "-N", "--empty-password");
    outputOf("certutil", "-d", `sql:${nssdb}`, "-A", "-t", "C,,", "-n", "waylay", "-i", waylay.ready.ca);
    const proxy = `--proxy-server=${waylay.proxyUrl.replace("http://", "")}`;
    const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
    const browser = await chromium.launchPersistentContext(join(home, "profile"), {
      executablePath: "/usr/bin/chromium",
      args: [...quiet, "--proxy-bypass-list=<-loopback>", proxy],
      env: { ...process.env, HOME: home },
    });
    try {
      const page = await browser.newPage();
      await page.goto(https("/"));
      await page.getByText("Hypertext Transfer Protocol").waitFor();
      const seen = await page.evaluate(async () => {
        const sizes = await Promise.all(
          Array.from({ length: 100 }, (_, i) => fetch(`/json?chromium=${i}`).then(answer => answer.text())),
        );
        const put = await fetch("/put", { method: "PUT", body: new Uint8Array(1_000_000) });
        const last = performance.getEntriesByType("resource").at(-1) as unknown as { nextHopProtocol: string };
        return {
          whole: sizes.every(text => text.includes("Hypertext")),
          put: put.status,
          protocol: last.nextHopProtocol,
        };
      });
      assert.deepEqual(seen, { whole: true, put: 200, protocol: "h2" });
    } finally {
      await browser.close();
    }
  });
});
