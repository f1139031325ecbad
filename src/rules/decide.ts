// Program x facts -> plan. Pure: time, randomness and counts are handed in. The only part of rules that the engine calls per exchange.
// Must not know sockets, files, or how a plan is applied.
import type { Subject } from "../match/subject.ts";
import { Draft } from "./draft.ts";
import {
  type ConnectFacts,
  connectSubjectOf,
  decodeQuery,
  type RequestFacts,
  type ResponseFacts,
  subjectOf,
} from "./facts.ts";
import { type ConnectPlan, EMPTY_PLAN, EMPTY_RESPONSE_PLAN, type Plan, type ResponsePlan } from "./plan.ts";
import type { CompiledRule, Conditions, Hits, MatchedRule, Program } from "./program.ts";
import { ExchangeEnv } from "./template.ts";

export type { ConnectFacts, RequestFacts, ResponseFacts } from "./facts.ts";
export { type ConnectPlan, EMPTY_PLAN, EMPTY_RESPONSE_PLAN, type Plan, type ResponsePlan } from "./plan.ts";
export { EMPTY_PROGRAM, programFor } from "./policy.ts";
export type { Program } from "./program.ts";

/** What a decision may use of the world. */
export interface Ambient {
  readonly nowMs: number;
  /** In [0, 1). */
  random(): number;
  readonly hits: Hits;
}

/** The ambient of a caller that has none: the time is that of the facts, every sample is taken, every match is the first. */
function still(facts: ConnectFacts): Ambient {
  return { nowMs: facts.startedAt, random: () => 0, hits: { add: () => 1 } };
}

/** Decides at the request's head, or again with its body (see Plan.needsBody). Gives EMPTY_PLAN itself if no rule has anything to say. */
export function decideRequest(program: Program, facts: RequestFacts, ambient: Ambient): Plan {
  if (program.rules.length === 0) return EMPTY_PLAN;
  const candidates = program.index.candidates(facts);
  if (candidates.length === 0) return EMPTY_PLAN;
  program.clock.nowMs = ambient.nowMs;
  const subject = subjectOf(facts);
  if (
    program.readsRequestBody &&
    facts.bodyText === undefined &&
    candidates.some(rule => waitsForBody(rule, subject))
  ) {
    return { ...EMPTY_PLAN, needsBody: program.bodyLimit };
  }
  let draft: Draft | null = null;
  let matched: MatchedRule[] | null = null;
  for (const rule of candidates) {
    const open = rule.stage !== "connect" && rule.stage !== "request" && rule.stage !== "requestBody";
    const judge = rule.stage === "requestBody" ? rule.atRequestBody : rule.atRequest;
    if (!(open ? judge.possible(subject) : judge.certain(subject))) continue;
    const hit = open ? 0 : passes(rule, ambient);
    if (!open && hit === 0) continue;
    const captures = capturesOf(rule, subject);
    if (draft === null) {
      draft = new Draft();
      draft.target = facts.target;
    }
    if (rule.response.length > 0 || open) (matched ??= []).push({ rule, decided: !open, captures });
    if (open) continue;
    draft.rules.push(rule.name);
    draft.hit = hit;
    draft.below = belowOf(rule, captures);
    const env = new ExchangeEnv(subject, facts.target, ambient.nowMs, ambient.random, captures);
    for (const effect of rule.connect) effect.run(draft, env);
    for (const effect of rule.request) effect.run(draft, env);
    if (rule.final || draft.answer !== null) break;
  }
  if (draft === null) return EMPTY_PLAN;
  const { rules, head, body, route, answer, connection, flow, messages, scripts } = draft;
  return {
    rules,
    head,
    body,
    route,
    answer,
    connection,
    flow,
    messages,
    scripts,
    needsBody: 0,
    matched: matched ?? [],
    judgesResponse: matched !== null,
  };
}

/** Decides at the response's head (or again with its body), for the rules that the request's plan left to be asked. */
export function decideResponse(
  program: Program,
  plan: Plan,
  request: RequestFacts,
  response: ResponseFacts,
  ambient: Ambient,
): ResponsePlan {
  if (!plan.judgesResponse) return EMPTY_RESPONSE_PLAN;
  program.clock.nowMs = ambient.nowMs;
  const subject = subjectOf(request, response);
  const waits = (each: MatchedRule): boolean =>
    !each.decided && each.rule.stage === "responseBody" && each.rule.atResponse.possible(subject);
  if (response.bodyText === undefined && plan.matched.some(waits))
    return { ...EMPTY_RESPONSE_PLAN, needsBody: program.bodyLimit };
  const draft = new Draft();
  draft.target = request.target;
  for (const { rule, decided, captures } of plan.matched) {
    if (!decided) {
      if (!rule.whole(subject) || passes(rule, ambient) === 0) continue;
      draft.rules.push(rule.name);
    }
    const env = new ExchangeEnv(subject, request.target, ambient.nowMs, ambient.random, captures);
    for (const effect of rule.response) effect.run(draft, env);
    if ((rule.final && !decided) || draft.answer !== null) break;
  }
  const { rules, head, body, answer, connection, flow, messages, scripts } = draft;
  return { rules, head, body, answer, connection, flow, messages, scripts, needsBody: 0 };
}

/**
 * Decides what is done with a tunnel: decrypt it, pass it through undecrypted, or refuse it. May be asked again when the client
 * hello has named a server: `asked` then keeps what `sample` and `times` said, so that a tunnel is counted once.
 */
export function decideConnect(
  program: Program,
  facts: ConnectFacts,
  ambient: Ambient = still(facts),
  asked: Map<string, number> = new Map(),
): ConnectPlan {
  const { connectRules, clock, policy } = program;
  if (connectRules.length === 0 && policy === null) return DECRYPT;
  const subject = connectSubjectOf(facts);
  if (policy?.pass(facts.host)) return passed("--pass names the host");
  if (facts.sni !== undefined && policy?.pass(facts.sni)) return passed("--pass names the server of the client hello");
  if (policy?.only && !policy.only(subject)) return passed("--only does not name it");
  clock.nowMs = ambient.nowMs;
  const draft = new Draft();
  for (const rule of connectRules) {
    if (!rule.atConnect.certain(subject)) continue;
    const hit = asked.get(rule.id) ?? passes(rule, ambient, `${rule.id} (tunnels)`);
    asked.set(rule.id, hit);
    if (hit === 0) continue;
    draft.rules.push(rule.name);
    const env = new ExchangeEnv(subject, "", ambient.nowMs, ambient.random, capturesOf(rule, subject));
    for (const effect of rule.connect) effect.run(draft, env);
    if (rule.final) break;
  }
  if (draft.rules.length === 0) return DECRYPT;
  const { intercept, rules, connection } = draft;
  return { intercept, rules, reason: intercept === "decrypt" ? "" : `rule ${rules.at(-1)}`, connection };
}

const DECRYPT: ConnectPlan = Object.freeze({
  intercept: "decrypt",
  rules: Object.freeze([]),
  reason: "",
  connection: null,
});

function passed(reason: string): ConnectPlan {
  return { intercept: "pass", rules: [], reason, connection: null };
}

function waitsForBody(rule: CompiledRule, subject: Subject): boolean {
  return rule.stage === "requestBody" && rule.atRequest.possible(subject) && !rule.atRequest.certain(subject);
}

/**
 * Which time of its matches this is, 1 being the first; 0: not this time. Asked only once all terms hold, so that counts and samples are
 * of matches; tunnels are counted apart from the requests in them.
 */
function passes(rule: CompiledRule, ambient: Ambient, countedAs = rule.id): number {
  const { conditions } = rule;
  if (!inTime(conditions, ambient.nowMs)) return 0;
  if (conditions.sample < 1 && ambient.random() >= conditions.sample) return 0;
  const count = ambient.hits.add(countedAs);
  const { times } = conditions;
  if (times === null) return count;
  if (times.kind === "first") return count <= times.count ? count : 0;
  if (times.kind === "after") return Math.max(0, count - times.count);
  return count % times.count === 0 ? count / times.count : 0;
}

function inTime({ between }: Conditions, nowMs: number): boolean {
  if (between === null) return true;
  if (between.kind === "epoch") return nowMs >= between.fromMs && nowMs < between.toMs;
  const now = new Date(nowMs);
  const minute = now.getHours() * 60 + now.getMinutes();
  const { fromMinute: from, toMinute: to } = between;
  // 22:00 to 06:00 runs over midnight.
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** What `path:/v2/*` left open: the place below the folder that answers. */
function belowOf(rule: CompiledRule, captures: () => Readonly<Record<string, string | undefined>>): string | null {
  return rule.capturer?.isPathPrefix ? decodeQuery((captures()["1"] ?? "").replaceAll("+", "%2B")) : null;
}

function capturesOf(rule: CompiledRule, subject: Subject): () => Readonly<Record<string, string | undefined>> {
  let captured: Readonly<Record<string, string | undefined>> | undefined;
  return () => {
    captured ??= rule.capturer?.capture(subject) ?? {};
    return captured;
  };
}
