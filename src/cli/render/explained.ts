// An explanation of rules for reading: each rule with its verdict, why, and the diff that it makes; then what all do together.

import { basename } from "node:path";
import type { Changes, ExplainedRule } from "../../rules/explain.ts";
import { type RequestFacts, urlOf } from "../../rules/facts.ts";
import type { Brush, Paint } from "./paint.ts";
import { cut, printableLine } from "./printable.ts";
import { counted } from "./units.ts";
import { wrap } from "./wrap.ts";

export interface Explanation {
  readonly request: RequestFacts;
  readonly rules: readonly ExplainedRule[];
  readonly together: Changes;
}

/** `width` undefined: no terminal, nothing is cut or broken for one. Ends with a line feed. */
export function explanationText(
  { request, rules, together }: Explanation,
  width: number | undefined,
  paint: Paint,
): string {
  const url = urlOf(request.scheme, request.host, request.port, request.target);
  const lines = [paint.bold(printableLine(`${request.method} ${url}`)), ""];
  for (const rule of rules) lines.push(...ruleLines(rule, width, paint));
  const matched = rules.filter(rule => rule.verdict === "matched").length;
  if (matched > 1)
    lines.push("", paint.bold(`${counted(matched, "rule")} together`), ...changeLines(together, width, paint));
  else if (matched === 0 && rules.length > 0) lines.push("", "no rule changes this request");
  return `${lines.join("\n")}\n`;
}

const INDENT = "    ";

function ruleLines(rule: ExplainedRule, width: number | undefined, paint: Paint): string[] {
  const { mark, brush, says } = VERDICTS[rule.verdict];
  const paintMark = brush(paint);
  const file = basename(rule.file);
  const name = printableLine(rule.name);
  const reason = rule.verdict === "no" ? rule.because.join(", ") : says;
  const title = `${paintMark(mark)} ${rule.verdict === "matched" ? paint.bold(name) : name}  ${paint.dim(file)}`;
  if (rule.verdict !== "matched") {
    const taken = name.length + file.length + 6;
    if (width === undefined || taken + reason.length <= width) return [`${title}  ${paint.dim(reason)}`];
    return [title, ...indented(reason, width, paint.dim)];
  }
  const when = ["matches when ", rule.when, ...rule.conditions.map(each => `; ${each}`)].join("");
  const quiet = rule.requestDiff.length + rule.responseDiff.length === 0 && rule.does.length === 0;
  return [
    title,
    ...indented(when, width, paint.dim),
    ...rule.does.flatMap(each => indented(each, width, text => text)),
    ...(quiet ? indented("nothing to change in this exchange", width, paint.dim) : diffsOf(rule, width, paint)),
  ];
}

interface Verdict {
  readonly mark: string;
  readonly brush: (paint: Paint) => Brush;
  readonly says: string;
}

const VERDICTS: Readonly<Record<ExplainedRule["verdict"], Verdict>> = {
  matched: { mark: "✓", brush: paint => paint.green, says: "" },
  no: { mark: "✗", brush: paint => paint.red, says: "" },
  open: { mark: "?", brush: paint => paint.yellow, says: "waits for the response" },
  off: { mark: "○", brush: paint => paint.dim, says: "off" },
  passed: { mark: "–", brush: paint => paint.dim, says: "not asked: a rule before it ends the list" },
};

function changeLines(changes: Changes, width: number | undefined, paint: Paint): string[] {
  return [...changes.does.flatMap(each => indented(each, width, text => text)), ...diffsOf(changes, width, paint)];
}

function diffsOf({ requestDiff, responseDiff }: Changes, width: number | undefined, paint: Paint): string[] {
  const both = requestDiff.length > 0 && responseDiff.length > 0;
  const section = (title: string, diff: readonly string[]): string[] => [
    ...(both && diff.length > 0 ? [`${INDENT}${paint.dim(title)}`] : []),
    ...diff.map(line => diffLine(line, width, paint)),
  ];
  return [...section("request", requestDiff), ...section("response", responseDiff)];
}

function diffLine(line: string, width: number | undefined, paint: Paint): string {
  const text = printableLine(line);
  const shown = width === undefined ? text : cut(text, width - INDENT.length);
  return `${INDENT}${(line.startsWith("-") ? paint.red : paint.green)(shown)}`;
}

function indented(text: string, width: number | undefined, brush: Brush): string[] {
  const room = width === undefined ? undefined : Math.max(20, width - INDENT.length);
  return wrap(printableLine(text), room).map(line => `${INDENT}${brush(line)}`);
}
