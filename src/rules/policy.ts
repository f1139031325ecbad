// Programs from what is not a rule file: the empty one, and what `--only` and `--pass` say of tunnels.
import { LIMITS } from "../config/limits.ts";
import { compilePattern } from "../match/compile.ts";
import { parseFilter } from "../match/parse.ts";
import { compileAtStage } from "../match/stage.ts";
import type { CompiledRule, ConnectPolicy, Program, ProgramClock } from "./program.ts";
import { RuleIndex } from "./rule-index.ts";

/** A program without rules: every decision is the empty plan. */
export const EMPTY_PROGRAM: Program = makeProgram([], { nowMs: 0 }, null, LIMITS.ruleBodyBytes.value);

export interface PolicyOptions {
  /** A filter; only what it may match is decrypted. */
  readonly only?: string | undefined;
  /** Host globs that are never decrypted. */
  readonly pass?: readonly string[] | undefined;
  /** Bytes of a body that are held for a rule; undefined: as the table of limits has it. */
  readonly bodyLimit?: number | undefined;
}

/** The program of given options and rules. Throws an Error with a sentence if `only` is no filter. */
export function programFor(
  options: PolicyOptions,
  rules: readonly CompiledRule[] = [],
  clock: ProgramClock = { nowMs: 0 },
): Program {
  const pass = options.pass ?? [];
  if (rules.length === 0 && options.only === undefined && pass.length === 0) return EMPTY_PROGRAM;
  return makeProgram(
    rules,
    clock,
    options.only === undefined && pass.length === 0 ? null : connectPolicy(options.only, pass),
    options.bodyLimit ?? LIMITS.ruleBodyBytes.value,
  );
}

/** Terms of `only` that a tunnel cannot know yet (path, status) count as if they may match. */
export function connectPolicy(only: string | undefined, pass: readonly string[]): ConnectPolicy {
  const tests = pass.map(glob => compilePattern({ kind: "glob", parts: glob.split("*") }, false));
  const parsed = only === undefined ? null : parseFilter(only);
  if (parsed !== null && !parsed.ok) throw new Error(`--only, column ${parsed.error.column}: ${parsed.error.message}`);
  return {
    only: parsed === null ? null : compileAtStage(parsed.filter, "connect").possible,
    pass: host => tests.some(test => test(host)),
  };
}

function makeProgram(
  rules: readonly CompiledRule[],
  clock: ProgramClock,
  policy: ConnectPolicy | null,
  bodyLimit: number,
): Program {
  return {
    rules,
    index: new RuleIndex(rules),
    connectRules: rules.filter(rule => rule.connect.length > 0),
    readsRequestBody: rules.some(rule => rule.stage === "requestBody"),
    bodyLimit,
    clock,
    policy,
  };
}
