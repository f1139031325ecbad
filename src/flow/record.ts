// The bytes of one flow, packed: parts of `kind` (1 byte), `length` (4 bytes, little endian) and as many bytes, ended by a zero byte.
// A store row points at the record's first byte. Content that was spilled is not in it: it precedes what is.
import type { MessageTap } from "./message-tap.ts";
import type { Field } from "./model.ts";
import type { Slice } from "./sink.ts";
import type { FlowTap } from "./tap.ts";

// Kinds: what of a message, plus 8 times its PART_ number; interim answers are one kind of their own.
const HEAD = 1;
const FIELDS = 2;
const CONTENT = 3;
const TRAILERS = 4;
const KIND_MASK = 7;
const PART_SHIFT = 3;
const INTERIM = 0x80;
const PREFIX = 5;

/** What a record holds of one message; views into the record's bytes. */
export interface MessageRecord {
  head: Uint8Array | null;
  fields: Field[] | null;
  /** The end of the content; what was spilled comes before it. */
  content: Uint8Array | null;
  trailers: Uint8Array | null;
}

export interface FlowRecord {
  /** By PART_ number. */
  readonly messages: readonly [MessageRecord, MessageRecord, MessageRecord, MessageRecord];
  readonly interims: Uint8Array[];
}

/** Bytes that `writeRecord` needs. */
export function recordSize(tap: FlowTap): number {
  let size = 1 + messageSize(tap.request) + messageSize(tap.response);
  if (tap.sentRequest !== null) size += messageSize(tap.sentRequest);
  if (tap.sentResponse !== null) size += messageSize(tap.sentResponse);
  if (tap.interims !== null) for (const { start, end } of tap.interims) size += PREFIX + end - start;
  return size;
}

/** Writes the record to `out` at `at`; returns where it ends. */
export function writeRecord(tap: FlowTap, out: Uint8Array, at: number): number {
  at = writeMessage(tap.request, out, at);
  at = writeMessage(tap.response, out, at);
  if (tap.sentRequest !== null) at = writeMessage(tap.sentRequest, out, at);
  if (tap.sentResponse !== null) at = writeMessage(tap.sentResponse, out, at);
  if (tap.interims !== null) {
    for (const { buf, start, end } of tap.interims) {
      at = writePrefix(out, at, INTERIM, end - start);
      at = copy(buf, start, end, out, at);
    }
  }
  out[at] = 0;
  return at + 1;
}

/** Reads the record that begins at `at`. Throws RangeError if it is none. */
export function readRecord(bytes: Uint8Array, at: number): FlowRecord {
  const record: FlowRecord = {
    messages: [emptyMessage(), emptyMessage(), emptyMessage(), emptyMessage()],
    interims: [],
  };
  for (;;) {
    const kind = bytes[at];
    if (kind === 0) return record;
    if (kind === undefined || at + PREFIX > bytes.length) throw new RangeError("a flow's record is cut short");
    const length = bytes[at + 1]! + bytes[at + 2]! * 0x100 + bytes[at + 3]! * 0x10000 + bytes[at + 4]! * 0x1000000;
    const start = at + PREFIX;
    at = start + length;
    if (at >= bytes.length) throw new RangeError("a flow's record is cut short");
    const part = bytes.subarray(start, at);
    if (kind === INTERIM) record.interims.push(part);
    else readPart(record, kind, part);
  }
}

function readPart(record: FlowRecord, kind: number, part: Uint8Array): void {
  const message = record.messages[kind >> PART_SHIFT];
  if (message === undefined) throw new RangeError(`a flow's record has a part of unknown kind ${kind}`);
  switch (kind & KIND_MASK) {
    case HEAD:
      message.head = part;
      break;
    case FIELDS:
      message.fields = JSON.parse(new TextDecoder().decode(part)) as Field[]; // written by writeMessage below
      break;
    case CONTENT:
      message.content = part;
      break;
    case TRAILERS:
      message.trailers = part;
      break;
    default:
      throw new RangeError(`a flow's record has a part of unknown kind ${kind}`);
  }
}

function emptyMessage(): MessageRecord {
  return { head: null, fields: null, content: null, trailers: null };
}

function messageSize(tap: MessageTap): number {
  let size = 0;
  if (tap.headBuf !== null) size += PREFIX + tap.headEnd - tap.headStart;
  if (tap.fields !== null) size += PREFIX + tap.encodedFields.length;
  if (tap.chunks !== null) size += PREFIX + tap.held;
  if (tap.trailerBuf !== null) size += PREFIX + tap.trailerEnd - tap.trailerStart;
  return size;
}

function writeMessage(tap: MessageTap, out: Uint8Array, at: number): number {
  const part = tap.part << PART_SHIFT;
  if (tap.headBuf !== null) {
    at = writePrefix(out, at, part | HEAD, tap.headEnd - tap.headStart);
    at = copy(tap.headBuf, tap.headStart, tap.headEnd, out, at);
  }
  if (tap.fields !== null) {
    const bytes = tap.encodedFields;
    at = writePrefix(out, at, part | FIELDS, bytes.length);
    at = copy(bytes, 0, bytes.length, out, at);
  }
  if (tap.chunks !== null) {
    at = writePrefix(out, at, part | CONTENT, tap.held);
    at = copyAll(tap.chunks, out, at);
  }
  if (tap.trailerBuf !== null) {
    at = writePrefix(out, at, part | TRAILERS, tap.trailerEnd - tap.trailerStart);
    at = copy(tap.trailerBuf, tap.trailerStart, tap.trailerEnd, out, at);
  }
  return at;
}

function writePrefix(out: Uint8Array, at: number, kind: number, length: number): number {
  out[at] = kind;
  out[at + 1] = length;
  out[at + 2] = length >>> 8;
  out[at + 3] = length >>> 16;
  out[at + 4] = length >>> 24;
  return at + PREFIX;
}

/** Copies all slices to `out` at `at`; returns where they end. */
export function copyAll(slices: readonly Slice[], out: Uint8Array, at: number): number {
  for (let i = 0; i < slices.length; i++) {
    const { buf, start, end } = slices[i]!;
    at = copy(buf, start, end, out, at);
  }
  return at;
}

function copy(buf: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
  // A Uint8Array, not a subarray: making a Buffer view costs three times as much.
  out.set(
    start === 0 && end === buf.length ? buf : new Uint8Array(buf.buffer, buf.byteOffset + start, end - start),
    at,
  );
  return at + end - start;
}
