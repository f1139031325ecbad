import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { pause } from "../support/peer.ts";
import { rawClient, tunnelClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

describe("close()", () => {
  it("lets an exchange in flight finish, writes it, and takes no new clients", async t => {
    const engine = await startEngine(t, { limits: { shutdownMs: 3_000 } });
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/in-flight"));
    const there = await origin.connection();
    await there.head();
    const closed = engine.close();
    await pause(100);
    await assert.rejects(rawClient(t, engine.port()), /ECONNREFUSED/);
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone");
    assert.equal((await client.answer()).content, "done");
    await closed;
    await client.left();
    const { id } = await engine.flow(flow => flow.path === "/in-flight");
    const { flow, response } = await engine.recorded(id);
    assert.deepEqual([flow.state, response.toString()], ["complete", "done"]);
  });

  it("cuts what does not finish in time, and records it as that", async t => {
    const engine = await startEngine(t, { limits: { shutdownMs: 300 } });
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/never"));
    await (await origin.connection()).head();
    const tunnel = await tunnelClient(t, engine.port(), origin.authority);
    tunnel.send("\x00");
    await (await origin.connection()).take(1);
    const half = await rawClient(t, engine.port());
    half.send("GET http://");
    await engine.close();
    for (const peer of [client, tunnel, half]) await peer.left();
    const flow = await engine.flow(f => f.path === "/never");
    assert.equal(flow.state, "error");
    assert.equal((await engine.recorded(flow.id)).flow.state, "error");
  });

  it("is soon done where nothing is in flight", async t => {
    const engine = await startEngine(t, { limits: { shutdownMs: 60_000 } });
    await rawClient(t, engine.port());
    await engine.close();
  });
});
