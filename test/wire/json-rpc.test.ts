import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INVALID_REQUEST, LineReader, readRequest, TOO_LONG } from "../../src/wire/json-rpc.ts";

function lines(reader: LineReader, bytes: Uint8Array, cuts: readonly number[]): (string | typeof TOO_LONG)[] {
  const found: (string | typeof TOO_LONG)[] = [];
  for (let i = 0; i <= cuts.length; i++) {
    reader.push(bytes.subarray(cuts[i - 1] ?? 0, cuts[i] ?? bytes.length));
    for (let line = reader.next(); line !== null; line = reader.next()) found.push(line);
  }
  return found;
}

test("lines are the same however their bytes are cut, in the middle of characters too", () => {
  const bytes = Buffer.from('{"a":"äöü€😀"}\r\n\n  \n{"b":1}\nlast');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new LineReader(1000);
    assert.deepEqual(lines(reader, bytes, [cut]), ['{"a":"äöü€😀"}', '{"b":1}']);
    assert.equal(reader.rest(), "last");
  }
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 8 }).map(all => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(cuts, at => {
      assert.deepEqual(lines(new LineReader(1000), bytes, at), ['{"a":"äöü€😀"}', '{"b":1}']);
    }),
  );
});

test("a line over the limit is told once and skipped to its end; the next one counts again", () => {
  const bytes = Buffer.from(`${"x".repeat(50)}\n${"y".repeat(11)}\n${"z".repeat(10)}\n`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(lines(new LineReader(10), bytes, [cut]), [TOO_LONG, TOO_LONG, "z".repeat(10)]);
  }
});

test("requests are read strictly, and a fault answers with the id if there is one", () => {
  assert.deepEqual(readRequest({ jsonrpc: "2.0", id: 1, method: "a", params: { x: 1 } }), {
    id: 1,
    method: "a",
    params: { x: 1 },
  });
  assert.deepEqual(readRequest({ jsonrpc: "2.0", method: "a" }), { id: undefined, method: "a", params: undefined });
  const bad: [unknown, unknown, RegExp][] = [
    [1, null, /object/],
    [[], null, /object/],
    [{ jsonrpc: "2.0", id: {}, method: "a" }, null, /id must/],
    [{ jsonrpc: "1.0", id: 7, method: "a" }, 7, /jsonrpc/],
    [{ id: "x", method: "a" }, "x", /jsonrpc/],
    [{ jsonrpc: "2.0", id: 7 }, 7, /method/],
    [{ jsonrpc: "2.0", id: 7, method: "a", params: 3 }, 7, /params/],
  ];
  for (const [value, id, message] of bad) {
    const read = readRequest(value);
    assert.ok("error" in read, JSON.stringify(value));
    assert.deepEqual([read.id, read.error.code], [id, INVALID_REQUEST]);
    assert.match(read.error.message, message);
  }
});
