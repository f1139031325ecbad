// The nouns of what happened: what the contract calls a flow summary and a whole flow, and the facts of a connection.
// The flow room records, keeps, finds and formats exchanges. It knows no sockets, no rules and nobody who asks; bytes come to it
// through the recorder's taps and leave through sessions, the feed and the formats.
// All times are milliseconds since the epoch with fractions, all sizes bytes, unless a name says otherwise.

export type FlowState = "active" | "complete" | "error" | "intercepted";

export type Side = "request" | "response";

/** What a list shows of a flow. Keys that were never known are null; keys marked `?` are left out if there is nothing to say. */
export interface FlowSummary {
  /** Monotonic in its session. */
  readonly id: number;
  readonly state: FlowState;
  readonly startedAt: number;
  /** Milliseconds; null while active. */
  readonly duration: number | null;
  readonly client: ClientEnd | null;
  readonly server: ServerEnd | null;
  /** How the client reached us: `regular`, `reverse`, … */
  readonly mode: string;
  readonly scheme: string;
  readonly method: string;
  /** Without port, without brackets. */
  readonly host: string;
  /** 0 if it was never known. */
  readonly port: number;
  /** host, or host:port where the port is not the scheme's own. */
  readonly authority: string;
  /** Path and query as received. */
  readonly path: string;
  readonly url: string;
  /** `1.0`, `1.1` or `2`. */
  readonly httpVersion: { readonly client: string | null; readonly server: string | null };
  /** What the client got; null if it got no answer. */
  readonly status: number | null;
  readonly reason: string | null;
  /** Content as on the wire (for a tunnel: what the client sent). */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Of the response; of the request as long as there is no response. */
  readonly contentType: string | null;
  readonly tls: { readonly client: TlsFacts | null; readonly server: TlsFacts | null };
  readonly timings: Timings;
  /** Names of the rules that were applied. */
  readonly rules: readonly string[];
  /** Names of what was malformed and taken all the same. */
  readonly defects: readonly string[];
  /** What else people should know of it: an edit that could not be made, say. */
  readonly notes?: readonly string[];
  readonly error: FlowError | null;
  readonly tags: readonly string[];
  readonly comment: string;
  readonly color: string;
  readonly connection: { readonly client: number | null; readonly server: number | null };
  readonly tunnel?: true;
  readonly replayed?: true;
  readonly modified?: true;
  readonly intercepted?: true;
  readonly websocket?: Readonly<Record<string, unknown>> | true;
  readonly packets?: Readonly<Record<string, number>>;
}

export interface ClientEnd {
  readonly address: string;
  readonly port: number;
  readonly process?: string;
}

export interface ServerEnd {
  readonly address: string;
  readonly port: number;
  /** The host that was asked for. */
  readonly name: string;
}

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | null;
  readonly sni: string | null;
  /** Present if the peer's certificate was not verified: what it would have been refused for, or "". */
  readonly insecure?: string;
}

/** Milliseconds as in HAR 1.2: -1 is "does not apply"; `connect` includes `tls`. */
export interface Timings {
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly tls: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

export interface FlowError {
  readonly code: string;
  readonly message: string;
  /** Whose fault it was: the peer that broke off or erred. */
  readonly side?: "client" | "server" | "proxy";
}

export interface WholeFlow extends FlowSummary {
  readonly request: Message;
  readonly response: Message | null;
  /** 1xx answers before the final one, in order. */
  readonly interim: readonly InterimAnswer[];
}

export interface Message {
  /** The raw head, base64, as received (as sent on, if it was changed); null for HTTP/2 and where none came. */
  readonly head: string | null;
  readonly headers: readonly Field[];
  readonly trailers: readonly Field[];
  readonly body: BodyFacts;
  /** Where a rule or a person changed the message: what was received. Without `body` the content was not touched. */
  readonly original?: OriginalMessage;
}

export interface OriginalMessage {
  readonly head: string | null;
  readonly headers: readonly Field[];
  readonly trailers: readonly Field[];
  readonly body?: BodyFacts;
}

export type Field = readonly [name: string, value: string];

export interface InterimAnswer {
  readonly status: number;
  readonly reason: string;
  readonly head: string;
  readonly headers: readonly Field[];
}

export interface BodyFacts {
  /** Bytes on the wire. */
  readonly size: number;
  /** Bytes kept. */
  readonly recorded: number;
  readonly truncated: boolean;
  /** Content-Encoding as given; null if there is none. */
  readonly encoding: string | null;
}

/** What is known of a connection. Told once, and again when it grows (TLS done). */
export interface ConnFacts {
  readonly id: number;
  readonly leg: "client" | "server";
  /** The peer's. */
  readonly address: string;
  readonly port: number;
  readonly localPort: number;
  readonly localAddress?: string;
  /** Server leg: the host asked for. */
  readonly name?: string;
  readonly openedAt: number;
  readonly tls?: TlsFacts | null;
  /** Client leg: the program at the other end, where it can be known. */
  readonly process?: string;
}
