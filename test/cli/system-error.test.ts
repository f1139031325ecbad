import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { errorLine } from "../../src/cli/system-error.ts";

function caught(attempt: () => unknown): unknown {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
}

it("what the system says becomes a line in words", () => {
  assert.equal(errorLine(caught(() => readFileSync("/none"))), "/none: no such file or folder");
  assert.equal(errorLine(caught(() => mkdirSync("/dev/null/x"))), "/dev/null/x: a part of its path is no folder");
});

it("everything else keeps its message, on one line", () => {
  assert.equal(errorLine(new Error("two\n  lines")), "two lines");
  assert.equal(errorLine("a string"), "a string");
});
