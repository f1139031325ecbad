import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitsWith } from "../../../src/config/limits.ts";
import { WireError } from "../../../src/wire/error.ts";
import { parseRequestHead, parseResponseHead } from "../../../src/wire/http1/head-parser.ts";
import { CONTENT, END, FRAMING, HEAD, Http1Reader, TRAILERS } from "../../../src/wire/http1/reader.ts";
import {
  CHUNK_END,
  chunkStart,
  LAST_CHUNK,
  lastChunk,
  writeRequestHead,
  writeResponseHead,
} from "../../../src/wire/http1/writer.ts";

describe("writing heads", () => {
  it("writes what the parser reads", () => {
    const fields = [
      ["Host", "a:1"],
      ["X-A", "b\xe9 c"],
      ["x-a", ""],
    ] as const;
    const request = writeRequestHead("M-SEARCH", "/a?b", 11, fields);
    const head = parseRequestHead(request, 0, request.length, limitsWith());
    assert.deepEqual([head.method, head.target, head.version, head.fields.pairs()], ["M-SEARCH", "/a?b", 11, fields]);
    const response = writeResponseHead(404, "", 10, fields);
    const answer = parseResponseHead(response, 0, response.length, limitsWith());
    assert.deepEqual([answer.status, answer.reason, answer.version, answer.defects.length], [404, "", 10, 0]);
  });

  const refused: readonly (readonly [why: string, write: () => Buffer])[] = [
    ["a line end in a value", () => writeRequestHead("GET", "/", 11, [["X", "a\r\nY: b"]])],
    ["NUL in a value", () => writeRequestHead("GET", "/", 11, [["X", "a\0"]])],
    ["a char that is no byte", () => writeRequestHead("GET", "/", 11, [["X", "€"]])],
    ["a name that is no token", () => writeRequestHead("GET", "/", 11, [["X Y", "a"]])],
    ["an empty name", () => writeRequestHead("GET", "/", 11, [["", "a"]])],
    ["a space in the target", () => writeRequestHead("GET", "/ HTTP/1.1", 11, [])],
    ["an empty target", () => writeRequestHead("GET", "", 11, [])],
    ["a method that is no token", () => writeRequestHead("GET /", "/", 11, [])],
    ["a line end in the reason", () => writeResponseHead(200, "OK\r\n", 11, [])],
    ["a status that is none", () => writeResponseHead(99, "", 11, [])],
    ["trailers that split", () => lastChunk([["X", "\n"]])],
  ];
  for (const [why, write] of refused) {
    it(`refuses ${why}`, () => {
      assert.throws(write, (error: unknown) => error instanceof WireError && error.code === "compose-illegal");
    });
  }
});

describe("writing chunks", () => {
  it("writes what the reader reads", () => {
    const content = Buffer.alloc(1000, "x");
    const head = writeResponseHead(200, "OK", 11, [["Transfer-Encoding", "chunked"]]);
    const reader = new Http1Reader("response", limitsWith());
    reader.push(Buffer.concat([head, chunkStart(1000), content, CHUNK_END, lastChunk([["X-Sum", "1"]]), LAST_CHUNK]));
    for (const event of [HEAD, FRAMING, CONTENT, FRAMING, FRAMING, TRAILERS, END]) assert.equal(reader.next(), event);
    assert.equal(reader.trailers?.get("x-sum"), "1");
    assert.equal(reader.buffered, LAST_CHUNK.length);
    assert.equal(lastChunk([]), LAST_CHUNK);
  });

  it("has no chunk of nothing", () => assert.throws(() => chunkStart(0), RangeError));
});
