// Lessons on content codings (RFC 9110 §8.4): the same JSON, packed in four ways.
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { zstdStored } from "../../wire/zstd.ts";
import { answer, fieldPairs } from "../answer.ts";
import type { Lesson, Visit } from "../lesson.ts";

export const codingLessons: readonly Lesson[] = [
  coding("gzip", "gzip", "RFC 1952, what most servers send", gzipSync),
  coding("br", "br", "Brotli (RFC 7932), offered by browsers over TLS only", brotliCompressSync),
  coding("deflate", "deflate", "zlib's format (RFC 1950), whatever the name says", deflateSync),
  coding("zstd", "zstd", "Zstandard (RFC 8878), here as stored blocks", zstdStored),
];

function coding(name: string, token: string, what: string, pack: (content: Buffer) => Buffer): Lesson {
  return {
    name,
    topic: "Coding",
    doc: `JSON with Content-Encoding: ${token}: ${what}.`,
    example: `/${name}`,
    curl: "--compressed",
    run: visit => {
      const packed = pack(Buffer.from(`${JSON.stringify(content(visit, token), null, 2)}\n`));
      answer(visit, 200, "application/json", packed, { "content-encoding": token, vary: "Accept-Encoding" });
    },
  };
}

function content(visit: Visit, token: string): Record<string, unknown> {
  return {
    coding: token,
    acceptEncoding: visit.request.headers["accept-encoding"] ?? null,
    method: visit.request.method,
    headers: fieldPairs(visit.request.rawHeaders),
    note: "The length field counts the packed bytes; a proxy that unpacks for its user leaves the wire alone. ".repeat(
      8,
    ),
  };
}
