// Rules that can never run, found at load: their own terms exclude each other, or an earlier rule always ends the list before them.
// Only what is sure is said; no filter is solved here.
import type { Node, NumberTerm, TextTerm } from "../match/ast.ts";
import { compilePattern } from "../match/compile.ts";
import { stageIndex } from "../match/fields.ts";
import { printNode } from "../match/print.ts";
import { stageOf } from "../match/stage.ts";
import type { Rule } from "./rule.ts";

export interface DeadRule {
  readonly rule: Rule;
  /** A sentence. */
  readonly why: string;
  /** The earlier rule that takes everything from it; null: its own terms are at fault. */
  readonly by: Rule | null;
}

/** The rules of a list that can never do anything. */
export function deadRules(rules: readonly Rule[]): DeadRule[] {
  const dead: DeadRule[] = [];
  const enders: { rule: Rule; terms: ReadonlySet<string> }[] = [];
  for (const rule of rules) {
    const terms = termsOfAnd(rule.filter.root);
    const clash = clashOf(terms);
    if (clash !== null) {
      dead.push({ rule, why: `it can never match: ${clash}`, by: null });
      continue;
    }
    const printed = new Set(terms.map(printNode));
    const by = enders.find(each => [...each.terms].every(term => printed.has(term)))?.rule;
    if (by !== undefined) {
      const named = `${JSON.stringify(by.name)}${by.file === rule.file ? "" : ` in ${by.file}`}`;
      dead.push({ rule, why: `it is never asked: ${named} matches whatever it matches, and ends the list`, by });
    }
    if (endsList(rule)) enders.push({ rule, terms: printed });
  }
  return dead;
}

/** True for a rule that always ends the list where it matches. */
function endsList(rule: Rule): boolean {
  const { sample, times, between } = rule.conditions;
  const early = stageIndex(stageOf(rule.filter)) <= stageIndex("requestBody");
  return (
    rule.enabled &&
    early &&
    sample === 1 &&
    times === null &&
    between === null &&
    (rule.final || rule.actions.some(each => each.answers))
  );
}

function termsOfAnd(node: Node): Node[] {
  if (node.kind === "and") return node.items.flatMap(termsOfAnd);
  // `*` says nothing.
  const anything =
    node.kind === "all" || (node.kind === "word" && node.pattern.kind === "glob" && node.pattern.parts.join("") === "");
  return anything ? [] : [node];
}

/** Fields of which an exchange has one value, so that two exact terms exclude each other. */
const SINGLE = new Set(["method", "url", "scheme", "host", "path", "mode", "process", "port", "status"]);

function clashOf(terms: readonly Node[]): string | null {
  for (const [i, a] of terms.entries()) {
    for (const b of terms.slice(i + 1))
      if (exclude(a, b)) return `${printNode(a)} and ${printNode(b)} exclude each other`;
  }
  return null;
}

function exclude(a: Node, b: Node): boolean {
  if (a.kind === "not") return printNode(a.item) === printNode(b);
  if (b.kind === "not") return printNode(b.item) === printNode(a);
  if (a.kind === "text" && b.kind === "text" && a.field === b.field && SINGLE.has(a.field.key))
    return textsExclude(a, b) || textsExclude(b, a);
  return (
    a.kind === "number" &&
    b.kind === "number" &&
    a.field === b.field &&
    SINGLE.has(a.field.key) &&
    (isBelow(a, b) || isBelow(b, a))
  );
}

/** `a` is one exact text, and `b` does not match it. */
function textsExclude(a: TextTerm, b: TextTerm): boolean {
  if (a.pattern.kind !== "glob" || a.pattern.parts.length !== 1 || b.pattern.kind !== "glob") return false;
  return !compilePattern(b.pattern, b.field.caseSensitive)(a.pattern.parts[0]!);
}

function isBelow(a: NumberTerm, b: NumberTerm): boolean {
  return (
    a.high !== null &&
    b.low !== null &&
    (a.high.value < b.low.value || (a.high.value === b.low.value && !(a.high.inclusive && b.low.inclusive)))
  );
}
