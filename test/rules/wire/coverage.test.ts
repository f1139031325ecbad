// An action without a test on the wire fails here.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { OFFERED_ACTIONS } from "../../../src/rules/actions/table.ts";

const tests = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith(".test.ts"))
  .map(file => readFileSync(join(import.meta.dirname, file), "utf8"))
  .join("\n");

/** Actions with a test file of their own beside this folder. */
const ELSEWHERE: Readonly<Record<string, string>> = { script: "../../proxy/scripts.test.ts" };

/** Its name begins a test, a group of them, or a row of a table of cases. */
function isTried(key: string): boolean {
  const elsewhere = ELSEWHERE[key];
  if (elsewhere !== undefined) return existsSync(join(import.meta.dirname, elsewhere));
  const name = key.replaceAll(".", "\\.");
  return new RegExp(`(?:it|describe)\\([\`"]${name}\\b|^  "${name}": {`, "m").test(tests);
}

for (const { key } of OFFERED_ACTIONS) {
  it(key, () => assert.ok(isTried(key), `no test in ${import.meta.dirname} is called ${key}`));
}
