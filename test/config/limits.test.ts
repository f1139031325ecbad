import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { LIMITS, limitsWith, parseLimit } from "../../src/config/limits.ts";

const SRC = join(import.meta.dirname, "../../src");

it("every limit is kept by somebody: one that nobody reads is only a word", () => {
  const sources = readdirSync(SRC, { recursive: true })
    .map(String)
    .filter(file => file.endsWith(".ts") && !file.startsWith(join("config", "limits")))
    .map(file => readFileSync(join(SRC, file), "utf8"))
    .join("\n");
  const unread = Object.keys(LIMITS).filter(key => !new RegExp(`\\b${key}\\b`).test(sources));
  assert.deepEqual(unread, []);
});

it("each is set by its name, in its unit", () => {
  for (const [key, { name, unit }] of Object.entries(LIMITS)) {
    const text = { bytes: "2KB", ms: "2s", count: "2000" }[unit];
    assert.deepEqual(parseLimit(`${name}=${text}`), { [key]: 2000 });
  }
});

it("what is not changed keeps its default", () => {
  const { headBytes, ...rest } = limitsWith({ headBytes: 1 });
  assert.equal(headBytes, 1);
  assert.deepEqual(rest, Object.fromEntries(Object.entries(limitsWith()).filter(([key]) => key !== "headBytes")));
});
