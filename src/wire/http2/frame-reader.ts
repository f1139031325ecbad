// Frames out of bytes (RFC 9113 §4.1). DATA is handed on in the pieces that it comes in, everything else whole: those
// frames are small, and mean nothing in part. No chunk is ever copied but for a frame of the second kind that two share.

import {
  F_DATA,
  FLAG_PADDED,
  FRAME_HEADER_BYTES,
  FRAME_SIZE_ERROR,
  MIN_FRAME_BYTES,
  PREFACE,
  PROTOCOL_ERROR,
  STREAM_ID_MAX,
} from "./codes.ts";
import { Http2Error } from "./error.ts";

export const NO_FRAME = 0;
/** A whole frame that is not DATA: the span is its payload. */
export const WHOLE_FRAME = 1;
/** The header of a DATA frame: `length` is what flow control counts. */
export const DATA_BEGINS = 2;
/** The span is content. */
export const DATA_PIECE = 3;
/** The DATA frame is whole, padding and all. */
export const DATA_ENDS = 4;

const IN_PREFACE = 0;
const IN_HEADER = 1;
const IN_PAYLOAD = 2;
const IN_PAD_LENGTH = 3;
const IN_DATA = 4;
const IN_PADDING = 5;

export class FrameReader {
  // Of the frame at hand.
  type = 0;
  flags = 0;
  streamId = 0;
  /** Bytes of the payload, padding included. */
  length = 0;
  buf: Buffer = NO_BYTES;
  start = 0;
  end = 0;

  private state: number;
  private chunk: Buffer = NO_BYTES;
  private at = 0;
  private readonly header = Buffer.alloc(FRAME_HEADER_BYTES);
  /** Bytes of the preface, the header or the payload that have come. */
  private have = 0;
  private partial: Buffer = NO_BYTES;
  private left = 0;
  private padding = 0;

  /** `preface`: what comes begins with a client's preface. */
  constructor(preface: boolean) {
    this.state = preface ? IN_PREFACE : IN_HEADER;
  }

  /** Hands over bytes, by reference, once next() has said NO_FRAME. */
  push(chunk: Buffer): void {
    this.chunk = chunk;
    this.at = 0;
  }

  /** Keeps no hold of bytes that have been handed on: a connection may be idle for long. */
  letGo(): void {
    this.chunk = NO_BYTES;
    this.at = 0;
    this.span(NO_BYTES, 0, 0);
  }

  /** Whether some byte of a frame has come, but not all of it. */
  get inFrame(): boolean {
    return this.state !== IN_HEADER || this.have > 0;
  }

  /** Throws Http2Error, which ends the connection. */
  next(): number {
    for (;;) {
      switch (this.state) {
        case IN_PREFACE:
          if (!this.preface()) return NO_FRAME;
          break;
        case IN_HEADER:
          if (!this.readHeader()) return NO_FRAME;
          if (this.type !== F_DATA) {
            this.state = IN_PAYLOAD;
            break;
          }
          this.left = this.length;
          this.padding = 0;
          this.state = (this.flags & FLAG_PADDED) === 0 ? IN_DATA : IN_PAD_LENGTH;
          return DATA_BEGINS;
        case IN_PAYLOAD:
          return this.payload() ? WHOLE_FRAME : NO_FRAME;
        case IN_PAD_LENGTH:
          if (this.left === 0) throw new Http2Error(FRAME_SIZE_ERROR, "padded DATA without a pad length");
          if (this.at === this.chunk.length) return NO_FRAME;
          this.padding = this.chunk[this.at++];
          this.left -= 1 + this.padding;
          if (this.left < 0) throw new Http2Error(PROTOCOL_ERROR, "padding longer than its DATA frame");
          this.state = IN_DATA;
          break;
        case IN_DATA:
          if (this.left === 0) {
            this.state = IN_PADDING;
            break;
          }
          return this.data() ? DATA_PIECE : NO_FRAME;
        default:
          if (!this.skipPadding()) return NO_FRAME;
          this.state = IN_HEADER;
          return DATA_ENDS;
      }
    }
  }

  private preface(): boolean {
    const { chunk } = this;
    while (this.at < chunk.length && this.have < PREFACE.length) {
      if (chunk[this.at++] !== PREFACE[this.have++]) throw new Http2Error(PROTOCOL_ERROR, "no HTTP/2 preface");
    }
    if (this.have < PREFACE.length) return false;
    this.have = 0;
    this.state = IN_HEADER;
    return true;
  }

  private readHeader(): boolean {
    const { chunk, at } = this;
    const there = chunk.length - at;
    if (this.have === 0 && there >= FRAME_HEADER_BYTES) {
      this.takeHeader(chunk, at);
      this.at += FRAME_HEADER_BYTES;
      return true;
    }
    const take = Math.min(there, FRAME_HEADER_BYTES - this.have);
    chunk.copy(this.header, this.have, at, at + take);
    this.at += take;
    this.have += take;
    if (this.have < FRAME_HEADER_BYTES) return false;
    this.have = 0;
    this.takeHeader(this.header, 0);
    return true;
  }

  private takeHeader(buf: Buffer, at: number): void {
    this.length = (buf[at] << 16) | (buf[at + 1] << 8) | buf[at + 2];
    this.type = buf[at + 3];
    this.flags = buf[at + 4];
    this.streamId = buf.readUInt32BE(at + 5) & STREAM_ID_MAX;
    // §4.2. We never allow more than the least, and need not read such a frame to know that the connection is lost.
    if (this.length > MIN_FRAME_BYTES) {
      throw new Http2Error(FRAME_SIZE_ERROR, `a frame of ${this.length} bytes, where ${MIN_FRAME_BYTES} are allowed`);
    }
  }

  private payload(): boolean {
    const { chunk, at, length } = this;
    const there = chunk.length - at;
    if (this.have === 0) {
      if (there >= length) {
        this.span(chunk, at, at + length);
        this.at += length;
        this.state = IN_HEADER;
        return true;
      }
      if (there === 0) return false;
      this.partial = Buffer.allocUnsafe(length);
    }
    const take = Math.min(there, length - this.have);
    chunk.copy(this.partial, this.have, at, at + take);
    this.at += take;
    this.have += take;
    if (this.have < length) return false;
    this.have = 0;
    this.state = IN_HEADER;
    this.span(this.partial, 0, length);
    this.partial = NO_BYTES;
    return true;
  }

  private data(): boolean {
    const { chunk, at } = this;
    const take = Math.min(chunk.length - at, this.left);
    if (take === 0) return false;
    this.span(chunk, at, at + take);
    this.at += take;
    this.left -= take;
    return true;
  }

  private skipPadding(): boolean {
    const take = Math.min(this.chunk.length - this.at, this.padding);
    this.at += take;
    this.padding -= take;
    return this.padding === 0;
  }

  private span(buf: Buffer, start: number, end: number): void {
    this.buf = buf;
    this.start = start;
    this.end = end;
  }
}

const NO_BYTES = Buffer.alloc(0);
