// What rules decided, as data. The engine applies a plan without knowing any policy; what it must do for each part stands at that part.
//
// The engine's side, in order, for one exchange:
//  1. `decideRequest(program, facts, ambient)`. EMPTY_PLAN (compare by identity): go on with the bytes as they came.
//  2. `plan.needsBody > 0`: hold the request's content up to that many bytes, decode it to text, decide again with `facts.bodyText` set
//     (to "" if it was longer or no text); then `needsBody` is 0.
//  3. `plan.flow`: tags, colour, comment, log lines, `record`, `redact` before anything is written, `pause` (hold: breakpoint).
//  4. `plan.connection`: a fault of kind refuse, reset, hang, dns or tls is played instead of going upstream; `delayMs` is waited first;
//     throttle, timeouts, and the options for dialling are handed to upstream (they are part of the pool's key).
//  5. `plan.answer`: no upstream; render it with edit/answer.ts (files are read through files of the engine) and let it go through
//     step 7 as a response. `plan.route` else: where to dial; `hostHeader` has already become an edit.
//  6. `plan.head`: `editHead` gives new head bytes; re-parse them with the codec, re-frame if `plan.body` is not empty.
//     `plan.body`: hold the content up to `bodyLimit` (streams through unedited, and says so on the flow, if longer), decode the content coding,
//     `editBody`, code again, put Content-Length right. Empty: stream.
//  7. `decideResponse(program, plan, requestFacts, responseFacts, ambient)` at the response's head, and the same again for the response.
//  8. `plan.rules` and the response plan's go on the flow (`FlowTap.rule`), the original heads too when edited.
import type { Answer } from "./answer.ts";
import type { BodyOp } from "./edit/body.ts";
import type { Find } from "./edit/find.ts";
import type { HeadOp } from "./edit/head.ts";
import type { MatchedRule } from "./program.ts";

/** The decision on a request. Immutable. */
export interface Plan {
  /** Names of the rules that matched, in file order. */
  readonly rules: readonly string[];
  /** Edits of the request's head, in order. */
  readonly head: readonly HeadOp[];
  /** Edits of the request's content, in order; empty: stream it. */
  readonly body: readonly BodyOp[];
  /** Where to go instead; null: where the request says. */
  readonly route: Route | null;
  /** What to say ourselves; null: ask the server. */
  readonly answer: Answer | null;
  readonly connection: ConnectionPlan | null;
  readonly flow: FlowPlan | null;
  readonly messages: readonly MessagePlan[];
  readonly scripts: readonly ScriptCall[];
  /** Bytes of request content to hold before this plan is final; 0: it is final. */
  readonly needsBody: number;
  /** Opaque to the engine: what matched so far, for decideResponse. */
  readonly matched: readonly MatchedRule[];
  /** True if decideResponse may say something: the engine may skip the call otherwise. */
  readonly judgesResponse: boolean;
}

/** The decision on a response. Immutable. */
export interface ResponsePlan {
  readonly rules: readonly string[];
  readonly head: readonly HeadOp[];
  readonly body: readonly BodyOp[];
  /** Rules may replace an answer that came, whatever it was (`answer` under a response term). */
  readonly answer: Answer | null;
  readonly connection: ConnectionPlan | null;
  readonly flow: FlowPlan | null;
  readonly messages: readonly MessagePlan[];
  readonly scripts: readonly ScriptCall[];
  readonly needsBody: number;
}

/** A script that is asked at a turn, once the edits of all rules are made. */
export interface ScriptCall {
  readonly rule: string;
  /** Absolute. */
  readonly file: string;
  /** The content is held for it, as far as it is no longer than the limit. */
  readonly body: boolean;
  /** Milliseconds for a turn; then its thread is ended. */
  readonly timeoutMs: number;
  /** What an error means for the exchange: go on without the script, or fail. */
  readonly onError: "continue" | "fail";
}

/** Another place for the request. What is undefined stays as it is. */
export interface Route {
  readonly scheme?: "http" | "https" | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** How the connection to the server is made and carried. Undefined: as configured. */
export interface ConnectionPlan {
  /** Dial this address (host or IP, and port) though the request, its Host and SNI say another: a DNS map. */
  readonly dial?: { readonly host: string; readonly port?: number | undefined } | undefined;
  /** Name in the client hello; "" sends none. */
  readonly sni?: string | undefined;
  /** `http://…`, `https://…`, `socks5://…`, `direct`, or `pac:` and a file. */
  readonly upstream?: string | undefined;
  readonly clientCertificate?:
    | { readonly cert: string; readonly key: string; readonly passphrase?: string | undefined }
    | undefined;
  readonly insecure?: boolean | undefined;
  readonly tlsMin?: "1.2" | "1.3" | undefined;
  readonly tlsMax?: "1.2" | "1.3" | undefined;
  readonly alpn?: "http/1.1" | "h2" | undefined;
  /** Milliseconds. */
  readonly timeouts?:
    | {
        readonly connect?: number | undefined;
        readonly answer?: number | undefined;
        readonly idle?: number | undefined;
      }
    | undefined;
  readonly throttle?: Throttle | undefined;
  /** Wait before the request goes on (or, in a response plan, before the response does). */
  readonly delayMs?: number | undefined;
  readonly fault?: Fault | undefined;
}

/** Bytes a second and milliseconds; 0 is no bound. `up` is from the client, `down` to it. */
export interface Throttle {
  readonly upPerSecond: number;
  readonly downPerSecond: number;
  readonly latencyMs: number;
  readonly jitterMs: number;
}

/**
 * How the connection breaks. refuse, dns, tls: fail as if dialling had. reset: RST to the client before an answer. hang: never
 * answer. truncate: cut the body after `afterBytes` and close; reset-body: the same with RST. corrupt: flip one bit in each `everyBytes`.
 */
export type Fault =
  | { readonly kind: "refuse" | "reset" | "hang" | "dns" | "tls" }
  | { readonly kind: "truncate" | "reset-body"; readonly afterBytes: number }
  | { readonly kind: "corrupt"; readonly everyBytes: number };

/** What the record of the flow should say or leave out. */
export interface FlowPlan {
  readonly tags: readonly string[];
  readonly color: string | undefined;
  readonly comment: string | undefined;
  /** Lines for the log. */
  readonly log: readonly string[];
  /** false: nothing of this flow is kept; "head": heads but no bodies. */
  readonly record: boolean | "head";
  readonly redact: readonly Redaction[];
  /** Hold for a person: at the request, at the response. */
  readonly pause: { readonly request: boolean; readonly response: boolean };
  /** Send the request again this many times after it is done. */
  readonly replay: number;
}

/** What is replaced by `[redacted]` before anything is written: in heads, original, messages and exports. TLS secrets of such a flow are not kept. */
export type Redaction =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "cookie"; readonly name: string }
  | { readonly kind: "query"; readonly name: string }
  | { readonly kind: "json"; readonly path: string }
  | { readonly kind: "text"; readonly find: Find };

/** What to do with messages of a WebSocket, event stream or gRPC call. */
export interface MessagePlan {
  readonly direction: "up" | "down" | "both";
  /** Only messages whose text this finds; undefined: all. */
  readonly match: Find | undefined;
  readonly drop?: boolean | undefined;
  readonly delayMs?: number | undefined;
  readonly replace: readonly BodyOp[];
  /** Messages to send of ourselves, after so many milliseconds from the opening. */
  readonly inject: readonly { readonly text: string; readonly afterMs: number }[];
}

/** The decision on a tunnel: what the engine does with the bytes after CONNECT (or a transparent, reverse TLS connection). */
export interface ConnectPlan {
  readonly intercept: "decrypt" | "pass" | "refuse";
  readonly rules: readonly string[];
  /** Why it is not decrypted, for the flow; "" if it is. */
  readonly reason: string;
  /** For tunnels that are passed through. */
  readonly connection: ConnectionPlan | null;
}

export const EMPTY_PLAN: Plan = Object.freeze({
  rules: Object.freeze([]),
  head: Object.freeze([]),
  body: Object.freeze([]),
  route: null,
  answer: null,
  connection: null,
  flow: null,
  messages: Object.freeze([]),
  scripts: Object.freeze([]),
  needsBody: 0,
  matched: Object.freeze([]),
  judgesResponse: false,
});

export const EMPTY_RESPONSE_PLAN: ResponsePlan = Object.freeze({
  rules: Object.freeze([]),
  head: Object.freeze([]),
  body: Object.freeze([]),
  answer: null,
  connection: null,
  flow: null,
  messages: Object.freeze([]),
  scripts: Object.freeze([]),
  needsBody: 0,
});

export const EMPTY_FLOW_PLAN: FlowPlan = Object.freeze({
  tags: Object.freeze([]),
  color: undefined,
  comment: undefined,
  log: Object.freeze([]),
  record: true,
  redact: Object.freeze([]),
  pause: Object.freeze({ request: false, response: false }),
  replay: 0,
});
