// Bytes that are almost HTTP: the corpus' own cases, bent at a few places. fast-check chooses, so a seed repeats a run.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Role } from "../../src/wire/http1/head.ts";
import { blockBytes, readCorpus } from "./corpus.ts";

const folder = join(import.meta.dirname, "../corpus/http1");

/** What parsers have been found to disagree about, and whole pieces of messages. */
const PIECES = [
  "\r", "\n", "\r\n", "\r\n\r\n", "\n\n", " ", "\t", "\0", "\x0b", "\x7f", "\xa0", "\xff", ":", ",", ";", "=", "\"", "\\",
  "0", "1", "5", "a", "F", "-", "+", "_", "0x", "00", "/", "*", "http://a/", "?", "#", "@", "%",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1", "HTTP/1.0", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "CONNECT",
  "Host: a\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "chunked", "gzip", ", ",
  "Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: Upgrade\r\nUpgrade: x\r\n", "X: y\r\n", " folded\r\n",
  "0\r\n\r\n", "5\r\nhello\r\n", "5;a=b\r\n", "hello", "200", "100", "204", "304", "101", " OK",
]; // biome-ignore format: a list

type Edit = readonly [kind: "insert" | "delete" | "replace" | "double", at: number, piece: number, length: number];

const edit = fc.tuple(
  fc.constantFrom("insert", "delete", "replace", "double"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(PIECES.length - 1),
  fc.integer({ min: 1, max: 8 }),
) as fc.Arbitrary<Edit>;

/** Bytes of a case of the corpus for that role, bent at up to three places. */
export function almostHttp(role: Role): fc.Arbitrary<Buffer> {
  const seeds = corpusBytes(role);
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 3 }))
    .map(([seed, edits]) => bend(seed, edits));
}

/** Bytes of any kind, of which many are the ones that matter. */
export const anyBytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES),
      fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)),
    ),
  )
  .map(parts => Buffer.from(parts.join(""), "latin1"));

/** Every case of the corpus for that role. */
export function corpusBytes(role: Role): Buffer[] {
  const pages = readdirSync(folder).filter(file => file.endsWith(".md"));
  const blocks = pages.flatMap(page => readCorpus(join(folder, page))).map(entry => entry.blocks.get("http"));
  return blocks.filter(block => block?.words[0] === role).map(block => blockBytes(block?.text ?? ""));
}

function bend(seed: Buffer, edits: readonly Edit[]): Buffer {
  let text = seed.toString("latin1");
  for (const [kind, where, piece, length] of edits) {
    const at = Math.floor(where * text.length);
    const before = text.slice(0, at);
    const cut = text.slice(at, at + length);
    const after = text.slice(at + length);
    if (kind === "insert") text = before + PIECES[piece] + cut + after;
    else if (kind === "delete") text = before + after;
    else if (kind === "replace") text = before + PIECES[piece] + after;
    else text = before + cut + cut + after;
  }
  return Buffer.from(text, "latin1");
}
