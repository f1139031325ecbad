// HTTP/2 on one connection, either role: push bytes, take events; say what to send, take bytes. It owns frames, field
// compression, stream states and windows (RFC 9113 §§3-8); it must not know sockets, time, or what the streams are for.
//
//   a stream: HEADERS (DATA)* [TRAILERS] END, in the client's role with any number of interim HEADERS before; RESET ends
//   it at any time. MALFORMED is a request that never became a stream. FAULT is the last event there is.
//
// A stream error resets its stream and is a RESET or MALFORMED event; a connection error is FAULT, its GOAWAY is in `out`.

import { RESET_BY_PEER } from "./closed-streams.ts";
import {
  ENHANCE_YOUR_CALM,
  F_CONTINUATION,
  F_GOAWAY,
  F_HEADERS,
  F_PING,
  F_PRIORITY,
  F_PUSH_PROMISE,
  F_RST_STREAM,
  F_SETTINGS,
  F_WINDOW_UPDATE,
  FLAG_ACK,
  FLAG_END_STREAM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  NO_ERROR,
  PREFACE,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  S_ENABLE_PUSH,
  S_INITIAL_WINDOW_SIZE,
  S_MAX_CONCURRENT_STREAMS,
  S_MAX_HEADER_LIST_SIZE,
  STREAM_CLOSED,
  STREAM_ID_MAX,
} from "./codes.ts";
import { Http2Error } from "./error.ts";
import { type Malformed, readRequest, readResponse, trailerFault } from "./fields.ts";
import { DATA_BEGINS, DATA_ENDS, DATA_PIECE, FrameReader, NO_FRAME } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { type FieldSection, HpackDecoder } from "./hpack/decoder.ts";
import type { Http2Limits } from "./limits.ts";
import { PeerSettings } from "./settings.ts";
import { CLOSED, type Http2Stream } from "./stream.ts";
import {
  DATA,
  END,
  FAULT,
  GOAWAY,
  HEADERS,
  type Http2Role,
  Http2Streams,
  MALFORMED,
  NEED,
  TRAILERS,
} from "./streams.ts";

export class Http2Connection extends Http2Streams {
  /** Set with FAULT. */
  fault: Http2Error | null = null;
  readonly peer: PeerSettings;
  private readonly reader: FrameReader;
  private readonly decoder: HpackDecoder;
  private readonly block: HeaderBlock;
  /** An event that follows the one just told. */
  private after = NEED;
  private settingsSeen = false;
  /** Of the DATA frame at hand; null when its content is for nobody. */
  private dataStream: Http2Stream | null = null;
  /** Bytes of it that are no content for anybody: padding, and what came too late. */
  private dataOverhead = 0;

  /** `huffman`: whether our own fields are made smaller for more work. Our first frames are in `out` at once. */
  constructor(role: Http2Role, limits: Http2Limits, huffman = true) {
    super(role, limits, huffman);
    this.reader = new FrameReader(role === "server");
    this.decoder = new HpackDecoder(limits);
    this.block = new HeaderBlock(limits.headBytes);
    this.peer = new PeerSettings(role === "client");
    if (role === "client") this.out.add(PREFACE, 0, PREFACE.length);
    this.sender.writer.settings([
      role === "client" ? [S_ENABLE_PUSH, 0] : [S_MAX_CONCURRENT_STREAMS, limits.h2Streams],
      [S_INITIAL_WINDOW_SIZE, this.streamWindow],
      [S_MAX_HEADER_LIST_SIZE, limits.headBytes],
    ]);
    this.window.open();
  }

  /** Hands over bytes, by reference, once next() has said NEED. `nowMs`: any clock that only goes forward. */
  push(chunk: Buffer, nowMs: number): void {
    this.patience.refill(nowMs);
    this.reader.push(chunk);
  }

  /** Some byte of a frame or of a field section has come, but not all of it. */
  get midFrame(): boolean {
    return this.reader.inFrame || this.block.streamId !== 0;
  }

  next(): number {
    if (this.fault !== null) return FAULT;
    if (this.after !== NEED) {
      const event = this.after;
      this.after = NEED;
      return event;
    }
    try {
      return this.step();
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.fault = error;
      this.goneAway = false;
      this.goAway(error.code, error.message);
      return FAULT;
    }
  }

  private step(): number {
    const { reader } = this;
    for (;;) {
      let event = NEED;
      switch (reader.next()) {
        case NO_FRAME:
          reader.letGo();
          return NEED;
        case DATA_BEGINS:
          event = this.dataBegins();
          break;
        case DATA_PIECE:
          event = this.dataPiece();
          break;
        case DATA_ENDS:
          event = this.dataEnds();
          break;
        default:
          event = this.frame();
      }
      if (event !== NEED) return event;
    }
  }

  // ---- DATA (§6.1)

  private dataBegins(): number {
    const { streamId, length, flags } = this.reader;
    this.expectFrame();
    if (streamId === 0) throw new Http2Error(PROTOCOL_ERROR, "DATA on stream 0");
    this.window.take(length);
    this.dataStream = null;
    this.dataOverhead = length;
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.checkLate(streamId, "DATA");
      return NEED;
    }
    if (stream.remoteEnded) return this.streamError(streamId, STREAM_CLOSED, null);
    if (!stream.headSeen) return this.streamError(streamId, PROTOCOL_ERROR, "h2-data-early");
    if (length === 0 && (flags & FLAG_END_STREAM) === 0) this.tire("empty DATA frames without end");
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) return this.streamError(streamId, FLOW_CONTROL_ERROR, null);
    this.dataStream = stream;
    return NEED;
  }

  private dataPiece(): number {
    const { reader, dataStream: stream } = this;
    if (stream === null || stream.state === CLOSED) return NEED;
    let length = reader.end - reader.start;
    if (stream.contentLeft >= 0) {
      const over = length > stream.contentLeft;
      if (over) length = stream.contentLeft;
      stream.contentLeft -= length;
      if (over) {
        // What is within the length is told first, so that it does not matter how the bytes were cut.
        const reset = this.streamError(stream.id, PROTOCOL_ERROR, "h2-content-length-wrong");
        if (length === 0) return reset;
        this.after = reset;
      }
    }
    if (stream.state !== CLOSED) {
      this.dataOverhead -= length;
      stream.unread += length;
    }
    this.stream = stream;
    this.buf = reader.buf;
    this.start = reader.start;
    this.end = reader.start + length;
    return DATA;
  }

  private dataEnds(): number {
    const { dataStream: stream, dataOverhead } = this;
    if (dataOverhead > 0) this.window.giveBack(dataOverhead);
    if (stream === null || stream.state === CLOSED) return NEED;
    if (dataOverhead > 0) this.window.giveBackOn(stream, dataOverhead);
    return (this.reader.flags & FLAG_END_STREAM) === 0 ? NEED : this.remoteEnd(stream);
  }

  // ---- other frames

  /** A frame of this kind may come now: after SETTINGS, and not inside a field section (§3.4, §6.10). */
  private expectFrame(): void {
    const { reader, block } = this;
    if (!this.settingsSeen && (reader.type !== F_SETTINGS || (reader.flags & FLAG_ACK) !== 0)) {
      throw new Http2Error(PROTOCOL_ERROR, "the first frame is not SETTINGS");
    }
    if (block.streamId !== 0 && (reader.type !== F_CONTINUATION || reader.streamId !== block.streamId)) {
      throw new Http2Error(PROTOCOL_ERROR, "another frame inside a field section");
    }
  }

  private frame(): number {
    this.expectFrame();
    const { reader } = this;
    const { streamId, length } = reader;
    switch (reader.type) {
      case F_HEADERS:
        if (streamId === 0) throw new Http2Error(PROTOCOL_ERROR, "HEADERS on stream 0");
        return this.block.begin(reader) ? this.section() : NEED;
      case F_CONTINUATION:
        if (this.block.streamId === 0) throw new Http2Error(PROTOCOL_ERROR, "CONTINUATION without HEADERS");
        return this.block.goOn(reader) ? this.section() : NEED;
      case F_PRIORITY:
        if (streamId === 0) throw new Http2Error(PROTOCOL_ERROR, "PRIORITY on stream 0");
        this.tire("PRIORITY frames without end");
        // §5.3.2: nothing else about it means anything any more.
        return length === 5 ? NEED : this.streamError(streamId, FRAME_SIZE_ERROR, null);
      case F_RST_STREAM:
        return this.rstStream();
      case F_SETTINGS:
        return this.settings();
      case F_PUSH_PROMISE:
        // A client must not push, and we have told the server not to (§8.4).
        throw new Http2Error(PROTOCOL_ERROR, "PUSH_PROMISE, which is not allowed here");
      case F_PING:
        if (streamId !== 0) throw new Http2Error(PROTOCOL_ERROR, "PING on a stream");
        if (length !== 8) throw new Http2Error(FRAME_SIZE_ERROR, "PING that is not of 8 bytes");
        this.tire("pings without end");
        if ((reader.flags & FLAG_ACK) === 0) this.sender.writer.ping(true, reader.buf, reader.start);
        return NEED;
      case F_GOAWAY:
        return this.peerGoesAway();
      case F_WINDOW_UPDATE:
        return this.windowUpdate();
      default:
        // §5.5: what nobody knows is ignored.
        this.tire("unknown frames without end");
        return NEED;
    }
  }

  private settings(): number {
    const { reader } = this;
    if (reader.streamId !== 0) throw new Http2Error(PROTOCOL_ERROR, "SETTINGS on a stream");
    if (this.settingsSeen) this.tire("SETTINGS without end");
    this.settingsSeen = true;
    if ((reader.flags & FLAG_ACK) !== 0) {
      if (reader.length !== 0) throw new Http2Error(FRAME_SIZE_ERROR, "an acknowledgement of SETTINGS with content");
      return NEED;
    }
    this.peer.apply(reader.buf, reader.start, reader.end, this.sender, this.streams.values());
    this.sender.writer.settingsAck();
    return NEED;
  }

  private rstStream(): number {
    const { streamId, length, buf, start } = this.reader;
    if (streamId === 0) throw new Http2Error(PROTOCOL_ERROR, "RST_STREAM on stream 0");
    if (length !== 4) throw new Http2Error(FRAME_SIZE_ERROR, "RST_STREAM that is not of 4 bytes");
    // CVE-2023-44487
    this.tire("resets without end");
    const stream = this.streams.get(streamId);
    if (stream !== undefined) {
      this.close(stream, RESET_BY_PEER);
      return this.tellReset(stream, buf.readUInt32BE(start), null, true);
    }
    if (this.isIdle(streamId)) throw new Http2Error(PROTOCOL_ERROR, "RST_STREAM on an idle stream");
    return NEED;
  }

  private windowUpdate(): number {
    const { streamId, length, buf, start } = this.reader;
    if (length !== 4) throw new Http2Error(FRAME_SIZE_ERROR, "WINDOW_UPDATE that is not of 4 bytes");
    const increment = buf.readUInt32BE(start) & STREAM_ID_MAX;
    if (streamId === 0) {
      this.sender.widen(increment);
      return NEED;
    }
    const stream = this.streams.get(streamId);
    if (stream !== undefined) {
      const code = this.sender.widenStream(stream, increment);
      return code === NO_ERROR ? NEED : this.streamError(streamId, code, null);
    }
    if (this.isIdle(streamId)) throw new Http2Error(PROTOCOL_ERROR, "WINDOW_UPDATE on an idle stream");
    return NEED;
  }

  private peerGoesAway(): number {
    const { streamId, length, buf, start } = this.reader;
    if (streamId !== 0) throw new Http2Error(PROTOCOL_ERROR, "GOAWAY on a stream");
    if (length < 8) throw new Http2Error(FRAME_SIZE_ERROR, "GOAWAY of less than 8 bytes");
    this.tire("GOAWAY without end");
    this.lastStreamId = buf.readUInt32BE(start) & STREAM_ID_MAX;
    this.code = buf.readUInt32BE(start + 4);
    return GOAWAY;
  }

  // ---- field sections (§8.1); every one is decoded, whoever it is for

  private section(): number {
    const { block } = this;
    const { streamId, endStream } = block;
    block.streamId = 0;
    const section = this.decoder.decode(block.buf, block.start, block.end);
    this.fields = section.fields;
    this.streamId = streamId;
    const stream = this.streams.get(streamId);
    if (stream !== undefined) {
      if (stream.remoteEnded) return this.streamError(streamId, STREAM_CLOSED, null);
      if (section.tooLarge) return this.streamError(streamId, ENHANCE_YOUR_CALM, "h2-head-too-large");
      return stream.headSeen ? this.trailers(stream, endStream) : this.answer(stream, endStream);
    }
    if (this.role === "server" && this.isIdle(streamId)) return this.newRequest(streamId, endStream, section);
    this.checkLate(streamId, "HEADERS");
    return NEED;
  }

  private newRequest(streamId: number, endStream: boolean, section: FieldSection): number {
    // §5.1.1
    if ((streamId & 1) === 0) throw new Http2Error(PROTOCOL_ERROR, "a client's stream with an even number");
    this.peerLast = streamId;
    if (this.goneAway || this.streams.size >= this.limits.h2Streams) {
      return this.streamError(streamId, REFUSED_STREAM, null);
    }
    if (section.tooLarge) return this.refuse(streamId, ENHANCE_YOUR_CALM, "h2-head-too-large");
    const request = readRequest(section.fields, false);
    if (typeof request === "string") return this.refuse(streamId, PROTOCOL_ERROR, request);
    if (endStream && request.contentLength > 0) return this.refuse(streamId, PROTOCOL_ERROR, "h2-content-length-wrong");
    const stream = this.newStream(streamId);
    stream.headSeen = true;
    stream.contentLeft = request.contentLength;
    this.stream = stream;
    this.request = request;
    if (endStream) this.after = this.remoteEnd(stream);
    return HEADERS;
  }

  /** A request that never becomes a stream. */
  private refuse(streamId: number, code: number, malformed: Malformed): number {
    this.streamError(streamId, code, malformed);
    this.code = code;
    this.malformed = malformed;
    return MALFORMED;
  }

  private answer(stream: Http2Stream, endStream: boolean): number {
    const response = readResponse(this.fields);
    if (typeof response === "string") return this.streamError(stream.id, PROTOCOL_ERROR, response);
    this.stream = stream;
    this.response = response;
    const { status, contentLength } = response;
    if (status < 200) return endStream ? this.streamError(stream.id, PROTOCOL_ERROR, "h2-end-missing") : HEADERS;
    stream.headSeen = true;
    stream.contentLeft = stream.bodiless || status === 204 || status === 304 ? -1 : contentLength;
    if (endStream) this.after = this.remoteEnd(stream);
    return HEADERS;
  }

  private trailers(stream: Http2Stream, endStream: boolean): number {
    const fault = endStream ? trailerFault(this.fields) : "h2-end-missing";
    if (fault !== null) return this.streamError(stream.id, PROTOCOL_ERROR, fault);
    this.stream = stream;
    const event = this.remoteEnd(stream);
    if (event !== END) return event;
    this.after = END;
    return TRAILERS;
  }
}
