// The bounds of the codec and what it may be told to overlook. The values and their reasons live in config.

export interface Http1Limits {
  /** Bytes of a head, start line and empty line included (431; 414 when the request line alone is longer). */
  readonly headBytes: number;
  /** Fields in a head or a trailer section (431). */
  readonly fieldCount: number;
  /** Empty lines skipped before a request line (RFC 9112 §2.2). */
  readonly emptyLines: number;
  /** Bytes of chunk extensions in one message, all chunks together. */
  readonly chunkExtensionBytes: number;
  /** Bytes of a trailer section, its empty line included. */
  readonly trailerBytes: number;
  /** Interim (1xx) answers before a final one. */
  readonly interimCount: number;
}

/** What a user allowed for a host, though it is refused by default. Each is a named defect when it happens. */
export interface Leniency {
  /** Take folded fields in requests and send them on in one line. */
  readonly obsFoldInRequests?: boolean;
}
