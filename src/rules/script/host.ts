// What the engine asks of scripts. Implemented by threads (threads.ts); the engine knows no thread, and scripts know no engine.
import type { HeadOp } from "../edit/head.ts";
import type { ScriptCall } from "../plan.ts";

export type ScriptTurn = "request" | "response";

export interface ScriptHost {
  /** Does the script look at this turn? True as long as that is not known. */
  takes(file: string, turn: ScriptTurn): boolean;
  /** Runs a turn. Never rejects: what goes wrong is the outcome's error. */
  run(call: ScriptCall, input: ScriptInput): Promise<ScriptOutcome>;
  close(): Promise<void>;
}

export interface ScriptInput {
  readonly turn: ScriptTurn;
  readonly flow: number;
  readonly client: string;
  readonly request: RequestInput;
  /** Null at the request's turn. */
  readonly response: ResponseInput | null;
}

export interface RequestInput {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Decoded; null if it is not known. */
  readonly body: Uint8Array | null;
}

export interface ResponseInput {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
}

export interface ScriptOutcome {
  /** Edits of the turn's head, in order. */
  readonly head: readonly HeadOp[];
  /** Another URL for the request. */
  readonly url: string | null;
  /** Other content. */
  readonly body: Uint8Array | null;
  readonly answer: ScriptAnswer | null;
  readonly tags: readonly string[];
  readonly comment: string | null;
  readonly log: readonly string[];
  /** One line, with the script's own place in it; null if all went well. */
  readonly error: string | null;
}

export interface ScriptAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly bytes: Uint8Array;
  readonly type: string | null;
}

export const NOTHING_DONE: ScriptOutcome = Object.freeze({
  head: Object.freeze([]),
  url: null,
  body: null,
  answer: null,
  tags: Object.freeze([]),
  comment: null,
  log: Object.freeze([]),
  error: null,
});

/** What scripts may ask of the recorded session. Gateway fills it. */
export interface ScriptStore {
  list(filter: string | undefined, limit: number): Promise<readonly unknown[]>;
  get(id: number): Promise<unknown>;
  body(id: number, side: ScriptTurn): Promise<Uint8Array>;
}

/** For engines without scripts. */
export const NO_SCRIPTS: ScriptHost = {
  takes: () => false,
  run: async () => ({ ...NOTHING_DONE, error: "scripts do not run here" }),
  close: async () => undefined,
};
