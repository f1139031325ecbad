import assert from "node:assert/strict";
import { after, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startEngine } from "../support/engine.ts";
import { rawClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const MIB = 1 << 20;
const engine = await startEngine({ after });
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // what --expose-gc exposes

it("a second 3,000 requests, each on a connection of its own, leave the heap as the first did", async () => {
  const round = async () => {
    const ends: (() => unknown)[] = [];
    const origin = await rawOrigin({ after: end => ends.push(end) }, { serve: answerEach });
    for (let i = 0; i < 3_000; i += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const closes: (() => unknown)[] = [];
          const client = await rawClient({ after: end => closes.push(end) }, engine.port());
          client.send(origin.get("/", "Connection: close\r\n"));
          await client.rest();
          for (const close of closes) close();
        }),
      );
    }
    for (const end of ends) await end();
    engine.flows.length = 0;
    collect();
    return process.memoryUsage();
  };
  const first = await round();
  const second = await round();
  const heap = second.heapUsed - first.heapUsed;
  assert.ok(heap < 8 * MIB, `the heap grew by ${(heap / MIB).toFixed(1)} MiB`);
  assert.ok(second.rss - first.rss < 48 * MIB, `memory grew by ${((second.rss - first.rss) / MIB).toFixed(1)} MiB`);
});

it("a body of 256 MiB passes in little memory", async t => {
  const size = 256 * MIB;
  const origin = await rawOrigin(t);
  const client = await rawClient(t, engine.port());
  client.socket.removeAllListeners("data");
  let heard = 0;
  const whole = new Promise<void>(resolve => {
    client.socket.on("data", chunk => {
      heard += chunk.length;
      if (heard >= size) resolve();
    });
  });
  client.send(origin.get("/big"));
  const there = await origin.connection();
  await there.head();
  collect();
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  t.after(() => clearInterval(watch));
  there.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  const piece = Buffer.alloc(MIB, "x");
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!there.socket.write(piece)) await new Promise(resolve => there.socket.once("drain", resolve));
  }
  await whole;
  assert.ok(most < 128 * MIB, `memory rose by ${(most / MIB).toFixed(1)} MiB`);
});
