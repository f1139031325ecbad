import assert from "node:assert/strict";
import { test } from "node:test";
import { RAW } from "../../../src/flow/formats/raw.ts";
import { begin, record, scene } from "../scene.ts";

test("both messages as they were; chunked content is one chunk, with its trailers", async () => {
  const { recorder, read } = await scene();
  record(recorder, {
    method: "POST",
    requestFields: ["Host: a", "x-Odd:   spaced  "],
    requestBody: Buffer.from([0xff, 0]),
    responseFields: ["content-length: 2"],
    responseBody: "ok",
  });
  const chunked = begin(recorder, {
    responseFields: ["Transfer-Encoding: gzip, Chunked"],
    responseBody: "x".repeat(26),
  });
  const trailers = Buffer.from("X-Sum: 1\r\n\r\n");
  chunked.responseTrailers(trailers, 0, trailers.length);
  chunked.finish("complete");
  begin(recorder, { status: 0 }).finish("error");
  const session = await read();
  const raw = Buffer.concat(Array.from(RAW.write(session.each(null, { order: "asc" }), { version: "" }), Buffer.from));
  assert.equal(
    raw.toString("latin1"),
    "POST / HTTP/1.1\r\nHost: a\r\nx-Odd:   spaced  \r\n\r\n\xff\0" +
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" +
      "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n" +
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1a\r\n${"x".repeat(26)}\r\n0\r\nX-Sum: 1\r\n\r\n` +
      "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n",
  );
});

test("HTTP/2 messages, which have no raw head, are written as fields", async () => {
  const { recorder, read } = await scene();
  const tap = recorder.begin(1, "regular");
  tap.request.fields = [
    [":method", "GET"],
    ["accept", "*/*"],
  ];
  tap.finish("complete");
  const session = await read();
  const raw = Buffer.concat(Array.from(RAW.write(session.each(null), { version: "" }), Buffer.from)).toString();
  assert.equal(raw, ":method: GET\r\naccept: */*\r\n\r\n");
});
