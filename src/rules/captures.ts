// What the patterns of a `when` caught, for `${1}` and `${name}`: the first term on path, url or host that has anything to catch.
import type { Node, TextTerm } from "../match/ast.ts";
import { compileRegex } from "../match/regex.ts";
import type { Subject } from "../match/subject.ts";

export interface Capturer {
  /** `1`, `2`, … and the names of named groups. */
  readonly names: readonly string[];
  /** True for `path:/a/*`: the one star is what comes below. */
  readonly isPathPrefix: boolean;
  capture(subject: Subject): Readonly<Record<string, string | undefined>>;
}

/** The capturer of a filter; null if its terms catch nothing. */
export function capturerOf(root: Node): Capturer | null {
  const term = findTerm(root);
  if (term === null) return null;
  const read = (subject: Subject): string => String(term.field.read(subject, term.name) ?? "");
  const { pattern } = term;
  // A glob is a regex with its stars as groups; all but the last as short as can be.
  const glob = pattern.kind === "glob";
  const source = glob ? `^${pattern.parts.map(quoteRegex).join("(.*?)")}$` : pattern.source;
  const compiled = compileRegex(source, glob ? (term.field.caseSensitive ? "s" : "is") : pattern.flags);
  if (!compiled.ok) return null;
  const { regex } = compiled;
  const names = glob ? pattern.parts.slice(1).map((_, i) => String(i + 1)) : groupNames(source);
  const { parts } = glob ? pattern : { parts: [] };
  return {
    names,
    isPathPrefix: term.field.key === "path" && parts.length === 2 && parts[0]!.endsWith("/") && parts[1] === "",
    capture(subject) {
      const match = regex.exec(read(subject));
      if (match === null) return {};
      return { ...Object.fromEntries(match.groups.map((group, i) => [String(i), group])), ...match.named };
    },
  };
}

function findTerm(node: Node): TextTerm | null {
  if (node.kind === "and") {
    const found = node.items.map(findTerm).filter(each => each !== null);
    return KEYS.map(key => found.find(term => term.field.key === key)).find(each => each !== undefined) ?? null;
  }
  if (node.kind !== "text" || !KEYS.includes(node.field.key)) return null;
  const { pattern } = node;
  return pattern.kind === "glob"
    ? pattern.parts.length > 1
      ? node
      : null
    : /\((?!\?:)/.test(pattern.source)
      ? node
      : null;
}

const KEYS = ["path", "url", "host"];

function groupNames(source: string): string[] {
  const opened = source.replace(/\\./g, "").match(/\((?!\?[^P<])/g) ?? [];
  const named = [...source.matchAll(/\(\?P?<(\w+)>/g)].map(match => match[1]!);
  return [...opened.map((_, i) => String(i + 1)), ...named];
}

function quoteRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
