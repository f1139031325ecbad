// What a script's thread and its owner say to each other.
import type { ScriptInput, ScriptOutcome, ScriptTurn } from "./host.ts";

export interface ThreadData {
  /** JavaScript, everything it imports within it but Node's own modules. */
  readonly code: string;
  readonly file: string;
}

export type ToThread =
  | { readonly kind: "run"; readonly id: number; readonly rule: string; readonly input: ScriptInput }
  | { readonly kind: "told"; readonly question: number; readonly result: unknown; readonly error: string | null };

export type FromThread =
  /** The module is loaded. */
  | { readonly kind: "ready"; readonly turns: readonly ScriptTurn[] }
  | { readonly kind: "broken"; readonly error: string }
  | { readonly kind: "done"; readonly id: number; readonly outcome: ScriptOutcome }
  | { readonly kind: "ask"; readonly question: number; readonly what: StoreQuestion };

export type StoreQuestion =
  | { readonly kind: "list"; readonly filter: string | undefined; readonly limit: number }
  | { readonly kind: "get"; readonly flow: number }
  | { readonly kind: "body"; readonly flow: number; readonly side: ScriptTurn };
