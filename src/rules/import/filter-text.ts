// Terms of the filter language, written for importers.
import { parseFilter } from "../../match/parse.ts";

/** `key:value` with `*` as it is; what the language would read otherwise is quoted, or becomes a regex. */
export function term(key: string, value: string): string {
  if (meansItself(key, value)) return `${key}:${value}`;
  if (!value.includes("*") && !value.includes('"')) return `${key}:"${value}"`;
  return `${key}:/^${value.split("*").map(quoteRegex).join(".*")}$/`;
}

function meansItself(key: string, value: string): boolean {
  const parsed = parseFilter(`${key}:${value}`);
  if (!parsed.ok) return false;
  const { root } = parsed.filter;
  return root.kind === "text"
    ? root.pattern.kind === "glob" && root.pattern.parts.join("*") === value
    : root.kind === "number";
}

/** `key:/regex/i`. */
export function regexTerm(key: string, source: string, flags = "i"): string {
  return `${key}:/${source.replace(/(?<!\\)((?:\\\\)*)\//g, "$1\\/")}/${flags}`;
}

export function quoteRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** All of the terms; `*` if there are none. */
export function allOf(terms: readonly string[]): string {
  const said = terms.filter(each => each !== "" && each !== "*");
  return said.length === 0 ? "*" : said.join(" ");
}

/** One of the terms. */
export function oneOf(terms: readonly string[]): string {
  return terms.length === 1 ? terms[0]! : `(${terms.join(" OR ")})`;
}

/** `${` of another language is no hole of ours. */
export function literal(text: string): string {
  return text.replaceAll("${", "$${");
}
