// Two sessions compared by method and URL pattern.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffSessions } from "../../src/flow/diff/sessions.ts";
import { quantile } from "../../src/flow/quantile.ts";
import { urlPattern } from "../../src/flow/url-pattern.ts";
import { flow } from "../support/flows.ts";

describe("the pattern of a URL", () => {
  for (const [url, pattern] of [
    ["https://h/users/17", "https://h/users/*"],
    ["https://h/users/17/posts?page=2&a=1&page=3", "https://h/users/*/posts?a&page"],
    ["https://h/f47ac10b-58cc-4372-a567-0e02b2c3d479/x", "https://h/*/x"],
    ["https://h/deadbeefdeadbeef1234", "https://h/*"],
    ["https://h:8080", "https://h:8080"],
    ["https://h/?", "https://h/"],
    ["https://h/internationalisation/v2", "https://h/internationalisation/v2"],
  ] as const) {
    it(url, () => assert.equal(urlPattern(url), pattern));
  }
});

it("quantiles are by nearest rank", () => {
  assert.equal(quantile([], 0.5), null);
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.95), 4);
  assert.equal(quantile([7], 0), 7);
});

describe("two sessions", () => {
  const at = (url: string, changes: Parameters<typeof flow>[0] = {}) => flow({ url, ...changes });

  it("differ by what is new and gone", () => {
    const diff = diffSessions([at("https://h/a/1"), at("https://h/b")], [at("https://h/a/2"), at("https://h/c")]);
    assert.deepEqual(
      [diff.new.map(each => each.pattern), diff.gone.map(each => each.pattern)],
      [["https://h/c"], ["https://h/b"]],
    );
    assert.equal(diff.same, 1);
    assert.equal(diffSessions([at("https://h/a")], [at("https://h/a", { method: "POST" })]).new.length, 1);
  });

  it("by status and type", () => {
    const error = { code: "connect-refused", message: "" };
    const diff = diffSessions(
      [at("https://h/a"), at("https://h/b"), at("https://h/c")],
      [at("https://h/a", { status: 502, error }), at("https://h/b", { contentType: "text/html" }), at("https://h/c")],
    );
    assert.deepEqual(
      diff.changed.map(each => [each.pattern, each.b.statuses, each.b.types]),
      [
        ["https://h/a", ["error"], ["application/json"]],
        ["https://h/b", ["200"], ["text/html"]],
      ],
    );
  });

  it("by time, where the median grew enough to mean something", () => {
    const took = (url: string, ...durations: number[]) => durations.map(duration => at(url, { duration }));
    const diff = diffSessions(
      [...took("https://h/a", 40, 50, 60), ...took("https://h/b", 1, 1, 1), ...took("https://h/c", 1000)],
      [...took("https://h/a", 40, 90, 100), ...took("https://h/b", 3, 3, 3), ...took("https://h/c", 1050)],
    );
    assert.deepEqual(
      diff.slower.map(each => [each.pattern, each.a.duration, each.b.duration]),
      [["https://h/a", 50, 90]],
    );
  });
});
