// A field section as frames carry it: HEADERS and the CONTINUATIONs behind it (RFC 9113 §4.3, §6.2, §6.10).

import {
  ENHANCE_YOUR_CALM,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_SIZE_ERROR,
  PROTOCOL_ERROR,
} from "./codes.ts";
import { Http2Error } from "./error.ts";
import type { FrameReader } from "./frame-reader.ts";
import { CONTINUATIONS_MAX } from "./limits.ts";

export class HeaderBlock {
  /** The stream whose section is being gathered; 0 is none. */
  streamId = 0;
  endStream = false;
  // The section, once it is whole.
  buf: Buffer = NO_BYTES;
  start = 0;
  end = 0;
  private readonly maxBytes: number;
  private parts: Buffer[] = [];
  private bytes = 0;

  /** `maxBytes`: compressed; more ends the connection, since what is not decoded breaks the tables. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Takes a HEADERS frame; true when the section is whole with it. */
  begin(frame: FrameReader): boolean {
    const { buf, flags, streamId } = frame;
    let { start, end } = frame;
    if ((flags & FLAG_PADDED) !== 0) {
      if (start === end) throw new Http2Error(FRAME_SIZE_ERROR, "padded HEADERS without a pad length");
      end -= buf[start++];
    }
    // §5.3: priorities are read over.
    if ((flags & FLAG_PRIORITY) !== 0) start += 5;
    if (start > frame.end) throw new Http2Error(FRAME_SIZE_ERROR, "HEADERS without the priority that they announce");
    if (start > end) throw new Http2Error(PROTOCOL_ERROR, "padding longer than its HEADERS frame");
    this.streamId = streamId;
    this.endStream = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) !== 0) return this.whole(buf, start, end);
    this.gather(buf, start, end);
    return false;
  }

  /** Takes a CONTINUATION frame; true when the section is whole with it. */
  goOn(frame: FrameReader): boolean {
    this.gather(frame.buf, frame.start, frame.end);
    if ((frame.flags & FLAG_END_HEADERS) === 0) return false;
    const joined = Buffer.concat(this.parts, this.bytes);
    this.parts = [];
    this.bytes = 0;
    return this.whole(joined, 0, joined.length);
  }

  private whole(buf: Buffer, start: number, end: number): boolean {
    this.buf = buf;
    this.start = start;
    this.end = end;
    return true;
  }

  private gather(buf: Buffer, start: number, end: number): void {
    this.parts.push(Buffer.from(buf.subarray(start, end)));
    this.bytes += end - start;
    if (this.bytes > this.maxBytes || this.parts.length > CONTINUATIONS_MAX) {
      throw new Http2Error(ENHANCE_YOUR_CALM, "a field section without end");
    }
  }
}

const NO_BYTES = Buffer.alloc(0);
