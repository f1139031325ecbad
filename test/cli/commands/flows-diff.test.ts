// `waylay flows diff` on two session files.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { startScene } from "../../control/scene.ts";
import { notedIo } from "../../support/io.ts";

const before = await startScene({ after });
const now = await startScene({ after });

async function diff(...args: string[]) {
  const io = notedIo();
  await run(["node", "waylay", "flows", "diff", ...args], io);
  return io;
}

it("two sessions: what is gone, new, changed", async () => {
  const record = async ({ engine, via }: typeof before, ...paths: string[]) => {
    for (const path of paths) await via(path);
    await engine.flow(flow => flow.path === paths.at(-1));
    await engine.close();
    return engine.gateway.ready.session;
  };
  const a = await record(before, "/status/200", "/html");
  const b = await record(now, "/status/200", "/json");
  const io = await diff(a, b);
  // The origins have ports of their own, so that nothing is the same.
  assert.match(io.stdout, /^- GET http:.*\/html {2}200 {2}1×$/m);
  assert.match(io.stdout, /^\+ GET http:.*\/json {2}200 {2}1×$/m);
  assert.match(io.stdout, /2 gone, 2 new, 0 changed, 0 slower, 0 as before\n$/);
  assert.equal(io.exitCode, 1);
  const same = await diff(a, a, "--json");
  assert.deepEqual(JSON.parse(same.stdout), { new: [], gone: [], changed: [], slower: [], same: 2 });
  assert.equal(same.exitCode, 0);
  const missing = await diff(a, "/nowhere.waylay");
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stderr, /nowhere\.waylay/);
});
