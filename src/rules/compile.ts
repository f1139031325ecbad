// Rules -> program: filters to predicates by stage, actions to effects by phase, all of it found through an index.
import { compileNode } from "../match/compile.ts";
import { stageIndex } from "../match/fields.ts";
import { compileAtStage, stageOf } from "../match/stage.ts";
import { capturerOf } from "./captures.ts";
import { type PolicyOptions, programFor } from "./policy.ts";
import type { CompiledRule, Effect, Phase, Program, ProgramClock } from "./program.ts";
import type { Rule } from "./rule.ts";

/** Compiles the rules that are switched on, in order. Throws only if `only` is no filter (see programFor). */
export function compileRules(rules: readonly Rule[], options: PolicyOptions = {}): Program {
  const clock: ProgramClock = { nowMs: 0 };
  const enabled = rules.filter(rule => rule.enabled);
  return programFor(
    options,
    enabled.map((rule, order) => compileRule(rule, order, clock)),
    clock,
  );
}

function compileRule(rule: Rule, order: number, clock: ProgramClock): CompiledRule {
  const { filter } = rule;
  const moment = { nowMs: () => clock.nowMs };
  const stage = stageOf(filter);
  const early = stageIndex(stage) <= stageIndex("requestBody");
  const effects = rule.actions.flatMap(action => action.effects);
  const of = (...phases: readonly Phase[]): Effect[] => effects.filter(effect => phases.includes(effect.phase));
  return {
    id: rule.id,
    name: rule.name,
    order,
    when: filter,
    stage,
    conditions: rule.conditions,
    connect: of("connect"),
    request: early ? of("request", "any") : [],
    response: early ? of("response") : of("response", "any"),
    atConnect: compileAtStage(filter, "connect", moment),
    atRequest: compileAtStage(filter, "request", moment),
    atRequestBody: compileAtStage(filter, "requestBody", moment),
    atResponse: compileAtStage(filter, "response", moment),
    whole: compileNode(filter.root, moment),
    capturer: capturerOf(filter.root),
    final: rule.final,
    answers: rule.actions.some(action => action.answers),
  };
}
