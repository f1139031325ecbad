// `waylay flows stats` on what a running gateway recorded.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { startScene } from "../../control/scene.ts";
import { notedIo } from "../../support/io.ts";

const { engine, via, origin } = await startScene({ after });

async function stats(...args: string[]) {
  const io = notedIo();
  await run(["node", "waylay", "flows", "stats", "--home", engine.home, ...args], io);
  return io;
}

it("as tables and as JSON, of all flows or those that match", async () => {
  for (const path of ["/html", "/json", "/status/404"]) await via(path);
  await engine.flow(flow => flow.path === "/status/404");
  const { stdout } = await stats();
  assert.match(stdout, /^all +3 +0 /m);
  assert.ok(stdout.includes(new URL(origin).host));
  assert.match(stdout, /^text\/html +1 /m);
  assert.match(stdout, /^404 +1 /m);
  assert.match(stdout, /^slowest\n +\d+ .*GET http:/m);
  const found = JSON.parse((await stats("status:404", "--json")).stdout);
  assert.deepEqual([found.flows, found.statuses.length, found.hosts[0].p50 > 0], [1, 1, true]);
  const wrong = await stats("--top", "few");
  assert.match(wrong.stderr, /--top: "few" is no number/);
  assert.equal(wrong.exitCode, 2);
});
