// The streams of a connection: what we say on them, how they end, and the event that is told of them.

import type { BytesOut } from "./bytes-out.ts";
import { ClosedStreams, ENDED, FORGOTTEN, RESET_BY_US } from "./closed-streams.ts";
import { ENHANCE_YOUR_CALM, NO_ERROR, PROTOCOL_ERROR, STREAM_CLOSED, WINDOW_START } from "./codes.ts";
import { Http2Error } from "./error.ts";
import type { Malformed, RequestFields, ResponseFields } from "./fields.ts";
import type { HpackField } from "./hpack/field.ts";
import type { Http2Limits } from "./limits.ts";
import { Patience } from "./patience.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { Http2Sender } from "./sender.ts";
import { CLOSED, type FieldOut, HALF_LOCAL, HALF_REMOTE, Http2Stream, OPEN } from "./stream.ts";

/** Nothing more can be said before more bytes come. */
export const NEED = 0;
/** `stream` and `fields`, and `request` or `response`. A status below 200 is an interim answer. */
export const HEADERS = 1;
/** `stream`; buf[start, end) is content. To be consumed() in time: the peer waits for it. */
export const DATA = 2;
/** `stream` and `fields`. */
export const TRAILERS = 3;
/** `stream`: the peer's message is complete. */
export const END = 4;
/** `stream` is closed before its end: `code`, `byPeer`, and `malformed` where a message was. */
export const RESET = 5;
/** A request that is none: `streamId`, `fields` and `malformed`. */
export const MALFORMED = 6;
/** The peer will take no more streams: `lastStreamId` and `code`. */
export const GOAWAY = 7;
/** The peer broke the protocol: `fault` says how. Every next() from now on says it again. */
export const FAULT = 8;

export type Http2Role = "server" | "client";

export abstract class Http2Streams {
  // Of the last event.
  stream!: Http2Stream;
  streamId = 0;
  fields: readonly HpackField[] = NO_FIELDS;
  request: RequestFields | null = null;
  response: ResponseFields | null = null;
  buf: Buffer = NO_BYTES;
  start = 0;
  end = 0;
  code = NO_ERROR;
  byPeer = false;
  malformed: Malformed | null = null;
  lastStreamId = 0;

  readonly streams = new Map<number, Http2Stream>();
  protected readonly role: Http2Role;
  protected readonly limits: Http2Limits;
  protected readonly sender: Http2Sender;
  protected readonly window: ReceiveWindow;
  protected readonly patience: Patience;
  protected readonly closed = new ClosedStreams();
  /** The highest stream that the peer has opened, and that we have. */
  protected peerLast = 0;
  private ownLast = -1;
  protected goneAway = false;

  constructor(role: Http2Role, limits: Http2Limits, huffman: boolean) {
    this.role = role;
    this.limits = limits;
    this.sender = new Http2Sender(huffman, stream => this.localEnd(stream));
    this.window = new ReceiveWindow(this.sender.writer, limits.h2WindowBytes, this.streamWindow);
    this.patience = new Patience(limits.h2IdleFrames, limits.h2IdleFramesPerSecond);
  }

  // ---- what we say

  /** Bytes to be written. */
  get out(): BytesOut {
    return this.sender.writer.out;
  }

  /** Role client: a new request. `bodiless`: its answer has no content whatever it says (HEAD). */
  openStream(fields: readonly FieldOut[], endStream: boolean, bodiless: boolean): Http2Stream {
    this.ownLast += 2;
    const stream = this.newStream(this.ownLast);
    stream.bodiless = bodiless;
    this.sender.headers(stream, fields, endStream);
    return stream;
  }

  /** A section that begins a message, or an interim answer. */
  sendHeaders(stream: Http2Stream, fields: readonly FieldOut[], endStream: boolean): void {
    if (!stream.localEnded) this.sender.headers(stream, fields, endStream);
  }

  /** Queues content, by reference: it leaves with pump(). */
  sendData(stream: Http2Stream, buf: Buffer, start: number, end: number): void {
    if (!stream.localEnded) this.sender.data(stream, buf, start, end);
  }

  /** Ends our side behind what is queued. */
  sendEnd(stream: Http2Stream, trailers: readonly FieldOut[] | null): void {
    if (!stream.localEnded) this.sender.end(stream, trailers);
  }

  /** Puts some `maxBytes` of queued content into `out`, as the peer's windows allow. */
  pump(maxBytes: number): void {
    this.sender.pump(maxBytes);
  }

  /** Whether pump() would do something now. */
  get canSend(): boolean {
    return this.sender.canSend;
  }

  /** Content of the stream has been used: the peer may send as much again. */
  consumed(stream: Http2Stream, bytes: number): void {
    const used = Math.min(bytes, stream.unread);
    stream.unread -= used;
    this.window.giveBack(used);
    this.window.giveBackOn(stream, used);
  }

  /** Ends the stream in the middle. */
  reset(stream: Http2Stream, code: number): void {
    if (stream.state === CLOSED) return;
    this.sender.writer.rstStream(stream.id, code);
    this.close(stream, RESET_BY_US);
  }

  /** No new streams from now on; those that run go on. */
  goAway(code: number, why = ""): void {
    if (this.goneAway) return;
    this.goneAway = true;
    this.sender.writer.goaway(this.peerLast, code, why);
  }

  // ---- how streams go on

  protected get streamWindow(): number {
    return Math.max(WINDOW_START, this.limits.h2StreamWindowBytes);
  }

  protected newStream(id: number): Http2Stream {
    const stream = new Http2Stream(id, this.streamWindow, this.sender.initialWindow);
    this.streams.set(id, stream);
    return stream;
  }

  private localEnd(stream: Http2Stream): void {
    if (stream.state === OPEN) stream.state = HALF_LOCAL;
    else if (stream.state === HALF_REMOTE) this.close(stream, ENDED);
  }

  /** The peer has ended its side: END, or RESET when the content is not as long as it said. */
  protected remoteEnd(stream: Http2Stream): number {
    if (stream.contentLeft > 0) return this.streamError(stream.id, PROTOCOL_ERROR, "h2-content-length-wrong");
    this.stream = stream;
    if (stream.state === OPEN) stream.state = HALF_REMOTE;
    else if (stream.state === HALF_LOCAL) this.close(stream, ENDED);
    return END;
  }

  protected close(stream: Http2Stream, how: number): void {
    stream.state = CLOSED;
    this.sender.drop(stream);
    this.streams.delete(stream.id);
    this.closed.add(stream.id, how);
    if (how === ENDED) return;
    // Nobody will read it now.
    this.window.giveBack(stream.unread);
    stream.unread = 0;
  }

  /** §5.4.2: resets the stream, and tells it where there is one to tell of. */
  protected streamError(streamId: number, code: number, malformed: Malformed | null): number {
    // CVE-2025-8671: resets that the peer provokes cost as much as its own.
    this.tire("stream errors without end");
    const stream = this.streams.get(streamId);
    this.sender.writer.rstStream(streamId, code);
    if (stream === undefined) {
      this.closed.add(streamId, RESET_BY_US);
      return NEED;
    }
    this.close(stream, RESET_BY_US);
    return this.tellReset(stream, code, malformed, false);
  }

  protected tellReset(stream: Http2Stream, code: number, malformed: Malformed | null, byPeer: boolean): number {
    this.stream = stream;
    this.code = code;
    this.malformed = malformed;
    this.byPeer = byPeer;
    return RESET;
  }

  /**
   * HEADERS or DATA on a stream that is not open: returns when they are to be ignored, since they were on their way when we
   * reset it; throws else (§5.1).
   */
  protected checkLate(streamId: number, what: string): void {
    if (this.isIdle(streamId)) throw new Http2Error(PROTOCOL_ERROR, `${what} on an idle stream`);
    switch (this.closed.get(streamId)) {
      case RESET_BY_US:
        return;
      case FORGOTTEN:
        throw new Http2Error(PROTOCOL_ERROR, `${what} on a stream that was passed over, or ended long ago`);
      default:
        throw new Http2Error(STREAM_CLOSED, `${what} on a closed stream`);
    }
  }

  protected isIdle(streamId: number): boolean {
    const fromPeer = (streamId & 1) === (this.role === "server" ? 1 : 0);
    return streamId > (fromPeer ? this.peerLast : this.ownLast);
  }

  protected tire(what: string): void {
    if (!this.patience.take()) throw new Http2Error(ENHANCE_YOUR_CALM, what);
  }
}

const NO_FIELDS: readonly HpackField[] = [];
const NO_BYTES = Buffer.alloc(0);
