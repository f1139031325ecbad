import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldOf, fieldsNamed, readFields, readHead } from "../../src/flow/head.ts";

const cases: readonly (readonly [
  why: string,
  head: string,
  startLine: string,
  fields: readonly (readonly [string, string])[],
])[] = [
  [
    "order, case and repeats stay",
    "GET / HTTP/1.1\r\nb: 2\r\nA:1\r\nB:  3  \r\n\r\n",
    "GET / HTTP/1.1",
    [
      ["b", "2"],
      ["A", "1"],
      ["B", "3"],
    ],
  ],
  ["bare LF", "HTTP/1.1 200 OK\nA: 1\n\nbody: no", "HTTP/1.1 200 OK", [["A", "1"]]],
  ["obs-fold", "x\r\nA: 1\r\n\t 2\r\n\r\n", "x", [["A", "1 2"]]],
  ["a blank before the colon", "x\r\nA : 1\r\n\r\n", "x", [["A", "1"]]],
  ["no colon", "x\r\nnonsense\r\n\r\n", "x", [["nonsense", ""]]],
  ["bytes that are not ASCII are one character each", "x\r\nA: \xa0\xff\r\n\r\n", "x", [["A", "\xa0\xff"]]],
  ["empty lines before", "\r\n\r\nx\r\nA: 1\r\n\r\n", "x", [["A", "1"]]],
  ["cut short", "GET / HT", "GET / HT", []],
  ["nothing", "", "", []],
];

for (const [why, head, startLine, fields] of cases) {
  test(why, () => assert.deepEqual(readHead(Buffer.from(head, "latin1")), { startLine, fields }));
}

test("trailers are fields without a start line", () => {
  assert.deepEqual(readFields(Buffer.from("X-Sum: 1\r\n\r\n")), [["X-Sum", "1"]]);
});

test("fields are found in any case: the first, and all", () => {
  const fields = [
    ["Set-Cookie", "a"],
    ["X", "1"],
    ["set-cookie", "b"],
  ] as const;
  assert.equal(fieldOf(fields, "SET-COOKIE"), "a");
  assert.deepEqual(fieldsNamed(fields, "set-cookie"), ["a", "b"]);
  assert.equal(fieldOf(fields, "none"), null);
});

test("any bytes are a head, in time", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => assert.ok(Array.isArray(readHead(bytes).fields))));
  const begun = performance.now();
  readHead(Buffer.from(`x\r\nA: ${" ".repeat(500_000)}x\r\n\r\n`));
  assert.ok(performance.now() - begun < 1000);
});
