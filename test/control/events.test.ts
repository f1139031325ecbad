// Live events over the socket.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { ControlClient } from "../../src/control/client.ts";
import type { FlowSummary } from "../../src/flow/model.ts";
import { eventually } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";
import { startScene } from "./scene.ts";

const scene = await startScene({ after });

/** What a client hears, as `name path status`. */
function ear(client: ControlClient): string[] {
  const heard: string[] = [];
  client.listen(({ method, params }) => {
    const flow = params.flow as FlowSummary | undefined;
    heard.push(flow === undefined ? `${method} ${JSON.stringify(params)}` : `${method} ${flow.path} ${flow.status}`);
  });
  return heard;
}

/** A request that is answered when the test says so. */
async function held(t: { after(f: () => unknown): void }, path: string) {
  const origin = await rawOrigin(t);
  const client = await rawClient(t, scene.engine.port());
  client.send(origin.get(path));
  const there = await origin.connection();
  await there.head();
  return {
    answer: (status: number) => there.send(`HTTP/1.1 ${status} X\r\nX-Mark: yes\r\nContent-Length: 4\r\n\r\nbody`),
  };
}

describe("events", () => {
  it("of a flow come in order, from its start to its end", async t => {
    const client = await scene.connect();
    const heard = ear(client);
    await client.call("events.subscribe", {});
    const { answer } = await held(t, "/order");
    await eventually(() => heard.includes("flow.started /order null"));
    answer(200);
    await eventually(() => heard.at(-1) === "flow.completed /order 200");
    assert.equal(heard[0], "flow.started /order null");
  });

  it("a filter chooses; a flow that was told of is told of to its end", async t => {
    const client = await scene.connect();
    const heard = ear(client);
    await client.call("events.subscribe", { filter: "is:active path:/watched" });
    const { answer } = await held(t, "/watched");
    await scene.via("/get?other");
    await eventually(() => heard.length > 0);
    answer(201);
    await eventually(() => heard.includes("flow.completed /watched 201"));
    assert.ok(
      heard.every(line => line.includes("/watched")),
      heard.join("\n"),
    );
  });

  it("a filter on headers or bodies tells of finished flows, judged by the recording", async t => {
    const client = await scene.connect();
    const heard = ear(client);
    await client.call("events.subscribe", { filter: "response.header.x-mark:yes" });
    const { answer } = await held(t, "/marked");
    await scene.via("/get?unmarked");
    answer(200);
    await eventually(() => heard.length > 0);
    assert.deepEqual(heard, ["flow.completed /marked 200"]);
  });

  it("several subscriptions of one client are told apart, and end one by one", async () => {
    const client = await scene.connect();
    const heard: unknown[] = [];
    client.listen(({ params }) => heard.push(params.subscription));
    const events = ["flow.completed" as const];
    const { subscription: all } = await client.call("events.subscribe", { events });
    const { subscription: bad } = await client.call("events.subscribe", { events, filter: "status:5xx" });
    await scene.via("/status/500");
    await eventually(() => heard.length === 2);
    assert.deepEqual(heard.sort(), [all, bad].sort());
    assert.deepEqual(await client.call("events.unsubscribe", { subscription: all }), { ended: true });
    assert.deepEqual(await client.call("events.unsubscribe", { subscription: all }), { ended: false });
    assert.deepEqual(
      await scene.client.call("events.unsubscribe", { subscription: bad }),
      { ended: false },
      "not theirs",
    );
    await scene.via("/status/501");
    await eventually(() => heard.length === 3);
    assert.equal(heard[2], bad);
  });

  it("deletions and what waylay says come too", async () => {
    const client = await scene.connect();
    const heard = ear(client);
    const { subscription } = await client.call("events.subscribe", { events: ["flows.deleted", "log"] });
    await scene.via("/get?doomed");
    const { ids } = await client.call("flows.delete", { filter: "query.doomed:*" });
    await eventually(() => heard.length > 0);
    assert.deepEqual(
      heard.map(line => line.replace(/"eventId":"[^"]*",/, "")),
      [`flows.deleted ${JSON.stringify({ subscription, ids })}`],
    );
  });

  it("who comes back goes on after the last event it heard, or is told that it cannot", async () => {
    const first = await scene.connect();
    let last: unknown;
    first.listen(({ params }) => {
      last = params.eventId;
    });
    await first.call("events.subscribe", { events: ["flow.completed"] });
    await scene.via("/get?before");
    await eventually(() => last !== undefined);
    first.close();
    await scene.via("/get?between=1");
    await scene.via("/get?between=2");
    const again = await scene.connect();
    const heard = ear(again);
    await again.call("events.subscribe", { events: ["flow.completed"], after: String(last) });
    await scene.via("/get?afterwards");
    await eventually(() => heard.length === 3);
    assert.deepEqual(
      heard.map(line => line.split(" ")[1]),
      ["/get?between=1", "/get?between=2", "/get?afterwards"],
    );
    for (const after of ["zzz-1", `${String(last).split("-")[0]}-999999`, "nonsense", ""]) {
      const lost = await scene.connect();
      const told = ear(lost);
      const { subscription } = await lost.call("events.subscribe", { after });
      assert.deepEqual(told, [`resync {"subscription":${subscription},"missed":null}`], after);
    }
  });
});
