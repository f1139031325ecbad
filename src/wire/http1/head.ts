// Heads: what a request or an answer begins with, as offsets into the bytes that came. Strings are made when somebody
// asks for them. How heads come about is head-parser.ts's business.

import type { Defect } from "../defect.ts";
import type { Fields } from "./fields.ts";
import { methodName } from "./method.ts";

export type Role = "request" | "response";

/** 10 for HTTP/1.0, 11 for HTTP/1.1 (and for a later 1.x, which RFC 9110 §2.5 has us read as 1.1). */
export type Version = 10 | 11;

export type Head = RequestHead | ResponseHead;
export type HeadOf<R extends Role> = R extends "request" ? RequestHead : ResponseHead;

/** The start line as it was read: offsets from the start of the head, whose bytes may still move. */
export interface RequestLine {
  readonly lineEnd: number;
  readonly version: Version;
  readonly methodEnd: number;
  readonly targetStart: number;
  readonly targetEnd: number;
}

export interface StatusLine {
  readonly lineEnd: number;
  readonly version: Version;
  readonly status: number;
  readonly reasonStart: number;
  readonly reasonEnd: number;
}

export class RequestHead {
  readonly buf: Buffer;
  readonly start: number;
  /** End of the whole head, empty line included. */
  readonly end: number;
  /** End of the request line, CRLF included. */
  readonly lineEnd: number;
  readonly version: Version;
  readonly methodEnd: number;
  readonly targetStart: number;
  readonly targetEnd: number;
  readonly fields: Fields;
  /** What is wrong but was taken. Framing adds to it before the head is handed out. */
  defects: readonly Defect[];
  #method: string | undefined;
  #target: string | undefined;

  constructor(buf: Buffer, start: number, end: number, line: RequestLine, fields: Fields, defects: readonly Defect[]) {
    this.buf = buf;
    this.start = start;
    this.end = end;
    this.lineEnd = start + line.lineEnd;
    this.version = line.version;
    this.methodEnd = start + line.methodEnd;
    this.targetStart = start + line.targetStart;
    this.targetEnd = start + line.targetEnd;
    this.fields = fields;
    this.defects = defects;
    this.#method = undefined;
    this.#target = undefined;
  }

  get method(): string {
    return (this.#method ??= methodName(this.buf, this.start, this.methodEnd));
  }

  /** The request target as it came, one char a byte (latin1). */
  get target(): string {
    return (this.#target ??= this.buf.toString("latin1", this.targetStart, this.targetEnd));
  }
}

export class ResponseHead {
  readonly buf: Buffer;
  readonly start: number;
  /** End of the whole head, empty line included. */
  readonly end: number;
  /** End of the status line, line end included. */
  readonly lineEnd: number;
  readonly version: Version;
  /** 100 to 599. */
  readonly status: number;
  readonly reasonStart: number;
  readonly reasonEnd: number;
  readonly fields: Fields;
  /** What is wrong but was taken. Framing adds to it before the head is handed out. */
  defects: readonly Defect[];

  constructor(buf: Buffer, start: number, end: number, line: StatusLine, fields: Fields, defects: readonly Defect[]) {
    this.buf = buf;
    this.start = start;
    this.end = end;
    this.lineEnd = start + line.lineEnd;
    this.version = line.version;
    this.status = line.status;
    this.reasonStart = start + line.reasonStart;
    this.reasonEnd = start + line.reasonEnd;
    this.fields = fields;
    this.defects = defects;
  }

  /** The reason phrase as it came, one char a byte (latin1); may be empty. */
  get reason(): string {
    return this.buf.toString("latin1", this.reasonStart, this.reasonEnd);
  }
}
