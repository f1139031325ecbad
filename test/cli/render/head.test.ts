import assert from "node:assert/strict";
import { it } from "node:test";
import { fieldLines, headLines } from "../../../src/cli/render/head.ts";
import { paint } from "../../../src/cli/render/paint.ts";

it("a head is shown as it came: case, order, repeats, spacing", () => {
  const head = "POST /a HTTP/1.1\r\nX-CaSe:  two  \r\nx-case: one\r\nodd line\r\n\r\n";
  assert.deepEqual(headLines(Buffer.from(head), paint(false)), [
    "POST /a HTTP/1.1",
    "X-CaSe:  two  ",
    "x-case: one",
    "odd line",
  ]);
});

it("colour changes nothing but colour", () => {
  const head = Buffer.from("HTTP/1.1 503 Slow Down\r\nA: b:c\r\n\r\n");
  const coloured = headLines(head, paint(true)).join("\n");
  assert.match(coloured, /\x1b\[31m503 Slow Down/);
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), headLines(head, paint(false)).join("\n"));
});

it("bytes that would move the cursor are shown as what they are; UTF-8 and Latin-1 are read", () => {
  const shown = (value: string, encoding: BufferEncoding) =>
    headLines(Buffer.from(`HTTP/1.1 200 OK\r\nA: ${value}\r\n\r\n`, encoding), paint(false))[1];
  assert.equal(shown("\x1b[2J\x00", "latin1"), "A: \\x1b[2J\\x00");
  assert.equal(shown("é", "utf8"), "A: é");
  assert.equal(shown("é", "latin1"), "A: é");
});

it("HTTP/2's pseudo-fields keep their colon", () => {
  assert.deepEqual(fieldLines([[":status", "200"]], paint(false)), [":status: 200"]);
  assert.match(fieldLines([[":status", "200"]], paint(true))[0]!, /\x1b\[36m:status\x1b/);
});
