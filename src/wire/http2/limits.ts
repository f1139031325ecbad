// The bounds of the codec. The values and their reasons live in config.

export interface Http2Limits {
  /** Bytes of a field section: uncompressed by RFC 9113 §6.5.2's count, and compressed as well. */
  readonly headBytes: number;
  /** Fields in a section. */
  readonly fieldCount: number;
  /** Streams that the peer may have open at once. */
  readonly h2Streams: number;
  /** What a stream may send before it is read. Bytes. */
  readonly h2StreamWindowBytes: number;
  /** What all streams together may send before they are read. Bytes. */
  readonly h2WindowBytes: number;
  /** Frames that cost us work and bring nothing (pings, settings, resets, empty data …), at once. */
  readonly h2IdleFrames: number;
  /** How many of them a second are forgiven. */
  readonly h2IdleFramesPerSecond: number;
}

/** CONTINUATION frames behind one HEADERS: 256 KB needs 16, and a stream of small ones is an attack (CVE-2024-27316). */
export const CONTINUATIONS_MAX = 64;
