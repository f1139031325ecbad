// A rule as it was written: what checks, explanations and the UI work on. compile.ts makes it runnable.
import type { Filter, Span } from "../match/ast.ts";
import type { Conditions, Effect, Phase } from "./program.ts";

export interface Rule {
  /** `FILE#NAME`, unique. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** The whole rule in its file. */
  readonly span: Span;
  /** Its name, or the whole rule if it has none: where what concerns all of it is said. */
  readonly nameSpan: Span;
  /** `when`, `process` and `unless` as one filter. */
  readonly filter: Filter;
  readonly conditions: Conditions;
  readonly actions: readonly LoadedAction[];
  readonly final: boolean;
  readonly enabled: boolean;
}

export interface LoadedAction {
  readonly key: string;
  readonly phase: Phase;
  readonly answers: boolean;
  readonly span: Span;
  readonly effects: readonly Effect[];
}
