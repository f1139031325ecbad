// The origin as a program of its own: ready line, requests told, ends at SIGTERM with status 0.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

function origin(...args: string[]): ChildProcessWithoutNullStreams {
  const code = `import(${JSON.stringify(main)}).then(({ run }) => run(["node", "waylay", "origin", ...process.argv.slice(1)]))`;
  return spawn(process.execPath, ["--import", "tsx", "-e", code, "--", ...args]);
}

test("serves HTTPS with a certificate from the root in its home, tells of requests, ends when asked", async t => {
  const home = mkdtempSync(join(tmpdir(), "waylay-origin-"));
  const child = origin("--port", "0", "--tls", "--json", "--home", home);
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = JSON.parse((await lines.next()).value);
  assert.equal(ready.event, "ready");
  assert.equal(ready.http, `http://127.0.0.1:${ready.port}/`);
  assert.equal(ready.https, `https://localhost:${ready.port}/`);

  const ca = readFileSync(join(home, "ca", "root.crt"), "utf8");
  const [response] = await once(get(new URL("/status/404", ready.https), { ca, agent: false }), "response");
  assert.equal(response.statusCode, 404);
  response.resume();
  const told = JSON.parse((await lines.next()).value);
  assert.deepEqual(
    [told.event, told.method, told.url, told.status, told.complete],
    ["request", "GET", "/status/404", 404, true],
  );

  const taken = origin("--port", String(ready.port));
  const complaint: Buffer[] = [];
  taken.stderr.on("data", chunk => complaint.push(chunk));
  assert.equal((await once(taken, "close"))[0], 2);
  assert.match(Buffer.concat(complaint).toString(), /^waylay: 127\.0\.0\.1 port \d+ is taken\n$/);

  child.kill("SIGTERM");
  assert.equal((await once(child, "close"))[0], 0);
});
