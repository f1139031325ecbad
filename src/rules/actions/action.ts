// One action: a key in a rule, what it takes, and what it adds to a plan. The table of all (table.ts) gives parser, checks, JSON
// Schema, reference and `rules explain`.
import type { Arg, JsonSchema } from "../args.ts";
import type { Draft } from "../draft.ts";
import type { LoadContext } from "../load-context.ts";
import type { Effect, Phase } from "../program.ts";
import { type Env, fill, type Template } from "../template.ts";

export interface Action {
  /** Where it stands in a rule: `request.headers.set`. */
  readonly key: string;
  readonly phase: Phase;
  readonly doc: string;
  /** The value of the key, as YAML; the reference shows it and a test loads it. */
  readonly example: string;
  readonly schema: JsonSchema;
  readonly says: string;
  /** True if a rule with it answers the request, so that later rules are not asked. */
  readonly answers: boolean;
  /** Reads the value; null if there was a fault, which has been reported. */
  load(node: unknown, context: LoadContext): Effect[] | null;
}

/** What `run` knows beside the exchange. */
export interface RuleName {
  readonly rule: string;
}

export interface ActionSpec<T> {
  readonly key: string;
  readonly phase: Phase;
  readonly doc: string;
  readonly example: string;
  readonly arg: Arg<T>;
  readonly answers?: boolean;
  run(value: T, draft: Draft, env: Env, name: RuleName): void;
  /** A second effect, in another phase (CORS also answers preflights). */
  readonly also?: { readonly phase: Phase; run(value: T, draft: Draft, env: Env, name: RuleName): void };
}

export function action<T>(spec: ActionSpec<T>): Action {
  const { key, phase, doc, example, arg, also } = spec;
  return {
    key,
    phase,
    doc,
    example,
    schema: arg.schema,
    says: arg.says,
    answers: spec.answers ?? false,
    load(node, context) {
      const value = arg.read(node, context, 0);
      if (value === undefined) return null;
      const name = { rule: context.rule };
      const effects: Effect[] = [{ phase, run: (draft, env) => spec.run(value, draft, env, name) }];
      if (also !== undefined)
        effects.push({ phase: also.phase, run: (draft, env) => also.run(value, draft, env, name) });
      return effects;
    },
  };
}

/** Fills a text that becomes part of a head: what was filled in can hold anything, and must not begin a line. */
export function fillLine(template: Template, env: Env): string {
  return fill(template, env, value => value.replace(/[\0\r\n]+/g, " "));
}
