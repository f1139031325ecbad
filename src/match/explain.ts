// Filter -> sentence, and filter x subject -> the term that decided.
import type { Bound, Filter, Node, NumberTerm, Pattern } from "./ast.ts";
import { compileNode, type Moment } from "./compile.ts";
import type { Kind } from "./fields.ts";
import { printBound, printKey } from "./print.ts";
import type { Subject } from "./subject.ts";

/** Says a filter in words: `host ends with ".example.com" and status is 500 to 599`. */
export function explain(filter: Filter): string {
  return isAnything(filter.root) ? "everything" : say(filter.root, false);
}

/** The terms that kept a filter from matching, outermost first; empty if it matches. */
export function whyNot(filter: Filter, subject: Subject, moment?: Moment): Node[] {
  return failing(filter.root, subject, moment);
}

/** Says one node, such as those that whyNot gives. */
export function explainNode(node: Node): string {
  return say(node, false);
}

function failing(node: Node, subject: Subject, moment: Moment | undefined): Node[] {
  if (compileNode(node, moment)(subject)) return [];
  if (node.kind === "and" || node.kind === "or") return node.items.flatMap(item => failing(item, subject, moment));
  return [node];
}

function say(node: Node, inner: boolean): string {
  switch (node.kind) {
    case "all":
      return "anything";
    case "and":
    case "or": {
      const text = node.items.map(item => say(item, true)).join(node.kind === "and" ? " and " : " or ");
      return inner ? `(${text})` : text;
    }
    case "not":
      return `not ${say(node.item, true)}`;
    case "word":
      return isAnything(node) ? "anything" : `URL, headers or a text body ${sayPattern(node.pattern)}`;
    case "text":
      return `${printKey(node.field, node.name)} ${sayPattern(node.pattern)}`;
    case "flag":
      return `it is ${node.flag}`;
    case "number":
      return `${printKey(node.field, node.name)} ${sayRange(node)}`;
  }
}

/** Nothing is asked for, or the bare word `*`. */
function isAnything(node: Node): boolean {
  return (
    node.kind === "all" || (node.kind === "word" && node.pattern.kind === "glob" && node.pattern.parts.join("") === "")
  );
}

function sayPattern(pattern: Pattern): string {
  if (pattern.kind === "regex") return `matches /${pattern.source}/${pattern.flags}`;
  const { parts } = pattern;
  const quote = (part: string): string => JSON.stringify(part);
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const middle = parts.slice(1, -1);
  if (parts.length === 1) return `is ${quote(first)}`;
  if (parts.length === 2 && first === "" && last === "") return "is there";
  const said: string[] = [];
  if (first !== "") said.push(`begins with ${quote(first)}`);
  if (middle.length > 0) said.push(`contains ${middle.map(quote).join(" then ")}`);
  if (last !== "") said.push(`ends with ${quote(last)}`);
  return said.join(" and ");
}

function sayRange(term: NumberTerm): string {
  const { low, high } = term;
  const { kind } = term.field;
  if (low !== null && high !== null) {
    if (low.value === high.value && low.relative === high.relative) return `is ${sayBound(kind, low)}`;
    return `is ${sayBound(kind, low)} to ${high.inclusive ? "" : "before "}${sayBound(kind, high)}`;
  }
  const [atLeast, over, atMost, under] = kind === "time" ? TIME_WORDS : NUMBER_WORDS;
  if (low !== null) return `is ${low.inclusive ? atLeast : over} ${sayBound(kind, low)}`;
  return `is ${high!.inclusive ? atMost : under} ${sayBound(kind, high!)}`;
}

const NUMBER_WORDS = ["at least", "more than", "at most", "less than"] as const;
const TIME_WORDS = ["since", "after", "until", "before"] as const;

function sayBound(kind: Kind, bound: Bound): string {
  if (bound.relative) return bound.value === 0 ? "now" : `${sayDuration(-bound.value)} ago`;
  if (kind === "duration") return sayDuration(bound.value);
  return kind === "size" ? `${bound.value} bytes` : printBound(kind, bound);
}

function sayDuration(ms: number): string {
  const units = [
    ["d", 864e5],
    ["h", 36e5],
    ["m", 6e4],
    ["s", 1e3],
  ] as const;
  const unit = units.find(([, factor]) => ms >= factor && ms % factor === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}
