// What goes out: sections at once, content as the peer's windows allow (RFC 9113 §5.2, §6.9), the streams taking turns by
// frames. Priorities are ignored, as §5.3 allows.

import { FLOW_CONTROL_ERROR, MIN_FRAME_BYTES, NO_ERROR, PROTOCOL_ERROR, WINDOW_MAX, WINDOW_START } from "./codes.ts";
import { Http2Error } from "./error.ts";
import { FrameWriter } from "./frame-writer.ts";
import { HpackEncoder } from "./hpack/encoder.ts";
import type { FieldOut, Http2Stream } from "./stream.ts";

export class Http2Sender {
  readonly writer = new FrameWriter();
  readonly encoder: HpackEncoder;
  /** Bytes that the connection may still send. */
  window = WINDOW_START;
  /** What a new stream may send. */
  initialWindow = WINDOW_START;
  maxFrameBytes = MIN_FRAME_BYTES;
  /** Streams with something to send and a window for it, in turn. */
  private line: Http2Stream[] = [];
  private readonly onEnd: (stream: Http2Stream) => void;

  /** `onEnd` hears that a stream has sent its END_STREAM. */
  constructor(huffman: boolean, onEnd: (stream: Http2Stream) => void) {
    this.encoder = new HpackEncoder(huffman);
    this.onEnd = onEnd;
  }

  /** A section goes out at once; only trailers wait for their content, and they go by end(). */
  headers(stream: Http2Stream, fields: readonly FieldOut[], endStream: boolean): void {
    const { encoder } = this;
    encoder.begin();
    for (let i = 0; i < fields.length; i++) encoder.field(fields[i].name, fields[i].value, fields[i].never);
    this.writer.headers(stream.id, encoder.buf, encoder.length, endStream, this.maxFrameBytes);
    if (endStream) {
      stream.ended = true;
      this.onEnd(stream);
    }
  }

  /** Queues content, by reference. It leaves with pump(). */
  data(stream: Http2Stream, buf: Buffer, start: number, end: number): void {
    if (start === end) return;
    stream.queue.push({ buf, start, end });
    stream.queuedBytes += end - start;
    this.enter(stream);
  }

  /** Nothing more comes on this stream but these trailers. */
  end(stream: Http2Stream, trailers: readonly FieldOut[] | null): void {
    stream.ended = true;
    stream.trailers = trailers;
    this.enter(stream);
  }

  /** Whether pump() would send something. */
  get canSend(): boolean {
    return this.line.length > 0 && (this.window > 0 || this.line.some(stream => stream.queuedBytes === 0));
  }

  /** Frames some `maxBytes` of queued content. */
  pump(maxBytes: number): void {
    let waiting: Http2Stream[] | null = null;
    while (maxBytes > 0) {
      const stream = this.line.shift();
      if (stream === undefined) break;
      stream.inLine = false;
      if (stream.queuedBytes > 0 && this.window === 0) {
        // Others may have nothing but an end to say.
        (waiting ??= []).push(stream);
        continue;
      }
      maxBytes -= this.sendFrame(stream);
      this.enter(stream);
    }
    if (waiting === null) return;
    for (const stream of waiting) stream.inLine = true;
    this.line = waiting.concat(this.line);
  }

  /** The stream is closed: what waits on it goes nowhere. */
  drop(stream: Http2Stream): void {
    stream.queue.length = 0;
    stream.queuedBytes = 0;
    stream.trailers = null;
    stream.ended = true;
    if (!stream.inLine) return;
    stream.inLine = false;
    this.line.splice(this.line.indexOf(stream), 1);
  }

  /** WINDOW_UPDATE on the connection (§6.9). Throws Http2Error. */
  widen(increment: number): void {
    if (increment === 0) throw new Http2Error(PROTOCOL_ERROR, "a WINDOW_UPDATE of nothing");
    this.window += increment;
    if (this.window > WINDOW_MAX) throw new Http2Error(FLOW_CONTROL_ERROR, "the connection's window is over 2^31-1");
  }

  /** WINDOW_UPDATE on a stream: the code of the stream error that it is, or NO_ERROR. */
  widenStream(stream: Http2Stream, increment: number): number {
    if (increment === 0) return PROTOCOL_ERROR;
    stream.sendWindow += increment;
    if (stream.sendWindow > WINDOW_MAX) return FLOW_CONTROL_ERROR;
    this.enter(stream);
    return NO_ERROR;
  }

  /** §6.9.2: a new SETTINGS_INITIAL_WINDOW_SIZE moves the windows of all streams, below 0 as it may be. */
  rebase(streams: Iterable<Http2Stream>, initialWindow: number): void {
    const difference = initialWindow - this.initialWindow;
    this.initialWindow = initialWindow;
    for (const stream of streams) {
      stream.sendWindow += difference;
      if (stream.sendWindow > WINDOW_MAX) throw new Http2Error(FLOW_CONTROL_ERROR, "a stream's window is over 2^31-1");
      this.enter(stream);
    }
  }

  private enter(stream: Http2Stream): void {
    if (stream.inLine || stream.localEnded) return;
    if (stream.queuedBytes > 0 ? stream.sendWindow <= 0 : !stream.ended) return;
    stream.inLine = true;
    this.line.push(stream);
  }

  private sendFrame(stream: Http2Stream): number {
    const { writer } = this;
    const length = Math.max(0, Math.min(stream.queuedBytes, stream.sendWindow, this.window, this.maxFrameBytes));
    const last = stream.ended && length === stream.queuedBytes;
    const closes = last && stream.trailers === null;
    if (length > 0 || closes) {
      writer.dataHeader(stream.id, length, closes);
      this.takeContent(stream, length);
      stream.sendWindow -= length;
      this.window -= length;
    }
    if (closes) this.onEnd(stream);
    else if (last) this.headers(stream, stream.trailers ?? [], true);
    return length;
  }

  private takeContent(stream: Http2Stream, length: number): void {
    const { queue } = stream;
    stream.queuedBytes -= length;
    let used = 0;
    while (length > 0) {
      const slice = queue[used];
      const take = Math.min(length, slice.end - slice.start);
      this.writer.out.add(slice.buf, slice.start, slice.start + take);
      slice.start += take;
      length -= take;
      if (slice.start === slice.end) used++;
    }
    if (used === queue.length) queue.length = 0;
    else if (used > 0) queue.splice(0, used);
  }
}
