import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Feed } from "../../src/flow/feed.ts";
import { readRecord, recordSize, writeRecord } from "../../src/flow/record.ts";
import { Recorder } from "../../src/flow/recorder.ts";
import type { FlowTap } from "../../src/flow/tap.ts";

function newTap(): FlowTap {
  const sink = { conn() {}, flow() {}, piece() {}, room: () => true };
  const options = { bodyLimit: 1e9, spillBytes: 1e9, clock: () => 0 };
  const recorder = new Recorder(sink, new Feed(assert.ifError), options);
  const tap = recorder.begin(0, "regular");
  recorder.close();
  return tap;
}

function roundTrip(tap: FlowTap, at = 0) {
  const bytes = new Uint8Array(at + recordSize(tap));
  assert.equal(writeRecord(tap, bytes, at), bytes.length);
  return readRecord(bytes, at);
}

function told(tell: (buf: Uint8Array, start: number, end: number) => void, bytes: Uint8Array): void {
  // Never at the beginning of its buffer: offsets have to count.
  const buf = Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("y")]);
  tell(buf, 2, 2 + bytes.length);
}

test("an empty flow is a record of one byte", () => {
  const tap = newTap();
  assert.equal(recordSize(tap), 1);
  assert.deepEqual(roundTrip(tap).interims, []);
});

test("whatever is told of both sides, as received and as sent, comes back", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const side = fc.record({
    head: bytes,
    chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 })),
    trailers: bytes,
  });
  const input = fc.record({ at: fc.nat(20), sides: fc.tuple(side, side, side, side), interims: fc.array(bytes) });
  fc.assert(
    fc.property(input, ({ at, sides, interims }) => {
      const tap = newTap();
      const messages = [tap.request, tap.response, tap.sent("request"), tap.sent("response")];
      messages.forEach((message, part) => {
        const { head, chunks, trailers } = sides[part]!;
        told((buf, start, end) => message.head(buf, start, end), head);
        for (const chunk of chunks) told((buf, start, end) => message.content(buf, start, end), chunk);
        told((buf, start, end) => message.trailers(buf, start, end), trailers);
      });
      for (const interim of interims) told((buf, start, end) => tap.interim(buf, start, end), interim);
      const record = roundTrip(tap, at);
      record.messages.forEach((message, part) => {
        const { head, chunks, trailers } = sides[part]!;
        assert.deepEqual(Buffer.from(message.head!), Buffer.from(head));
        assert.deepEqual(Buffer.from(message.content ?? []), Buffer.concat(chunks));
        assert.deepEqual(Buffer.from(message.trailers!), Buffer.from(trailers));
      });
      assert.deepEqual(record.interims.map(Buffer.from), interims.map(Buffer.from));
    }),
  );
});

test("fields of HTTP/2 come back as they were, pseudo-fields first", () => {
  const tap = newTap();
  tap.request.fields = [
    [":method", "GET"],
    ["x-ü", "ÿ"],
    ["cookie", "a=b"],
    ["cookie", "c=d"],
  ];
  const record = roundTrip(tap);
  assert.deepEqual(record.messages[0].fields, tap.request.fields);
  assert.equal(record.messages[0].head, null);
});

test("any bytes are a record or a RangeError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      try {
        readRecord(bytes, 0);
      } catch (error) {
        assert.ok(error instanceof RangeError || error instanceof SyntaxError, String(error));
      }
    }),
  );
});
