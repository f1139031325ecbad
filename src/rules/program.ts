// Rules as the engine runs them: predicates compiled, actions turned into effects, found by an index. Immutable but for the clock that
// relative times are judged by, which each decision sets before it begins.
import type { Filter } from "../match/ast.ts";
import type { Predicate } from "../match/compile.ts";
import type { Stage } from "../match/fields.ts";
import type { StagedPredicate } from "../match/stage.ts";
import type { Capturer } from "./captures.ts";
import type { Draft } from "./draft.ts";
import type { RuleIndex } from "./rule-index.ts";
import type { Env } from "./template.ts";

/** What an action does to a plan once its rule matched. */
export interface Effect {
  readonly phase: Phase;
  run(draft: Draft, env: Env): void;
}

/** connect: how a connection is made; request, response: when the effect is decided; any: as soon as the rule is known to match. */
export type Phase = "connect" | "request" | "response" | "any";

export interface CompiledRule {
  /** `FILE#NAME`: stable over reloads, so that counts and switches stay. */
  readonly id: string;
  readonly name: string;
  /** Place in the whole program. */
  readonly order: number;
  readonly when: Filter;
  /** When every term of `when` is known. */
  readonly stage: Stage;
  readonly conditions: Conditions;
  readonly connect: readonly Effect[];
  readonly request: readonly Effect[];
  readonly response: readonly Effect[];
  readonly atConnect: StagedPredicate;
  readonly atRequest: StagedPredicate;
  readonly atRequestBody: StagedPredicate;
  readonly atResponse: StagedPredicate;
  readonly whole: Predicate;
  readonly capturer: Capturer | null;
  readonly final: boolean;
  readonly answers: boolean;
}

export interface Conditions {
  /** Share of matches, 0 to 1; 1: all. */
  readonly sample: number;
  readonly times: Times | null;
  /** Minutes of the local day, or epoch milliseconds. */
  readonly between: Between | null;
}

export type Times = { readonly kind: "first" | "after" | "every"; readonly count: number };

export type Between =
  | { readonly kind: "day"; readonly fromMinute: number; readonly toMinute: number }
  | { readonly kind: "epoch"; readonly fromMs: number; readonly toMs: number };

export interface Program {
  readonly rules: readonly CompiledRule[];
  readonly index: RuleIndex;
  /** Rules with effects on connections, in order. */
  readonly connectRules: readonly CompiledRule[];
  /** True if some rule looks at request bodies. */
  readonly readsRequestBody: boolean;
  /** Bytes of a body that are held for a rule to see. */
  readonly bodyLimit: number;
  readonly clock: ProgramClock;
  /** What `--only` and `--pass` say; null: decrypt everything. */
  readonly policy: ConnectPolicy | null;
}

/** Which tunnels are decrypted at all, before any rule is asked. */
export interface ConnectPolicy {
  readonly only: Predicate | null;
  readonly pass: (host: string) => boolean;
}

export interface ProgramClock {
  nowMs: number;
}

/** A rule that matched a request, or may yet match the response. Opaque to the engine. */
export interface MatchedRule {
  readonly rule: CompiledRule;
  /** False: `when` has response terms, which are still open. */
  readonly decided: boolean;
  readonly captures: () => Readonly<Record<string, string | undefined>>;
}

/** Counts how often a rule has matched; the one thing about rules that changes while they run. */
export interface Hits {
  /** Adds one and returns the new count. */
  add(id: string): number;
}
