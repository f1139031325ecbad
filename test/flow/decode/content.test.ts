import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { decodeContent, isDecodable } from "../../../src/flow/decode/content.ts";

const TEXT = Buffer.from(Array.from({ length: 2000 }, (_, i) => `${i} ${(i * 7919) % 10007}\n`).join(""));
/** `zstd -19` of "hello zstd\n". */
const ZSTD = Buffer.from("KLUv/SQLWQAAaGVsbG8genN0ZApqFNzA", "base64");

const codings: readonly (readonly [encoding: string, coded: Buffer])[] = [
  ["gzip", gzipSync(TEXT)],
  ["x-gzip", gzipSync(TEXT)],
  ["GZip", gzipSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
  ["deflate", deflateRawSync(TEXT)],
  ["br", brotliCompressSync(TEXT)],
  ["identity", TEXT],
  ["", TEXT],
  [" gzip , br ", brotliCompressSync(gzipSync(TEXT))],
  ["gzip", Buffer.concat([gzipSync(TEXT.subarray(0, 100)), gzipSync(TEXT.subarray(100))])],
];

for (const [encoding, coded] of codings) {
  test(`${JSON.stringify(encoding)} is undone`, () => {
    const { bytes, problem } = decodeContent(coded, encoding);
    assert.equal(problem, undefined);
    assert.deepEqual(bytes, TEXT);
  });
}

test("zstd is undone", () => {
  assert.equal(decodeContent(ZSTD, "zstd").bytes.toString(), "hello zstd\n");
});

test("no encoding at all", () => {
  assert.deepEqual(decodeContent(TEXT, null), { bytes: TEXT });
});

test("an unknown coding leaves the content as it is, and says so", () => {
  assert.deepEqual(decodeContent(TEXT, "constructor"), {
    bytes: TEXT,
    problem: 'the content coding "constructor" is not known',
  });
  assert.equal(isDecodable("gzip, br"), true);
  assert.equal(isDecodable("gzip, toString"), false);
});

for (const [encoding, coded] of [
  ["gzip", gzipSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
  ["br", brotliCompressSync(TEXT)],
] as const) {
  test(`${encoding} that is cut short decodes as far as it goes`, () => {
    const { bytes } = decodeContent(coded.subarray(0, coded.length - 12), encoding);
    assert.ok(bytes.length > 10 && bytes.length <= TEXT.length, `${bytes.length} bytes`);
    assert.deepEqual(bytes, TEXT.subarray(0, bytes.length));
  });

  test(`${encoding} of a bomb stops at the limit with a beginning and a word`, () => {
    const bomb = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding](Buffer.alloc(20_000_000));
    const { bytes, problem } = decodeContent(bomb, encoding, 1_000_000);
    assert.ok(bytes.length <= 1_000_000);
    assert.match(problem!, /more than 1 MB/);
  });
}

test("content that is not what it says it is", () => {
  const { bytes, problem } = decodeContent(TEXT, "gzip");
  assert.equal(bytes.length, 0);
  assert.match(problem!, /does not decode: incorrect header check/);
  assert.match(decodeContent(TEXT, "zstd").problem!, /does not decode/);
});

test("too many codings, one in another", () => {
  assert.match(decodeContent(TEXT, Array(100).fill("gzip").join()).problem!, /100 content codings/);
});

test("any bytes under any coding: an answer, never an exception", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 500 }),
      fc.constantFrom("gzip", "deflate", "br", "zstd"),
      (bytes, coding) => {
        const decoded = decodeContent(bytes, coding, 100_000);
        assert.ok(decoded.bytes.length <= 100_000);
      },
    ),
  );
});
