// flows.replay against a running gateway: what reaches the origin the second time, and what is recorded of it.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { RemoteError } from "../../src/control/client.ts";
import { startScene } from "./scene.ts";

const scene = await startScene({ after });
const { client, engine, via, origin } = scene;

async function idOf(path: string): Promise<number> {
  return (await engine.flow(flow => flow.path === path)).id;
}

describe("flows.replay", () => {
  it("sends the very head again and records a flow of its own", async () => {
    await via("/anything/again", { headers: { "X-Odd-CASE": "1", Cookie: "a=1" } });
    const id = await idOf("/anything/again");
    const { ids } = await client.call("flows.replay", { id });
    assert.equal(ids.length, 1);
    const { flow } = await client.call("flows.get", { id: ids[0]! });
    assert.equal(flow.replayed, true);
    assert.equal(flow.path, "/anything/again");
    const before = (await client.call("flows.get", { id })).flow;
    const same = (name: string) => before.request.headers.find(field => field[0] === name);
    assert.deepEqual(
      flow.request.headers.find(field => field[0] === "X-Odd-CASE"),
      same("X-Odd-CASE"),
    );
    assert.equal(flow.status, before.status);
  });

  it("makes the edits asked for", async () => {
    const id = await idOf("/anything/again");
    const { ids } = await client.call("flows.replay", {
      id,
      edits: {
        method: "POST",
        url: `${origin}/anything/edited?x=1`,
        headers: [["X-New", "2"]],
        body: { text: "hello" },
      },
      times: 2,
    });
    assert.equal(ids.length, 2);
    const { flow } = await client.call("flows.get", { id: ids[1]! });
    assert.equal(flow.method, "POST");
    assert.equal(flow.path, "/anything/edited?x=1");
    assert.deepEqual(
      flow.request.headers.filter(([name]) => name !== "Host"),
      [
        ["X-New", "2"],
        ["Content-Length", "5"],
      ],
    );
    assert.equal(flow.request.body.size, 5);
  });

  it("says what is wrong with edits and ids", async () => {
    const id = await idOf("/anything/again");
    await assert.rejects(client.call("flows.replay", { id: 999_999 }), RemoteError);
    await assert.rejects(client.call("flows.replay", { id, edits: { url: "nonsense" } }), /no http or https URL/);
  });
});
