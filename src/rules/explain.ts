// Rules x one request (and response, if there is one) -> rule by rule why it matched or not, and what it changes, as a diff.
import type { Filter } from "../match/ast.ts";
import { explain as explainFilter, explainNode, whyNot } from "../match/explain.ts";
import { stageIndex } from "../match/fields.ts";
import { stageOf } from "../match/stage.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { compileRules } from "./compile.ts";
import { type Ambient, decideConnect, decideRequest, decideResponse } from "./decide.ts";
import { describeConditions, describePlan } from "./describe.ts";
import { type BodyOp, editBody } from "./edit/body.ts";
import { isTextType, parseContentType } from "./edit/content-type.ts";
import { editHead, type HeadOp } from "./edit/head.ts";
import { type RequestFacts, type ResponseFacts, subjectOf } from "./facts.ts";
import { diffLines } from "./line-diff.ts";
import type { Rule } from "./rule.ts";

/** What rules do to one exchange. */
export interface Changes {
  /** What is done, one line each. */
  readonly does: readonly string[];
  /** Changes of each message, lines with "-" or "+" before them; empty if it was not given or nothing changes. */
  readonly requestDiff: readonly string[];
  readonly responseDiff: readonly string[];
}

export interface ExplainedRule extends Changes {
  readonly name: string;
  readonly file: string;
  /** matched; no; open: it waits for the response, and none was given; off: disabled; passed: an earlier rule had answered. */
  readonly verdict: "matched" | "no" | "open" | "off" | "passed";
  /** The filter in words. */
  readonly when: string;
  /** What else must hold, in words: sample, times, between. */
  readonly conditions: readonly string[];
  /** For "no": the terms that failed, in words, or the condition. */
  readonly because: readonly string[];
}

export interface ExplainInput {
  readonly request: RequestFacts;
  readonly response?: ResponseFacts | undefined;
  readonly requestHead?: RequestHead | undefined;
  readonly responseHead?: ResponseHead | undefined;
  /** Contents with their codings undone. */
  readonly requestBody?: Buffer | undefined;
  readonly responseBody?: Buffer | undefined;
}

/** Explains every rule, in order. Counts nothing: `ambient` should hold hits of its own. */
export function explainRules(rules: readonly Rule[], input: ExplainInput, ambient: Ambient): ExplainedRule[] {
  let answered = false;
  return rules.map(rule => {
    const explained = explainRule(rule, input, ambient, answered);
    const stops = rule.final || rule.actions.some(action => action.answers);
    if (explained.verdict === "matched" && stops) answered = true;
    return explained;
  });
}

/** What all rules do together. */
export function explainTogether(rules: readonly Rule[], input: ExplainInput, ambient: Ambient): Changes {
  return outcomeOf(rules, input, ambient).changes;
}

function explainRule(rule: Rule, input: ExplainInput, ambient: Ambient, answered: boolean): ExplainedRule {
  const base = {
    name: rule.name,
    file: rule.file,
    when: explainFilter(rule.filter),
    conditions: describeConditions(rule.conditions),
    because: [],
    does: [],
    requestDiff: [],
    responseDiff: [],
  };
  if (!rule.enabled) return { ...base, verdict: "off" };
  if (answered) return { ...base, verdict: "passed" };
  const early = stageIndex(stageOf(rule.filter)) <= stageIndex("requestBody");
  const failed = failedTerms(rule.filter, input);
  if (failed.length > 0 && (early || input.response !== undefined)) return { ...base, verdict: "no", because: failed };
  if (!early && input.response === undefined) return { ...base, verdict: "open" };
  const { matched, changes } = outcomeOf([rule], input, ambient);
  if (!matched) return { ...base, verdict: "no", because: base.conditions.map(each => `${each}: not this time`) };
  const later =
    input.response === undefined
      ? rule.actions.filter(action => action.phase === "response").map(action => `${action.key} at the response`)
      : [];
  return { ...base, ...changes, verdict: "matched", does: [...changes.does, ...later] };
}

function outcomeOf(rules: readonly Rule[], input: ExplainInput, ambient: Ambient) {
  const program = compileRules(rules);
  // The tunnel's rules are counted on their own: the request must not find its first match taken.
  const tunnel = decideConnect(program, input.request, { ...ambient, hits: { add: () => 1 } });
  const plan = decideRequest(program, { ...input.request, bodyText: input.request.bodyText ?? "" }, ambient);
  const facts = input.response === undefined ? null : { ...input.response, bodyText: input.response.bodyText ?? "" };
  const response = facts === null ? null : decideResponse(program, plan, input.request, facts, ambient);
  const changes: Changes = {
    // A script is asked at both turns, and told once.
    does: unique([
      ...(tunnel.intercept === "pass" ? ["carry TLS through undecrypted"] : []),
      ...(tunnel.intercept === "refuse" ? ["refuse the tunnel"] : []),
      ...describePlan(plan),
      ...(response === null ? [] : describePlan(response)),
    ]),
    requestDiff: [
      ...diffHead(input.requestHead, plan.head),
      ...diffBody(input.requestHead, input.requestBody, plan.body),
    ],
    responseDiff:
      response === null
        ? []
        : [
            ...diffHead(input.responseHead, response.head),
            ...diffBody(input.responseHead, input.responseBody, response.body),
          ],
  };
  return { matched: tunnel.rules.length + plan.rules.length + (response?.rules.length ?? 0) > 0, changes };
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

function failedTerms(filter: Filter, input: ExplainInput): string[] {
  return whyNot(filter, subjectOf(input.request, input.response)).map(node => `${explainNode(node)}: no`);
}

function diffHead(head: RequestHead | ResponseHead | undefined, ops: readonly HeadOp[]): string[] {
  if (head === undefined || ops.length === 0) return [];
  return diffLines(linesOf(head.buf.subarray(head.start, head.end)), linesOf(editHead(head, ops)));
}

/** Contents are compared where they are text; what a file would be put for is said and not read. */
function diffBody(
  head: RequestHead | ResponseHead | undefined,
  body: Buffer | undefined,
  ops: readonly BodyOp[],
): string[] {
  if (head === undefined || body === undefined || ops.length === 0 || ops.some(op => op.kind === "file")) return [];
  const type = head.fields.get("content-type");
  const edited = editBody(body, type, ops);
  if (edited.bytes === body) return [];
  const isText = (each: Buffer, its: string | undefined): boolean =>
    each.length === 0 || isTextType(parseContentType(its));
  if (!isText(body, type) || !isText(edited.bytes, edited.contentType ?? type)) return [];
  return diffLines(textLines(body), textLines(edited.bytes));
}

function linesOf(head: Buffer): string[] {
  return head.toString("latin1").trimEnd().split(/\r?\n/);
}

function textLines(body: Buffer): string[] {
  return body.length === 0 ? [] : body.toString("utf8").split(/\r?\n/);
}
