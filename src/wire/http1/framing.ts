// How long is the content? RFC 9112 §6.3, its steps in order, one pure function for each role. Asked by the reader for
// what came, and again by whoever edited a head. Whatever two readers could see differently throws.

import { COMMA, CR, isBlank, LF, SP, TOKEN, ZERO } from "../ascii.ts";
import { type Defect, NO_DEFECTS } from "../defect.ts";
import { WireError } from "../error.ts";
import { CODING_CHUNKED, CODING_UNKNOWN, codingOf } from "./coding.ts";
import { F_CONTENT_LENGTH, F_TRANSFER_ENCODING, type Fields } from "./fields.ts";
import type { Head, RequestHead, ResponseHead } from "./head.ts";

/** No content. */
export const NONE = 0;
/** As many bytes as `length` says. */
export const LENGTH = 1;
export const CHUNKED = 2;
/** Until the connection ends (answers only). */
export const CLOSE = 3;
/** No more HTTP: after 101, and after a CONNECT that was granted. */
export const TUNNEL = 4;

export type FramingKind = typeof NONE | typeof LENGTH | typeof CHUNKED | typeof CLOSE | typeof TUNNEL;

export interface Framing {
  readonly kind: FramingKind;
  /** Bytes of content when kind is LENGTH, else 0. */
  readonly length: number;
  /** There is no content, whether because there is none or because its length is 0. */
  readonly bodiless: boolean;
  /** What framing overlooked in the fields. */
  readonly defects: readonly Defect[];
}

const NO_CONTENT = plain(NONE);
const BY_CHUNKS = plain(CHUNKED);
const BY_CLOSE = plain(CLOSE);
const A_TUNNEL = plain(TUNNEL);

/** Framing of a request. Throws WireError, its offset counted from the head's start. */
export function requestFraming(head: RequestHead): Framing {
  if (!framed(head.fields)) return NO_CONTENT;
  const length = contentLength(head);
  const coded = lastCoding(head, true);
  // CONNECT has no content whatever its fields say (RFC 9110 §9.3.6): what follows is for the tunnel.
  if (head.method === "CONNECT") return withDefects(NO_CONTENT, length);
  // §6.3 step 3: both is a smuggling attempt. We refuse rather than repair.
  if (coded !== CODING_NONE && length !== null) throw fault("length-beside-chunked", head, F_CONTENT_LENGTH);
  // §6.3 step 4
  if (coded === CODING_OTHER) throw fault("transfer-encoding-not-chunked", head, F_TRANSFER_ENCODING);
  if (coded === CODING_CHUNKED_LAST) return BY_CHUNKS;
  // §6.3 steps 5 to 7
  return length === null ? NO_CONTENT : byLength(length);
}

/** Framing of the answer to a request with that method. Throws WireError, its offset counted from the head's start. */
export function responseFraming(head: ResponseHead, method: string): Framing {
  const { status, fields } = head;
  // §6.3 step 1, and step 2: the fields say nothing here, or what a HEAD or 304 would have had
  if (status === 101) return framed(fields) ? noContent(A_TUNNEL) : A_TUNNEL;
  if (status < 200 || status === 204) return framed(fields) ? noContent(NO_CONTENT) : NO_CONTENT;
  if (method === "CONNECT" && status < 300) return framed(fields) ? noContent(A_TUNNEL) : A_TUNNEL;
  const noContentHere = status === 304 || method === "HEAD";
  if (!framed(fields)) return noContentHere ? NO_CONTENT : BY_CLOSE;
  const length = contentLength(head);
  const coded = lastCoding(head, false);
  // §6.3 step 3: the coding rules; the length is taken out and the connection not used again.
  if (coded !== CODING_NONE) {
    const kind = noContentHere ? NO_CONTENT : coded === CODING_CHUNKED_LAST ? BY_CHUNKS : BY_CLOSE; // step 4
    return length === null ? kind : { ...kind, defects: [...length.defects, "length-beside-chunked"] };
  }
  if (noContentHere) return withDefects(NO_CONTENT, length);
  // §6.3 steps 5, 6 and 8
  return length === null ? BY_CLOSE : byLength(length);
}

interface Length {
  readonly value: number;
  readonly defects: readonly Defect[];
}

/** Content-Length, null when there is none. All of them must say the same (RFC 9112 §6.3 step 5). */
function contentLength(head: Head): Length | null {
  const { fields } = head;
  let at = fields.indexOfId(F_CONTENT_LENGTH);
  if (at < 0) return null;
  let value = -1;
  let defects: Defect[] | null = null;
  for (; at >= 0; at = fields.indexOfId(F_CONTENT_LENGTH, at + 1)) {
    if (fields.folded(at)) throw new WireError("framing-folded", fields.valueStart(at) - head.start);
    const end = fields.valueEnd(at);
    let i = fields.valueStart(at);
    for (;;) {
      const digits = i;
      const number = readDecimal(fields.buf, i, end, head.start);
      i = digitsEnd(fields.buf, i, end);
      if (value >= 0 && number !== value) throw new WireError("content-length-differs", digits - head.start);
      if (value >= 0) defects = addDefect(defects, "content-length-repeated");
      if (i - digits > 1 && fields.buf[digits] === ZERO) defects = addDefect(defects, "content-length-zeros");
      value = number;
      while (i < end && isBlank(fields.buf[i])) i++;
      if (i === end) break;
      if (fields.buf[i] !== COMMA) throw new WireError("content-length-illegal", i - head.start);
      i++;
      while (i < end && isBlank(fields.buf[i])) i++;
    }
  }
  return { value, defects: defects ?? NO_DEFECTS };
}

/** 1*DIGIT at buf[i], at most 2^53-1. */
function readDecimal(buf: Buffer, i: number, end: number, headStart: number): number {
  const stop = digitsEnd(buf, i, end);
  if (stop === i) throw new WireError("content-length-illegal", i - headStart);
  let value = 0;
  for (let at = i; at < stop; at++) {
    value = value * 10 + (buf[at] - ZERO);
    if (value > Number.MAX_SAFE_INTEGER) throw new WireError("content-length-too-large", i - headStart);
  }
  return value;
}

function digitsEnd(buf: Buffer, i: number, end: number): number {
  while (i < end && buf[i] >= ZERO && buf[i] <= ZERO + 9) i++;
  return i;
}

const CODING_NONE = 0;
const CODING_CHUNKED_LAST = 1;
const CODING_OTHER = 2;

/**
 * Transfer-Encoding (RFC 9112 §6.1): whether chunked is the last coding. One field of known codings, chunked once at
 * most. In requests its spacing must be the common one too: every request smuggling trick of the last twenty years began
 * with a Transfer-Encoding that one server saw and another did not.
 */
function lastCoding(head: Head, isRequest: boolean): number {
  const { fields } = head;
  const at = fields.indexOfId(F_TRANSFER_ENCODING);
  if (at < 0) return CODING_NONE;
  const second = fields.indexOfId(F_TRANSFER_ENCODING, at + 1);
  if (second >= 0) throw new WireError("transfer-encoding-repeated", fields.lineStart(second) - head.start);
  if (fields.folded(at)) throw new WireError("framing-folded", fields.valueStart(at) - head.start);
  if (head.version === 10) throw new WireError("transfer-encoding-http10", fields.lineStart(at) - head.start);
  const { buf } = fields;
  const end = fields.valueEnd(at);
  if (isRequest && !plainSpacing(fields, at))
    throw new WireError("transfer-encoding-illegal", fields.nameEnd(at) - head.start);
  let chunked = 0;
  let last = CODING_UNKNOWN;
  for (let i = fields.valueStart(at); ; i++) {
    const start = i;
    while (i < end && TOKEN[buf[i]] === 1) i++;
    const stop = i;
    if (!isRequest) while (i < end && isBlank(buf[i])) i++;
    if (stop === start || (i < end && buf[i] !== COMMA))
      throw new WireError("transfer-encoding-illegal", i - head.start);
    last = codingOf(buf, start, stop);
    if (last === CODING_UNKNOWN) throw new WireError("transfer-encoding-unknown", start - head.start);
    if (last === CODING_CHUNKED) chunked++;
    if (i === end) break;
    if (isRequest) i += buf[i + 1] === SP ? 1 : 0;
    else while (i + 1 < end && isBlank(buf[i + 1])) i++;
  }
  if (chunked === 0) return CODING_OTHER;
  if (chunked > 1 || last !== CODING_CHUNKED) throw fault("transfer-encoding-not-chunked", head, F_TRANSFER_ENCODING);
  return CODING_CHUNKED_LAST;
}

/** "Name:value" or "Name: value" and the line's end at once. */
function plainSpacing(fields: Fields, at: number): boolean {
  const { buf } = fields;
  const lead = fields.valueStart(at) - fields.nameEnd(at) - 1;
  const after = buf[fields.valueEnd(at)];
  return (lead === 0 || (lead === 1 && buf[fields.nameEnd(at) + 1] === SP)) && (after === CR || after === LF);
}

const FRAMING_BITS = (1 << F_CONTENT_LENGTH) | (1 << F_TRANSFER_ENCODING);

function framed(fields: Fields): boolean {
  return (fields.seen & FRAMING_BITS) !== 0;
}

function plain(kind: FramingKind): Framing {
  return Object.freeze({ kind, length: 0, bodiless: kind === NONE, defects: NO_DEFECTS });
}

function noContent(framing: Framing): Framing {
  return { ...framing, defects: ["framing-without-content"] };
}

function withDefects(framing: Framing, length: Length | null): Framing {
  return length === null || length.defects === NO_DEFECTS ? framing : { ...framing, defects: length.defects };
}

function byLength(length: Length): Framing {
  const { value, defects } = length;
  return { kind: LENGTH, length: value, bodiless: value === 0, defects };
}

function addDefect(defects: Defect[] | null, defect: Defect): Defect[] {
  if (defects === null) return [defect];
  if (!defects.includes(defect)) defects.push(defect);
  return defects;
}

function fault(code: WireError["code"], head: Head, id: number): WireError {
  return new WireError(code, head.fields.lineStart(head.fields.indexOfId(id)) - head.start);
}
