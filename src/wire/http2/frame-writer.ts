// Frames into bytes (RFC 9113 §6). Knows lengths and places, not whether a frame may be sent now.

import { BytesOut } from "./bytes-out.ts";
import {
  F_CONTINUATION,
  F_DATA,
  F_GOAWAY,
  F_HEADERS,
  F_PING,
  F_RST_STREAM,
  F_SETTINGS,
  F_WINDOW_UPDATE,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_HEADER_BYTES,
} from "./codes.ts";

export class FrameWriter {
  readonly out = new BytesOut();

  /** A field section: HEADERS, and CONTINUATION for what does not fit into one frame. */
  headers(streamId: number, block: Buffer, length: number, endStream: boolean, maxFrameBytes: number): void {
    let at = 0;
    let type = F_HEADERS;
    let flags = endStream ? FLAG_END_STREAM : 0;
    do {
      const end = Math.min(length, at + maxFrameBytes);
      if (end === length) flags |= FLAG_END_HEADERS;
      this.frame(end - at, type, flags, streamId);
      this.out.reserve(end - at); // always a copy: the encoder fills its block again
      block.copy(this.out.buf, this.out.at, at, end);
      this.out.at += end - at;
      at = end;
      type = F_CONTINUATION;
      flags = 0;
    } while (at < length);
  }

  /** The header of a DATA frame; its content is added to `out` by the caller. */
  dataHeader(streamId: number, length: number, endStream: boolean): void {
    this.frame(length, F_DATA, endStream ? FLAG_END_STREAM : 0, streamId);
  }

  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    this.frame(pairs.length * 6, F_SETTINGS, 0, 0);
    this.out.reserve(pairs.length * 6);
    for (const [id, value] of pairs) {
      this.uint8(id >>> 8);
      this.uint8(id & 0xff);
      this.uint32(value);
    }
  }

  settingsAck(): void {
    this.frame(0, F_SETTINGS, FLAG_ACK, 0);
  }

  rstStream(streamId: number, code: number): void {
    this.frame(4, F_RST_STREAM, 0, streamId);
    this.uint32(code);
  }

  ping(ack: boolean, buf: Buffer, start: number): void {
    this.frame(8, F_PING, ack ? FLAG_ACK : 0, 0);
    this.out.add(buf, start, start + 8);
  }

  /** `debug`: words for people who look at the packets. */
  goaway(lastStreamId: number, code: number, debug = ""): void {
    const text = Buffer.from(debug, "latin1");
    this.frame(8 + text.length, F_GOAWAY, 0, 0);
    this.uint32(lastStreamId);
    this.uint32(code);
    this.out.add(text, 0, text.length);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.frame(4, F_WINDOW_UPDATE, 0, streamId);
    this.uint32(increment);
  }

  private frame(length: number, type: number, flags: number, streamId: number): void {
    // The control frames' few bytes find their place in the same reservation.
    this.out.reserve(FRAME_HEADER_BYTES + CONTROL_BYTES);
    this.uint8((length >>> 16) & 0xff);
    this.uint8((length >>> 8) & 0xff);
    this.uint8(length & 0xff);
    this.uint8(type);
    this.uint8(flags);
    this.uint32(streamId);
  }

  private uint8(value: number): void {
    this.out.buf[this.out.at++] = value;
  }

  private uint32(value: number): void {
    const { out } = this;
    out.buf[out.at++] = value >>> 24;
    out.buf[out.at++] = (value >>> 16) & 0xff;
    out.buf[out.at++] = (value >>> 8) & 0xff;
    out.buf[out.at++] = value & 0xff;
  }
}

/** The longest of RST_STREAM, WINDOW_UPDATE, PING and GOAWAY without its words. */
const CONTROL_BYTES = 8;
