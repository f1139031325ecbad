// `waylay flows replay` against a running gateway.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { startScene } from "../../control/scene.ts";
import { notedIo } from "../../support/io.ts";

const { engine, client, via, origin } = await startScene({ after });

async function replay(...args: string[]) {
  const io = notedIo({ cwd: engine.home });
  await run(["node", "waylay", "flows", "replay", "--home", engine.home, ...args], io);
  return io;
}

async function recorded(path: string, ...rest: [object?, string?]): Promise<string> {
  await via(path, ...rest);
  return String((await engine.flow(flow => flow.path === path)).id);
}

it("sends it again as often as asked, and compares the answers", async () => {
  const id = await recorded("/status/404");
  const io = await replay(id, "--times", "3");
  assert.equal(io.stdout.match(/GET .*\/status\/404 .*404/g)?.length, 3);
  assert.equal(io.exitCode, 0);
});

it("with edits: of url, fields, body from a file; what differs in the answer is said", async () => {
  writeFileSync(join(engine.home, "body.json"), '{"a":1}');
  const id = await recorded("/anything/edited", { method: "POST", headers: { "X-Out": "1", "X-Set": "old" } }, "hello");
  const edits = ["method=PUT", `url=${origin}/anything/other`, "header=X-Out:", "header=x-set: new", "body=@body.json"];
  const io = await replay(id, "--json", ...edits.flatMap(edit => ["--edit", edit]));
  const { flow, diff } = JSON.parse(io.stdout);
  assert.equal(flow.method, "PUT");
  assert.equal(flow.path, "/anything/other");
  assert.equal(diff.same, false);
  assert.equal(diff.response.body.kind, "json");
  const { request } = (await client.call("flows.get", { id: flow.id })).flow;
  const names = request.headers.map(field => field.join(": "));
  assert.ok(names.includes("x-set: new"));
  assert.ok(!names.some(name => /^X-Out/.test(name)));
  assert.equal(request.body.size, 7);
  assert.match((await replay(id, "--edit", "body=bye")).stdout, /response body:\n/);
});

it("says what is wrong", async () => {
  const id = await recorded("/status/200");
  const wrong = async (says: RegExp, status: number, ...args: string[]) => {
    const io = await replay(...args);
    assert.match(io.stderr, says);
    assert.equal(io.exitCode, status);
  };
  await wrong(/is none of method=/, 2, id, "--edit", "colour=red");
  await wrong(/wants NAME:VALUE/, 2, id, "--edit", "header=x");
  await wrong(/cannot be read \(ENOENT\)/, 2, id, "--edit", "body=@nothing");
  await wrong(/is no number/, 2, id, "--times", "many");
  await wrong(/there is no flow 99999/, 1, "99999");
});
