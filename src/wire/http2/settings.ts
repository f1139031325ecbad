// SETTINGS (RFC 9113 §6.5): what each may be, and what the peer's change.

import {
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  MAX_FRAME_BYTES,
  MIN_FRAME_BYTES,
  PROTOCOL_ERROR,
  S_ENABLE_CONNECT_PROTOCOL,
  S_ENABLE_PUSH,
  S_HEADER_TABLE_SIZE,
  S_INITIAL_WINDOW_SIZE,
  S_MAX_CONCURRENT_STREAMS,
  S_MAX_FRAME_SIZE,
  WINDOW_MAX,
} from "./codes.ts";
import { Http2Error } from "./error.ts";
import type { Http2Sender } from "./sender.ts";
import type { Http2Stream } from "./stream.ts";

export class PeerSettings {
  /** Streams that we may have open at the peer. */
  maxStreams = Number.MAX_SAFE_INTEGER;
  /** RFC 8441: the peer takes extended CONNECT. */
  connectProtocol = false;
  private readonly fromServer: boolean;

  constructor(fromServer: boolean) {
    this.fromServer = fromServer;
  }

  /** Takes the payload buf[start, end) of a SETTINGS frame, in its order. Throws Http2Error. */
  apply(buf: Buffer, start: number, end: number, sender: Http2Sender, streams: Iterable<Http2Stream>): void {
    if ((end - start) % 6 !== 0) throw new Http2Error(FRAME_SIZE_ERROR, "SETTINGS of a broken length");
    for (let at = start; at < end; at += 6) {
      this.set(buf.readUInt16BE(at), buf.readUInt32BE(at + 2), sender, streams);
    }
  }

  private set(id: number, value: number, sender: Http2Sender, streams: Iterable<Http2Stream>): void {
    switch (id) {
      case S_HEADER_TABLE_SIZE:
        sender.encoder.allow(value);
        return;
      case S_ENABLE_PUSH:
        if (value > 1 || (value === 1 && this.fromServer)) {
          throw new Http2Error(PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH of ${value}`);
        }
        return;
      case S_MAX_CONCURRENT_STREAMS:
        this.maxStreams = value;
        return;
      case S_INITIAL_WINDOW_SIZE:
        if (value > WINDOW_MAX) throw new Http2Error(FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE over 2^31-1");
        sender.rebase(streams, value);
        return;
      case S_MAX_FRAME_SIZE:
        if (value < MIN_FRAME_BYTES || value > MAX_FRAME_BYTES) {
          throw new Http2Error(PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE of ${value}`);
        }
        // What is allowed beyond that would only keep the other streams waiting.
        return;
      case S_ENABLE_CONNECT_PROTOCOL:
        // RFC 8441 §3
        if (value > 1 || (value === 0 && this.connectProtocol)) {
          throw new Http2Error(PROTOCOL_ERROR, `SETTINGS_ENABLE_CONNECT_PROTOCOL of ${value}`);
        }
        this.connectProtocol = value === 1;
        return;
      // SETTINGS_MAX_HEADER_LIST_SIZE is advice, and what nobody knows is ignored (§6.5.2).
    }
  }
}
