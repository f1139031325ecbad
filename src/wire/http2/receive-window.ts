// What the peer may still send on the whole connection (RFC 9113 §6.9). Bytes are given back when they have been consumed,
// so that whoever stops reading stops the peer; in portions, since each costs a frame.

import { FLOW_CONTROL_ERROR, WINDOW_START } from "./codes.ts";
import { Http2Error } from "./error.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { Http2Stream } from "./stream.ts";

export class ReceiveWindow {
  private readonly writer: FrameWriter;
  private readonly size: number;
  private readonly streamSize: number;
  private left = WINDOW_START;
  private credit = 0;

  constructor(writer: FrameWriter, sizeBytes: number, streamSizeBytes: number) {
    this.writer = writer;
    this.size = Math.max(WINDOW_START, sizeBytes);
    this.streamSize = streamSizeBytes;
  }

  /** Opens the window from what RFC 9113 begins with to what we want. */
  open(): void {
    if (this.size === this.left) return;
    this.writer.windowUpdate(0, this.size - this.left);
    this.left = this.size;
  }

  /** A DATA frame of `length` has begun to come. Throws Http2Error. */
  take(length: number): void {
    this.left -= length;
    if (this.left < 0) throw new Http2Error(FLOW_CONTROL_ERROR, "more DATA than the connection's window allows");
  }

  /** Bytes that nobody will read, or has read. */
  giveBack(length: number): void {
    this.credit += length;
    if (this.credit < this.size >> 1) return;
    this.writer.windowUpdate(0, this.credit);
    this.left += this.credit;
    this.credit = 0;
  }

  giveBackOn(stream: Http2Stream, length: number): void {
    if (stream.remoteEnded) return;
    stream.credit += length;
    if (stream.credit < this.streamSize >> 1) return;
    this.writer.windowUpdate(stream.id, stream.credit);
    stream.receiveWindow += stream.credit;
    stream.credit = 0;
  }
}
