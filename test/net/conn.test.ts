// Conn keeps a fault of ours to the connection that it happened on.
import assert from "node:assert/strict";
import { it } from "node:test";
import { DISCARD } from "../../src/net/conn.ts";
import { Deadlines } from "../../src/net/deadlines.ts";
import { localConn } from "../../src/net/pipe.ts";

function scene() {
  const bugs: unknown[] = [];
  let closed = 0;
  const deadlines = new Deadlines(() => performance.now(), 1000);
  const watcher = { onClosed: () => closed++, onBug: (_conn: unknown, error: unknown) => bugs.push(error) };
  const { conn, client } = localConn(1, deadlines, 0, watcher);
  return { conn, client, deadlines, bugs, closed: () => closed };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

it("a handler that throws ends its connection and is told of", async () => {
  const { conn, client, bugs, closed, deadlines } = scene();
  const fault = new Error("ours");
  conn.handler = {
    ...DISCARD,
    onData: () => {
      throw fault;
    },
  };
  client.write("x");
  await turn();
  await turn();
  assert.deepEqual(bugs, [fault]);
  assert.equal(conn.closed, true);
  assert.equal(closed(), 1);
  assert.equal(deadlines.size, 0);
});

it("a deadline that throws does the same", async () => {
  const { conn, bugs } = scene();
  conn.deadline(0, () => {
    throw new Error("late");
  });
  conn.due();
  await turn();
  assert.equal(bugs.length, 1);
  assert.equal(conn.closed, true);
});

it("bytes and ends pass a pipe both ways", async () => {
  const { conn, client } = scene();
  const heard: string[] = [];
  let ended = false;
  conn.handler = { ...DISCARD, onData: chunk => heard.push(chunk.toString()), onEnd: () => (ended = true) };
  client.write("to the engine");
  conn.write(Buffer.from("to the client"));
  await turn();
  assert.deepEqual(heard, ["to the engine"]);
  assert.equal(client.read()?.toString(), "to the client");
  client.end();
  await turn();
  await turn();
  assert.equal(ended, true);
});
