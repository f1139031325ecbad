// What a script of `script: ./x.ts` is written against: `import type { Script } from "waylay"`. Types only; nothing of this is
// there at run time. A script lives in a thread of its own, whose variables stay from one exchange to the next.

/** A script's turns, each optional: exported one by one, or together as `export default { … } satisfies Script`. */
export interface Script {
  /** Before the request goes on. May edit it in place, or answer it by returning an Answer. */
  request?(request: ScriptRequest, context: ScriptContext): ScriptResult;
  /** Before the response goes on. May edit it in place, or put an Answer in its place. The request is as it was sent. */
  response?(response: ScriptResponse, request: ScriptRequest, context: ScriptContext): ScriptResult;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is what most scripts are.
type Nothing = void | undefined | null;
export type ScriptResult = Answer | Nothing | Promise<Answer | Nothing>;

export interface ScriptRequest {
  method: string;
  /** Whole: `https://host:port/path?query`. Another host sends the request there, with Host following. */
  url: string;
  readonly headers: ScriptHeaders;
  readonly body: ScriptBody;
}

export interface ScriptResponse {
  status: number;
  reason: string;
  readonly headers: ScriptHeaders;
  readonly body: ScriptBody;
}

/** Names are compared without case; what is not named keeps its place, its case and its repeats. */
export interface ScriptHeaders extends Iterable<readonly [name: string, value: string]> {
  /** The first of that name. */
  get(name: string): string | undefined;
  getAll(name: string): string[];
  has(name: string): boolean;
  /** In its place, once; at the end if it was not there. */
  set(name: string, value: string): void;
  add(name: string, value: string): void;
  remove(name: string): void;
}

/** The content with its codings undone; they are done again when it goes on, and its length is put right. */
export interface ScriptBody {
  /** False for content that was too long to be held, or that the rule leaves streaming (`body: off`): then it reads as empty. */
  readonly isKnown: boolean;
  /** As UTF-8. */
  text: string;
  /** Throws where the text is no JSON. */
  json: unknown;
  bytes: Uint8Array;
}

/** Said instead of the server. One of text, html, json and bytes, or no content. */
export interface Answer {
  /** 200 unless said. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly text?: string;
  readonly html?: string;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
}

export interface ScriptContext {
  /** The flow's id. */
  readonly flow: number;
  /** The rule that named the script. */
  readonly rule: string;
  /** The client's address. */
  readonly client: string;
  tag(...tags: readonly string[]): void;
  comment(text: string): void;
  /** A line in waylay's log; console.log goes there too. */
  log(...values: readonly unknown[]): void;
  /** What has been recorded in this session. */
  readonly flows: ScriptFlows;
}

export interface ScriptFlows {
  /** Summaries, newest first, of the flows that match. */
  list(filter?: string, options?: { readonly limit?: number }): Promise<readonly FlowFacts[]>;
  /** The whole flow but its bodies; null if there is none. */
  get(id: number): Promise<FlowFacts | null>;
  /** A body with its codings undone. */
  body(id: number, side?: "request" | "response"): Promise<Uint8Array>;
}

/** As `waylay flows ls --json` and `flows show --json` give them. */
export interface FlowFacts {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly [key: string]: unknown;
}
