// One stream: its state (RFC 9113 §5.1), its windows, and what waits to be sent on it. Idle streams have no object, and
// closed ones are forgotten but for their number.

import type { HpackField } from "./hpack/field.ts";

export const OPEN = 0;
/** We have ended our side. */
export const HALF_LOCAL = 1;
/** The peer has ended its side. */
export const HALF_REMOTE = 2;
export const CLOSED = 3;

export class Http2Stream {
  readonly id: number;
  state: number = OPEN;

  // What comes
  /** The peer's first section (for an answer: its final one) has come. */
  headSeen = false;
  /** Content bytes that must still come; -1 when nobody said. */
  contentLeft = -1;
  /** The answer to this has no content whatever its fields say: HEAD, 204, 304. */
  bodiless = false;
  /** Bytes that the peer may still send. */
  receiveWindow: number;
  /** Bytes that came and were not yet consumed. */
  unread = 0;
  /** Bytes consumed that the peer has not been told of. */
  credit = 0;

  // What goes
  sendWindow: number;
  /** Content waiting for a window. */
  readonly queue: Slice[] = [];
  queuedBytes = 0;
  /** Nothing more will be queued. */
  ended = false;
  /** Sent behind the content; null is none. */
  trailers: readonly FieldOut[] | null = null;
  /** It stands in the line of those that can send. */
  inLine = false;

  constructor(id: number, receiveWindow: number, sendWindow: number) {
    this.id = id;
    this.receiveWindow = receiveWindow;
    this.sendWindow = sendWindow;
  }

  get remoteEnded(): boolean {
    return this.state === HALF_REMOTE || this.state === CLOSED;
  }

  get localEnded(): boolean {
    return this.state === HALF_LOCAL || this.state === CLOSED;
  }
}

/** A field on its way out: name in lower case, both one char a byte. */
export interface FieldOut {
  readonly name: string;
  readonly value: string;
  readonly never?: boolean;
}

export type FieldsIn = readonly HpackField[];

export interface Slice {
  readonly buf: Buffer;
  start: number;
  readonly end: number;
}
