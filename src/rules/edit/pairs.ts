// `a=1&b=2`: queries and forms, edited pair by pair so that what was not named keeps its bytes.
import { type Find, replaceFound } from "./find.ts";

export type PairOp =
  /** The first pair of that name gets the value, the others go; none: at the end. */
  | { readonly kind: "set" | "add"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "replace"; readonly name: string; readonly find: Find; readonly with: string };

/** Edits a query or form body; names and values of the ops are plain text. */
export function editPairs(text: string, ops: readonly PairOp[]): string {
  let pairs = text === "" ? [] : text.split("&");
  for (const op of ops) pairs = apply(pairs, op);
  return pairs.join("&");
}

/** Edits the query of a request target; a query that becomes empty takes its "?" along. */
export function editQuery(target: string, ops: readonly PairOp[]): string {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const before = mark < 0 ? "" : target.slice(mark + 1);
  const query = editPairs(before, ops);
  return query === before ? target : query === "" ? path : `${path}?${query}`;
}

function apply(pairs: readonly string[], op: PairOp): string[] {
  switch (op.kind) {
    case "add":
      return [...pairs, encodePair(op.name, op.value)];
    case "remove":
      return pairs.filter(pair => nameOf(pair) !== op.name);
    case "rename":
      return pairs.map(pair => (nameOf(pair) === op.from ? encode(op.to) + pair.slice(rawName(pair).length) : pair));
    case "replace":
      return pairs.map(pair => {
        if (nameOf(pair) !== op.name) return pair;
        const value = decodeForm(pair.slice(rawName(pair).length + 1));
        const replaced = replaceFound(op.find, value, op.with);
        return replaced === value ? pair : `${rawName(pair)}=${encode(replaced)}`;
      });
    case "set": {
      const first = pairs.findIndex(pair => nameOf(pair) === op.name);
      if (first < 0) return [...pairs, encodePair(op.name, op.value)];
      return pairs.flatMap((pair, i) =>
        nameOf(pair) !== op.name ? [pair] : i === first ? [`${rawName(pair)}=${encode(op.value)}`] : [],
      );
    }
  }
}

function encodePair(name: string, value: string): string {
  return `${encode(name)}=${encode(value)}`;
}

/** Percent-coding with `+` for a space, as forms do; a text that is not well-formed UTF-16 gets U+FFFD first. */
export function encode(text: string): string {
  return encodeURIComponent(
    text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd"),
  ).replaceAll("%20", "+");
}

function rawName(pair: string): string {
  const equals = pair.indexOf("=");
  return equals < 0 ? pair : pair.slice(0, equals);
}

function nameOf(pair: string): string {
  return decodeForm(rawName(pair));
}

function decodeForm(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
