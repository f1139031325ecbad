// What a filter looks at. Whoever has something to match (a live exchange, a recorded flow, a row in the page) implements this
// interface lazily: a reader is called only if a term asks for it. `undefined` means "not known (yet)": every plain term on
// it is false, and so its negation true.

export interface Subject {
  readonly id?: number | undefined;
  /** Start of the flow, milliseconds since the epoch. */
  readonly startedAt?: number | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly scheme?: string | undefined;
  /** Without port, without brackets. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Path without query. */
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  /** Content-Type of the response, or of the request as long as there is no response; parameters included. */
  readonly contentType?: string | undefined;
  /** Content bytes of the response. */
  readonly size?: number | undefined;
  /** Milliseconds. */
  readonly duration?: number | undefined;
  /** `1.0`, `1.1`, `2`: of the client's side and, once known, of the server's. */
  readonly versions?: readonly string[] | undefined;
  /** Address, and address:port. */
  readonly client?: readonly string[] | undefined;
  /** Address, address:port, and name. */
  readonly server?: readonly string[] | undefined;
  readonly process?: string | undefined;
  readonly mode?: string | undefined;
  /** Versions, ciphers, ALPN and SNI of both sides. */
  readonly tls?: readonly string[] | undefined;
  /** Code and message. */
  readonly error?: readonly string[] | undefined;
  readonly rules?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly comment?: string | undefined;
  readonly color?: string | undefined;
  query?(name: string): readonly string[] | undefined;
  cookie?(name: string): readonly string[] | undefined;
  requestHeader?(name: string): readonly string[] | undefined;
  responseHeader?(name: string): readonly string[] | undefined;
  /** Both heads as text, for bare words. */
  headText?(): string | undefined;
  /** Decoded text of the body; undefined if it is no text. */
  requestText?(): string | undefined;
  responseText?(): string | undefined;
  is?(flag: Flag): boolean | undefined;
  packets?(count: PacketCount): number | undefined;
}

export const FLAGS = [
  "websocket",
  "sse",
  "grpc",
  "replayed",
  "modified",
  "intercepted",
  "error",
  "active",
  "tunnel",
] as const;
export type Flag = (typeof FLAGS)[number];

export const PACKET_COUNTS = [
  "count",
  "bytes",
  "retransmits",
  "duplicates",
  "outoforder",
  "lost",
  "resets",
  "zerowindow",
] as const;
export type PacketCount = (typeof PACKET_COUNTS)[number];
