// Rules x one request (and response, if there is one) -> rule by rule why it matched or not, and what it changes, as a diff.
import type { Filter } from "../match/ast.ts";
import { explain as explainFilter, explainNode, whyNot } from "../match/explain.ts";
import { stageIndex } from "../match/fields.ts";
import { stageOf } from "../match/stage.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { compileRules } from "./compile.ts";
import { type Ambient, decideRequest, decideResponse } from "./decide.ts";
import { describePlan } from "./describe.ts";
import { editHead, type HeadOp } from "./edit/head.ts";
import { type RequestFacts, type ResponseFacts, subjectOf } from "./facts.ts";
import type { Rule } from "./rule.ts";

export interface ExplainedRule {
  readonly name: string;
  readonly file: string;
  /** matched; no; open: it waits for the response, and none was given; off: disabled; passed: an earlier rule had answered. */
  readonly verdict: "matched" | "no" | "open" | "off" | "passed";
  /** The filter in words. */
  readonly when: string;
  /** For "no": the terms that failed, in words, or the condition. */
  readonly because: readonly string[];
  /** What it does, one line each. */
  readonly does: readonly string[];
  /** Changes of the heads, lines with "-", "+" or " " before them; empty if no head was given or nothing changes. */
  readonly requestDiff: readonly string[];
  readonly responseDiff: readonly string[];
}

export interface ExplainInput {
  readonly request: RequestFacts;
  readonly response?: ResponseFacts | undefined;
  readonly requestHead?: RequestHead | undefined;
  readonly responseHead?: ResponseHead | undefined;
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

function explainRule(rule: Rule, input: ExplainInput, ambient: Ambient, answered: boolean): ExplainedRule {
  const base = {
    name: rule.name,
    file: rule.file,
    when: explainFilter(rule.filter),
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
  const program = compileRules([rule]);
  const plan = decideRequest(program, withBody(input.request), ambient);
  const response =
    input.response === undefined
      ? null
      : decideResponse(
          program,
          plan,
          input.request,
          { ...input.response, bodyText: input.response.bodyText ?? "" },
          ambient,
        );
  if (plan.rules.length === 0 && (response?.rules.length ?? 0) === 0)
    return { ...base, verdict: "no", because: ["sample, times or between did not let it"] };
  return {
    ...base,
    verdict: "matched",
    does: [
      ...describePlan(plan),
      ...(response === null
        ? rule.actions.filter(action => action.phase === "response").map(action => `${action.key} at the response`)
        : describePlan(response)),
    ],
    requestDiff: diffOf(input.requestHead, plan.head),
    responseDiff: response === null ? [] : diffOf(input.responseHead, response.head),
  };
}

function withBody(request: RequestFacts): RequestFacts {
  return { ...request, bodyText: request.bodyText ?? "" };
}

function failedTerms(filter: Filter, input: ExplainInput): string[] {
  return whyNot(filter, subjectOf(input.request, input.response)).map(node => `${explainNode(node)}: no`);
}

function diffOf(head: RequestHead | ResponseHead | undefined, ops: readonly HeadOp[]): string[] {
  if (head === undefined || ops.length === 0) return [];
  return diffLines(linesOf(head.buf.subarray(head.start, head.end)), linesOf(editHead(head, ops)));
}

function linesOf(head: Buffer): string[] {
  return head.toString("latin1").trimEnd().split(/\r?\n/);
}

/** A line diff by longest common subsequence; heads are short. Only changed lines, with nothing around. */
export function diffLines(before: readonly string[], after: readonly string[]): string[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i++;
      j++;
    } else if (
      i < before.length &&
      (j === after.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)
    )
      out.push(`- ${before[i++]}`);
    else out.push(`+ ${after[j++]}`);
  }
  return out;
}
