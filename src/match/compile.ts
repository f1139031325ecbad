// Filter -> predicate. All decisions that depend on the filter are taken here, once; what is left per subject are a few calls.
import type { Bound, Filter, Node, NumberTerm, Pattern, TextTerm, WordTerm } from "./ast.ts";
import type { Value } from "./fields.ts";
import { compileRegex } from "./regex.ts";
import type { Subject } from "./subject.ts";

export type Predicate = (subject: Subject) => boolean;

/** What a filter may need of the moment: `time:-10m` counts from `nowMs` (epoch milliseconds). */
export interface Moment {
  nowMs(): number;
}

/**
 * Compiles a filter. `moment` is asked whenever a relative time is judged; without it a relative time counts from the epoch's
 * start, so whoever takes filters with `time:` from people must pass one.
 */
export function compileFilter(filter: Filter, moment: Moment = EPOCH): Predicate {
  return compileNode(filter.root, moment);
}

export function compileNode(node: Node, moment: Moment = EPOCH): Predicate {
  switch (node.kind) {
    case "all":
      return () => true;
    case "and":
      return every(node.items.map(item => compileNode(item, moment)));
    case "or":
      return some(node.items.map(item => compileNode(item, moment)));
    case "not": {
      const inner = compileNode(node.item, moment);
      return subject => !inner(subject);
    }
    case "text":
      return compileText(node);
    case "number":
      return compileNumber(node, moment);
    case "flag": {
      const { field, flag } = node;
      return subject => field.read(subject, flag) === true;
    }
    case "word":
      return compileWord(node);
  }
}

const EPOCH: Moment = { nowMs: () => 0 };

function every(all: readonly Predicate[]): Predicate {
  if (all.length === 2) {
    const [first, second] = all as [Predicate, Predicate];
    return subject => first(subject) && second(subject);
  }
  return subject => {
    for (let i = 0; i < all.length; i++) if (!all[i]!(subject)) return false;
    return true;
  };
}

function some(all: readonly Predicate[]): Predicate {
  return subject => {
    for (let i = 0; i < all.length; i++) if (all[i]!(subject)) return true;
    return false;
  };
}

function compileText(term: TextTerm): Predicate {
  const { field, name } = term;
  const test = compilePattern(term.pattern, field.caseSensitive);
  return subject => {
    const value: Value = field.read(subject, name);
    if (typeof value === "string") return test(value);
    if (value === undefined || typeof value !== "object") return false;
    for (let i = 0; i < value.length; i++) if (test(value[i]!)) return true;
    return false;
  };
}

function compileWord(term: WordTerm): Predicate {
  const test = compilePattern(term.pattern, false);
  const found = (text: string | undefined): boolean => text !== undefined && test(text);
  return subject =>
    found(subject.url) ||
    found(subject.headText?.()) ||
    found(subject.requestText?.()) ||
    found(subject.responseText?.());
}

function compileNumber(term: NumberTerm, moment: Moment): Predicate {
  const { field, name } = term;
  const above = compileBound(term.low, moment, (value, bound) => value > bound);
  const below = compileBound(term.high, moment, (value, bound) => value < bound);
  return subject => {
    const value = field.read(subject, name);
    return typeof value === "number" && above(value) && below(value);
  };
}

function compileBound(
  bound: Bound | null,
  moment: Moment,
  beyond: (value: number, bound: number) => boolean,
): (value: number) => boolean {
  if (bound === null) return () => true;
  const { value: limit, inclusive, relative } = bound;
  return value => {
    const end = relative ? limit + moment.nowMs() : limit;
    return beyond(value, end) || (inclusive && value === end);
  };
}

/** A test of one text against a pattern, whole (glob) or anywhere (regex). */
export function compilePattern(pattern: Pattern, caseSensitive: boolean): (text: string) => boolean {
  if (pattern.kind === "regex") {
    const compiled = compileRegex(pattern.source, pattern.flags);
    if (!compiled.ok) throw new Error(`a pattern that the parser took does not compile: ${compiled.message}`);
    const { regex } = compiled;
    return text => regex.test(text);
  }
  const test = compileGlob(caseSensitive ? pattern.parts : pattern.parts.map(part => part.toLowerCase()));
  return caseSensitive ? test : text => test(text.toLowerCase());
}

function compileGlob(parts: readonly string[]): (text: string) => boolean {
  const first = parts[0]!;
  if (parts.length === 1) return text => text === first;
  const last = parts.at(-1)!;
  if (parts.length === 2) {
    if (first === "" && last === "") return () => true;
    if (first === "") return text => text.endsWith(last);
    if (last === "") return text => text.startsWith(first);
    return text => text.length >= first.length + last.length && text.startsWith(first) && text.endsWith(last);
  }
  const middle = parts.slice(1, -1);
  return text => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    // Taking each part where it first fits leaves the most room for the rest, so no way back is ever needed.
    let at = first.length;
    for (let i = 0; i < middle.length; i++) {
      const found = text.indexOf(middle[i]!, at);
      if (found < 0) return false;
      at = found + middle[i]!.length;
    }
    return at + last.length <= text.length;
  };
}
