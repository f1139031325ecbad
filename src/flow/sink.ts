// Where recorded flows go, as the recorder sees it. The store is one; tests have others.
import type { ConnFacts } from "./model.ts";
import type { FlowTap } from "./tap.ts";

export interface FlowSink {
  /** A connection's facts, or its grown facts. */
  conn(facts: ConnFacts): void;
  /** Takes what the tap holds now, before it returns: a finished flow, or the state of one that goes on. A later call replaces it. */
  flow(tap: FlowTap): void;
  /** `bytes` content bytes ahead of a flow's end, under the key that `pieceKey` gave. Copied before it returns. */
  piece(key: number, chunks: readonly Slice[], bytes: number): void;
  /** False if so many bytes more would make the queue too long: the caller goes without them. */
  room(bytes: number): boolean;
}

/** Bytes [start, end) of a buffer that nobody writes to again. */
export interface Slice {
  readonly buf: Uint8Array;
  readonly start: number;
  readonly end: number;
}

// The four contents that a flow can have, as the store numbers them: as received, and as sent on where that differed.
export const PART_REQUEST = 0;
export const PART_RESPONSE = 1;
export const PART_SENT_REQUEST = 2;
export const PART_SENT_RESPONSE = 3;

/** 256 KiB pieces of the largest body are fewer; only a stream that trickles for three days comes here. */
export const MAX_PIECES = 2 ** 18;

/**
 * The primary key of a spilled piece: flow, part and number in one integer, so that a body is one range of the table and needs no
 * index. 33 bits of flows, 2 of parts, 18 of pieces: 2^53, all that a number can count.
 */
export function pieceKey(flowId: number, part: number, piece: number): number {
  return (flowId * 4 + part) * MAX_PIECES + piece;
}
