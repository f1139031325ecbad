import assert from "node:assert/strict";
import { test } from "node:test";
import { isTextType, parameterOf, textOf } from "../../../src/flow/decode/charset.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const cases: readonly (readonly [
  why: string,
  content: Uint8Array,
  type: string | null,
  text: string | null,
  charset?: string,
])[] = [
  ["UTF-8 needs no word", Buffer.from("grün €"), "text/plain", "grün €", "utf-8"],
  ["what is no UTF-8 is windows-1252", bytes(0x67, 0x72, 0xfc, 0x6e, 0x80), "text/plain", "grün€", "windows-1252"],
  ["the parameter decides", bytes(0xa4), "text/plain; charset=ISO-8859-15", "€", "iso-8859-15"],
  ["in quotes, too", bytes(0x82, 0xa0), 'text/plain; charset="Shift_JIS"', "あ", "shift_jis"],
  ["a mark is stronger than the parameter", bytes(0xff, 0xfe, 0x61, 0), "text/plain; charset=utf-8", "a", "utf-16le"],
  ["an unknown charset is passed over", Buffer.from("ü"), "text/plain; charset=klingon", "ü", "utf-8"],
  [
    "HTML says it itself",
    Buffer.from('<meta charset="iso-8859-2">\xb1', "latin1"),
    "text/html",
    '<meta charset="iso-8859-2">ą',
  ],
  [
    "XML, too",
    Buffer.from('<?xml version="1.0" encoding="koi8-r"?>\xc1', "latin1"),
    "application/xml",
    '<?xml version="1.0" encoding="koi8-r"?>а',
  ],
  ["CSS, too", Buffer.from('@charset "windows-1251";\xe0', "latin1"), "text/css", '@charset "windows-1251";а'],
  ["a character cut at the end is forgiven", Buffer.from("a€").subarray(0, 3), null, "a", "utf-8"],
  ["NUL is no text", bytes(0x61, 0, 0x62), "text/plain", null],
  ["terminals' colours are", Buffer.from("\x1b[31mred"), null, "\x1b[31mred", "utf-8"],
  ["nothing is text", bytes(), null, "", "utf-8"],
];

for (const [why, content, type, text, charset] of cases) {
  test(why, () => {
    const found = textOf(content, type);
    assert.equal(found?.text ?? null, text);
    if (charset !== undefined) assert.equal(found!.charset, charset);
  });
}

test("media types that are text by name, that are not, and that do not say", () => {
  assert.equal(isTextType("application/problem+json; charset=utf-8"), true);
  assert.equal(isTextType("image/svg+xml"), true);
  assert.equal(isTextType("image/png"), false);
  assert.equal(isTextType("application/octet-stream"), undefined);
  assert.equal(isTextType(null), undefined);
});

test("parameters, quoted and escaped", () => {
  assert.equal(parameterOf('multipart/form-data; boundary="a\\"b;c"', "boundary"), 'a"b;c');
  assert.equal(parameterOf("multipart/form-data; Boundary=xyz; charset=u", "boundary"), "xyz");
  assert.equal(parameterOf("text/plain", "charset"), null);
  assert.equal(parameterOf(null, "charset"), null);
});
