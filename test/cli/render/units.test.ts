import assert from "node:assert/strict";
import { it } from "node:test";
import { durationText, sizeText } from "../../../src/cli/render/units.ts";

it("sizes fit seven characters and never round into four digits", () => {
  const cases: [number | null, string][] = [
    [null, ""],
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1234, "1.2 kB"],
    [99_949, "99.9 kB"],
    [99_951, "100 kB"],
    [999_499, "999 kB"],
    [999_501, "1.0 MB"],
    [16_000_000, "16.0 MB"],
    [5e12, "5.0 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(sizeText(bytes), text);
  for (let bytes = 1; bytes < 1e14; bytes = bytes * 1.07 + 1) assert.ok(sizeText(bytes).length <= 7, sizeText(bytes));
});

it("durations fit seven characters", () => {
  const cases: [number | null, string][] = [
    [null, ""],
    [0.04, "0.0 ms"],
    [9.94, "9.9 ms"],
    [9.96, "10 ms"],
    [999.6, "1.00 s"],
    [9_994, "9.99 s"],
    [12_345, "12.3 s"],
    [59_960, "1m 00s"],
    [185_000, "3m 05s"],
    [7_800_000, "2h 10m"],
  ];
  for (const [ms, text] of cases) assert.equal(durationText(ms), text);
  for (let ms = 0.01; ms < 1e8; ms *= 1.07) assert.ok(durationText(ms).length <= 7, durationText(ms));
});
