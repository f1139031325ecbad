// A head out of the lines that have come so far, in one pass. It sees whole lines only, so how a socket cut the bytes
// can never change what it says; it keeps its place, so every line is read once.

import { LF } from "../ascii.ts";
import { WireError } from "../error.ts";
import { FieldLines, FROM_ORIGINS, STRICT, TAKE_OBS_FOLD } from "./field-lines.ts";
import { type HeadOf, RequestHead, type RequestLine, ResponseHead, type Role, type StatusLine } from "./head.ts";
import { checkHost } from "./host.ts";
import type { Http1Limits, Leniency } from "./limits.ts";
import { readRequestLine, readStatusLine } from "./start-line.ts";

export class HeadParser<R extends Role = Role> {
  readonly #role: R;
  readonly #lines: FieldLines;
  #requestLine: RequestLine | null = null;
  #statusLine: StatusLine | null = null;
  #at = 0; // the next line, from the head's start; 0 is the start line

  constructor(role: R, limits: Http1Limits, leniency: Leniency = {}) {
    this.#role = role;
    const take = role === "response" ? FROM_ORIGINS : leniency.obsFoldInRequests === true ? TAKE_OBS_FOLD : STRICT;
    this.#lines = new FieldLines(take, limits.fieldCount);
  }

  /** Whether the start line has been read, which tells a head too large from a line too long. */
  get pastStartLine(): boolean {
    return this.#at > 0;
  }

  /**
   * Reads the lines in buf[start, end), which ends with LF: the head, or null while its empty line is not there. When
   * called again, `start` is where the same head begins now. Throws WireError, its offset counted from the head's start.
   */
  parse(buf: Buffer, start: number, end: number): HeadOf<R> | null {
    if (this.#at === 0) this.#startLine(buf, start);
    const empty = this.#lines.scan(buf, start, start + this.#at, end);
    if (empty < 0) {
      this.#at = end - start;
      return null;
    }
    this.#at = 0;
    return this.#head(buf, start, empty) as HeadOf<R>; // the role decides which, and TypeScript cannot see that
  }

  #startLine(buf: Buffer, start: number): void {
    this.#lines.reset();
    if (this.#role === "request") {
      this.#requestLine = readRequestLine(buf, start, this.#lines);
      this.#at = this.#requestLine.lineEnd;
    } else {
      this.#statusLine = readStatusLine(buf, start, this.#lines);
      this.#at = this.#statusLine.lineEnd;
    }
  }

  #head(buf: Buffer, start: number, empty: number): RequestHead | ResponseHead {
    const lines = this.#lines;
    const fields = lines.fields(buf, start, empty);
    const end = buf[empty] === LF ? empty + 1 : empty + 2;
    if (this.#requestLine === null) return new ResponseHead(buf, start, end, this.#statusLine!, fields, lines.defects);
    const head = new RequestHead(buf, start, end, this.#requestLine, fields, lines.defects);
    checkHost(head);
    return head;
  }
}

/** A whole request head in buf[start, end) and nothing behind it. Throws WireError: nothing unclear gets through. */
export function parseRequestHead(
  buf: Buffer,
  start: number,
  end: number,
  limits: Http1Limits,
  leniency?: Leniency,
): RequestHead {
  return parseWhole(new HeadParser("request", limits, leniency), buf, start, end);
}

/** A whole response head in buf[start, end) and nothing behind it. Throws WireError. */
export function parseResponseHead(buf: Buffer, start: number, end: number, limits: Http1Limits): ResponseHead {
  return parseWhole(new HeadParser("response", limits), buf, start, end);
}

function parseWhole<R extends Role>(parser: HeadParser<R>, buf: Buffer, start: number, end: number): HeadOf<R> {
  const head = end > start && buf[end - 1] === LF ? parser.parse(buf, start, end) : null;
  if (head === null) throw new WireError("truncated-head", end - start);
  if (head.end !== end) throw new WireError("bytes-after-head", head.end - start);
  return head;
}
