import assert from "node:assert/strict";
import { it } from "node:test";
import { paint } from "../../../src/cli/render/paint.ts";
import { timingLines } from "../../../src/cli/render/timings.ts";

const NONE = { blocked: -1, dns: -1, connect: -1, tls: -1, send: -1, wait: -1, receive: -1 };

it("phases follow one another; tls is the end of connect; what did not happen has no line", () => {
  const lines = timingLines({ ...NONE, connect: 40, tls: 20, send: 0, wait: 50, receive: 10 }, 20, paint(false));
  assert.deepEqual(lines, [
    "  connect    40 ms  ████████",
    "  tls        20 ms      ████",
    "  send      0.0 ms          ▏",
    "  wait       50 ms          ██████████",
    "  receive    10 ms                    ██",
  ]);
});

it("nothing known is no lines, and nothing is divided by zero", () => {
  assert.deepEqual(timingLines(NONE, 20, paint(false)), []);
  assert.deepEqual(timingLines({ ...NONE, wait: 0 }, 20, paint(false)), ["  wait      0.0 ms  ▏"]);
});
