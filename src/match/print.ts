import type { Bound, Filter, Node, NumberTerm, Pattern } from "./ast.ts";
import type { Field, Kind } from "./fields.ts";

/** Writes a filter in its plainest form; parsing that gives the same filter again, spans aside. */
export function printFilter(filter: Filter): string {
  return printNode(filter.root);
}

export function printNode(node: Node): string {
  switch (node.kind) {
    case "all":
      return "";
    case "and":
      return node.items
        .map(item => (item.kind === "or" || item.kind === "and" ? `(${printNode(item)})` : printNode(item)))
        .join(" ");
    case "or":
      return node.items.map(item => (item.kind === "or" ? `(${printNode(item)})` : printNode(item))).join(" OR ");
    case "not":
      return node.item.kind === "and" || node.item.kind === "or"
        ? `NOT (${printNode(node.item)})`
        : `NOT ${printNode(node.item)}`;
    case "word":
      return printPattern(node.pattern, true);
    case "text":
      return `${printKey(node.field, node.name)}:${printPattern(node.pattern, false)}`;
    case "flag":
      return `${node.field.key}:${node.flag}`;
    case "number":
      return `${printKey(node.field, node.name)}:${printRange(node)}`;
  }
}

export function printKey(field: Field, name: string): string {
  return field.named === undefined ? field.key : `${field.key}.${name}`;
}

/** Writes one end of a range so that reading it gives the same number. */
export function printBound(kind: Kind, bound: Bound): string {
  if (bound.relative) return bound.value === 0 ? "now" : `-${decimal(-bound.value)}ms`;
  if (kind === "time") return new Date(bound.value).toISOString();
  return kind === "duration" ? `${decimal(bound.value)}ms` : decimal(bound.value);
}

function printRange(term: NumberTerm): string {
  const { kind } = term.field;
  const { low, high } = term;
  if (low === null) return `${high!.inclusive ? "<=" : "<"}${printBound(kind, high!)}`;
  if (high === null) return `${low.inclusive ? ">=" : ">"}${printBound(kind, low)}`;
  if (kind === "time" && !high.inclusive && !high.relative) return printStretch(low, high);
  return low.value === high.value && low.relative === high.relative && !low.relative
    ? printBound(kind, low)
    : `${printBound(kind, low)}..${printBound(kind, high)}`;
}

/** A stretch with an open end (`2026-11-22`, a whole day) is written to its last millisecond's second, which is open at the same place. */
function printStretch(low: Bound, high: Bound): string {
  const end = new Date(high.value - 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return `${printBound("time", low)}..${end}`;
}

function printPattern(pattern: Pattern, bare: boolean): string {
  if (pattern.kind === "regex") return `/${pattern.source}/${pattern.flags}`;
  const parts = bare ? trimmed(pattern.parts) : pattern.parts;
  const written = parts.map(part => (part === "" && parts.length > 1 ? "" : quote(part, bare))).join("*");
  // What would read as a regex gets quotes at its first part.
  return /^\/.*\/[a-z]*$/.test(written) ? `"${parts[0]}"${written.slice(parts[0]!.length)}` : written;
}

/** The parser puts "anything" around a bare word; what is left is what was written. */
function trimmed(parts: readonly string[]): readonly string[] {
  const inner = parts.slice(1, -1);
  return inner.length === 0 ? ["", ""] : inner;
}

function quote(part: string, bare: boolean): string {
  const plain = bare ? /^[\w.][\w.%&=?+@~/-]*$/ : /^[\w./:%&=?+@~,;<>-]+$/;
  const keyword = part === "OR" || part === "AND" || part === "NOT";
  if (plain.test(part) && !keyword) return part;
  return `"${part.replace(/["\\]/g, "\\$&")}"`;
}

/** Digits without an exponent, since the language has none. */
function decimal(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(12).replace(/0+$/, "");
}
