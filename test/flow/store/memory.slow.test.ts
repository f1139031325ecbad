import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { record, scene } from "../scene.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // what the flag exposes

test("nothing of a finished flow stays: 200,000 flows leave the heap as 20,000 did", async () => {
  const { recorder, store } = await scene();
  const run = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      record(recorder, { path: `/${i}`, responseBody: "x".repeat(1000) });
      if (i % 500 !== 499) continue;
      await store.flush();
      await setImmediate();
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const early = await run(20_000);
  const late = await run(180_000);
  const grown = (late - early) / 1e6;
  // Eleven bytes a flow: no object is as small.
  assert.ok(grown < 2, `grew by ${grown.toFixed(1)} MB`);
});
