import assert from "node:assert/strict";
import { it } from "node:test";
import { compileRegex, expand, type Regex, replaceAll } from "../../src/match/regex.ts";

function regex(source: string, flags = ""): Regex {
  const compiled = compileRegex(source, flags);
  assert.ok(compiled.ok, compiled.ok ? "" : compiled.message);
  return compiled.regex;
}

it("a catastrophic pattern takes linear time", () => {
  const started = performance.now();
  assert.equal(regex("^(a+)+$").test(`${"a".repeat(20_000)}b`), false);
  assert.equal(regex("(x+x+)+y").test("x".repeat(20_000)), false);
  assert.ok(performance.now() - started < 1000);
});

it("groups by number and name", () => {
  const match = regex("/users/(?<id>\\d+)(/x)?").exec("GET /users/42");
  assert.deepEqual(match?.groups, ["/users/42", "42", undefined]);
  assert.equal(match?.named.id, "42");
  assert.equal(expand("$1-${id}-$$-$&-${none}", match!), "42-42-$-/users/42-${none}");
});

it("replaces like JavaScript does", () => {
  for (const [source, text, replacement] of [
    ["a", "banana", "o"],
    ["(\\w+)@(\\w+)", "me@here you@there", "$2 at $1"],
    ["", "abc", "-"],
    ["x*", "axxb", "_"],
    ["z", "abc", "y"],
  ] as const) {
    assert.equal(replaceAll(regex(source), text, replacement), text.replace(new RegExp(source, "g"), replacement));
  }
});

it("says why a pattern is not taken", () => {
  for (const [source, why] of [
    ["(a)\\1", /backreferences/],
    ["a(?=b)", /look-around/],
    ["(", /missing/],
    ["a".repeat(5000), /longer than/],
  ] as const) {
    const compiled = compileRegex(source);
    assert.ok(!compiled.ok);
    assert.match(compiled.message, why);
  }
  assert.ok(!compileRegex("a", "x").ok);
});
