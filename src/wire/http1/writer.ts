// Messages that we frame or compose ourselves: answers of our own, heads that rules rebuilt, chunks around content that
// came without. What came whole and untouched is never written here: its bytes go on as they are.

import { isToken, TARGET, TEXT } from "../ascii.ts";
import { WireError } from "../error.ts";
import type { Version } from "./head.ts";

/** [name, value] lines, one char a byte (latin1), in the order to be written. */
export type FieldPairs = readonly (readonly [name: string, value: string])[];

/** A request head. Throws WireError compose-illegal for bytes that would make it another message. */
export function writeRequestHead(method: string, target: string, version: Version, fields: FieldPairs): Buffer {
  if (!isToken(method) || !isTarget(target)) throw new WireError("compose-illegal", 0);
  return Buffer.from(`${method} ${target} ${versionText(version)}\r\n${fieldLines(fields)}\r\n`, "latin1");
}

/** A response head. Throws WireError compose-illegal for bytes that would make it another message. */
export function writeResponseHead(status: number, reason: string, version: Version, fields: FieldPairs): Buffer {
  if (!Number.isInteger(status) || status < 100 || status > 599 || !isText(reason)) {
    throw new WireError("compose-illegal", 0);
  }
  return Buffer.from(`${versionText(version)} ${status} ${reason}\r\n${fieldLines(fields)}\r\n`, "latin1");
}

/** What stands before `size` bytes of a chunk; CHUNK_END stands behind them. Never for 0, which would be the last. */
export function chunkStart(size: number): Buffer {
  if (size <= 0) throw new RangeError("a chunk of nothing ends the content");
  return Buffer.from(`${size.toString(16)}\r\n`, "latin1");
}

export const CHUNK_END = Buffer.from("\r\n", "latin1");

/** The last chunk without trailers. */
export const LAST_CHUNK = Buffer.from("0\r\n\r\n", "latin1");

/** The last chunk with trailers. */
export function lastChunk(trailers: FieldPairs): Buffer {
  return trailers.length === 0 ? LAST_CHUNK : Buffer.from(`0\r\n${fieldLines(trailers)}\r\n`, "latin1");
}

function fieldLines(fields: FieldPairs): string {
  let text = "";
  for (const [name, value] of fields) {
    if (!isToken(name) || !isText(value)) throw new WireError("compose-illegal", text.length);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

function versionText(version: Version): string {
  return version === 10 ? "HTTP/1.0" : "HTTP/1.1";
}

function isText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (TEXT[text.charCodeAt(i)] !== 1) return false;
  return true;
}

function isTarget(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (TARGET[text.charCodeAt(i)] !== 1) return false;
  return text.length > 0;
}
