import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type BodyDiff, diffBodies } from "../../src/flow/diff/bodies.ts";
import { diffFields } from "../../src/flow/diff/fields.ts";
import { diffFlows } from "../../src/flow/diff/flows.ts";
import { diffJson } from "../../src/flow/diff/json.ts";
import type { WholeFlow } from "../../src/flow/model.ts";
import { flow } from "../support/flows.ts";

const body = { size: 0, recorded: 0, truncated: false, encoding: null };

function whole(changes: Partial<WholeFlow> = {}): WholeFlow {
  const message = { head: null, headers: [["A", "1"]] as const, trailers: [], body };
  return { ...flow(), request: message, response: message, interim: [], ...changes };
}

function bodies(a: string | Uint8Array, b: string | Uint8Array): BodyDiff {
  const content = (each: string | Uint8Array) =>
    typeof each === "string" ? { bytes: Buffer.from(each), text: each } : { bytes: each, text: null };
  return diffBodies(content(a), content(b));
}

describe("two flows", () => {
  it("are the same whatever their ids and times", () => {
    const a = { flow: whole(), request: null, response: null };
    const b = {
      flow: whole({ id: 9, startedAt: 1, duration: 3, connection: { client: 5, server: 6 } }),
      request: null,
      response: null,
    };
    assert.equal(diffFlows(a, b).same, true);
  });

  it("differ in facts, fields and bodies", () => {
    const a = { flow: whole(), request: null, response: { bytes: Buffer.from("x"), text: "x" } };
    const b = { flow: whole({ status: 404, reason: "Not Found", response: null }), request: null, response: null };
    const { same, facts, response } = diffFlows(a, b);
    assert.equal(same, false);
    assert.deepEqual(facts, [
      { name: "status", a: 200, b: 404 },
      { name: "reason", a: "OK", b: "Not Found" },
    ]);
    assert.deepEqual(response?.headers, [{ name: "A", a: ["1"], b: [] }]);
    assert.equal(response?.body.kind, "text");
  });
});

it("fields are compared by name, whatever their case and the order of different ones", () => {
  const a = [
    ["Host", "x"],
    ["Accept", "1"],
    ["accept", "2"],
    ["Gone", ""],
  ] as const;
  const b = [
    ["ACCEPT", "2"],
    ["accept", "1"],
    ["New", "n"],
    ["host", "x"],
  ] as const;
  assert.deepEqual(diffFields(a, b), [
    { name: "Accept", a: ["1", "2"], b: ["2", "1"] },
    { name: "Gone", a: [""], b: [] },
    { name: "New", a: [], b: ["n"] },
  ]);
});

describe("bodies", () => {
  it("of JSON differ by path", () => {
    assert.deepEqual(bodies('{"a":1,"list":[1,{"b":2}],"x y":null}', '{"list":[1,{"b":3},4],"a":1,"new":[]}'), {
      kind: "json",
      more: false,
      changes: [
        { path: "$.list[1].b", kind: "changed", a: 2, b: 3 },
        { path: "$.list[2]", kind: "added", b: 4 },
        { path: '$["x y"]', kind: "removed", a: null },
        { path: "$.new", kind: "added", b: [] },
      ],
    });
    const many = bodies(JSON.stringify(Array(2000).fill(1)), JSON.stringify(Array(2000).fill(2)));
    assert.ok(many.kind === "json" && many.more && many.changes.length === 500);
    assert.equal(bodies('{"a":1}', '{ "a": 1 }').kind, "text", "spelling alone");
  });

  it("of text differ by lines, others by bytes", () => {
    const text = bodies("one\ntwo\nthree\n", "one\n2\nthree\n");
    assert.ok(text.kind === "text");
    assert.match(text.patch, /^-two$/m);
    assert.match(text.patch, /^\+2$/m);
    assert.deepEqual(bodies(Buffer.from([1, 2, 3]), Buffer.from([1, 9])), { kind: "bytes", a: 3, b: 2, from: 1 });
    assert.deepEqual(bodies(Buffer.from([1]), Buffer.from([1])), { kind: "same" });
    assert.deepEqual(diffBodies(null, null), { kind: "same" });
  });

  it("that have nothing in common are given up on in time", () => {
    const lines = (seed: number) => Array.from({ length: 50_000 }, (_, i) => `${seed}-${i}`).join("\n");
    const before = performance.now();
    assert.equal(bodies(lines(1), lines(2)).kind, "bytes");
    assert.ok(performance.now() - before < 5000);
  });
});

it("JSON: no change if and only if the values are equal", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.json({ maxDepth: 4 }), (a, b) => {
      const [x, y] = [JSON.parse(a), JSON.parse(b)];
      assert.deepEqual(diffJson(x, JSON.parse(a), 100), []);
      assert.equal(diffJson(x, y, 100).length === 0, isDeepStrictEqual(x, y));
    }),
  );
});
