import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Conn } from "../../src/net/conn.ts";
import { Deadlines } from "../../src/net/deadlines.ts";
import { eventually, pause } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

/** A connection of ours to a raw peer. */
async function scene(t: Parameters<typeof rawOrigin>[0]) {
  let now = 0;
  const deadlines = new Deadlines(() => now, 1_000);
  const origin = await rawOrigin(t);
  const near = await rawClient(t, origin.port);
  const there = await origin.connection();
  const faults: unknown[] = [];
  let closed = 0;
  const watcher = { onClosed: () => closed++, onBug: (_conn: Conn, error: unknown) => faults.push(error) };
  const conn = new Conn(1, "server", near.socket, deadlines, 0, watcher);
  return { conn, there, deadlines, faults, pass: (ms: number) => (now += ms), closed: () => closed };
}

describe("deadlines", () => {
  it("are called once when they are due, and not when they were taken back", async t => {
    const { conn, pass } = await scene(t);
    let called = 0;
    conn.deadline(5_000, () => called++);
    pass(4_000);
    await pause(700);
    assert.equal(called, 0);
    pass(2_000);
    await eventually(() => called === 1);
    pass(10_000);
    await pause(700);
    assert.equal(called, 1);
    conn.deadline(1, () => called++);
    conn.noDeadline();
    pass(10);
    await pause(700);
    assert.equal(called, 1);
  });

  it("forget a connection that is gone, and stop their timer with the last", async t => {
    const { conn, there, deadlines, closed } = await scene(t);
    assert.equal(deadlines.size, 1);
    conn.destroy();
    await there.left();
    await eventually(() => deadlines.size === 0 && closed() === 1);
  });

  it("hear of a reset on a connection that is not read from", async t => {
    const { conn, there, closed } = await scene(t);
    conn.pause();
    there.reset();
    await eventually(() => closed() === 1);
    assert.equal(conn.error?.code, "ECONNRESET");
  });
});

describe("a handler that throws", () => {
  it("costs its own connection, and is heard of", async t => {
    const { conn, there, faults } = await scene(t);
    const bug = new Error("a fault of ours");
    conn.handler = {
      onData() {
        throw bug;
      },
      onEnd() {},
      onDrain() {},
      onClose() {},
    };
    there.send("x");
    await there.left();
    assert.deepEqual(faults, [bug]);
  });
});
