// Regexes that users write must not hang the proxy, whatever the text they meet. V8's engine backtracks, so `(a+)+b` on thirty
// letters takes minutes; re2js is RE2 in plain JavaScript: time linear in the text. Measured on Node 20 (URL of 100 bytes / text of
// 100 KB): re2js `test` 0.5 us / 0.5 ms; re2-wasm 7 us / 1.4 ms and no release since 2021; V8 0.04 us / 0.03 ms but unbounded.
// The price: no backreferences. Everything that takes a regex from a user goes through this file.
import { RE2JS, RE2Set } from "re2js";

/** A compiled user regex. Linear time; stateless, so it may be shared. */
export interface Regex {
  readonly source: string;
  readonly flags: string;
  test(text: string): boolean;
  /** The first match at or after `from`, with groups; null if there is none. */
  exec(text: string, from?: number): RegexMatch | null;
}

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** Index 0 is the whole match; a group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

export type CompiledRegex =
  | { readonly ok: true; readonly regex: Regex }
  | { readonly ok: false; readonly message: string };

/** Beyond this a pattern costs more to compile than any wish is worth. */
const MAX_SOURCE = 4096;

/** Flags: `i` ignore case, `m` ^ and $ at lines, `s` dot matches line ends; `u` and `g` are taken and mean nothing here. */
export function compileRegex(source: string, flags = ""): CompiledRegex {
  if (source.length > MAX_SOURCE) return { ok: false, message: `the regex is longer than ${MAX_SOURCE} characters` };
  const unknown = [...flags].find(flag => !"imsug".includes(flag));
  if (unknown !== undefined) return { ok: false, message: `unknown regex flag ${JSON.stringify(unknown)}` };
  let bits = 0;
  if (flags.includes("i")) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes("m")) bits |= RE2JS.MULTILINE;
  if (flags.includes("s")) bits |= RE2JS.DOTALL;
  try {
    return { ok: true, regex: new LinearRegex(source, flags, RE2JS.compile(RE2JS.translateRegExp(source), bits)) };
  } catch (error) {
    return { ok: false, message: explainFault(source, error) };
  }
}

/** Many regexes looked for at once. */
export interface RegexSet {
  /** Places of those that match, in no order. */
  match(text: string): readonly number[];
}

/** One machine of regexes that each compile alone: a text is read once, however many there are. */
export function regexSet(patterns: readonly { readonly source: string; readonly flags: string }[]): RegexSet {
  const set = new RE2Set();
  for (const { source, flags } of patterns) {
    const inline = [...new Set(flags)].filter(flag => "ims".includes(flag)).join("");
    const translated = RE2JS.translateRegExp(source);
    set.add(inline === "" ? translated : `(?${inline}:${translated})`);
  }
  set.compile();
  return { match: text => set.match(text) };
}

/**
 * Replaces every match by `replacement`, where `$1`, `${1}`, `${name}`, `$&` and `$$` mean what they do in JavaScript.
 * Returns the text itself, the same string, if nothing matched.
 */
export function replaceAll(regex: Regex, text: string, replacement: string): string {
  let out = "";
  let from = 0;
  let at = 0;
  while (at <= text.length) {
    const match = regex.exec(text, at);
    if (match === null) break;
    out += text.slice(from, match.start) + expand(replacement, match);
    from = match.end;
    at = match.end > match.start ? match.end : match.end + 1;
  }
  return from === 0 && out === "" ? text : out + text.slice(from);
}

export function expand(replacement: string, match: RegexMatch): string {
  return replacement.replace(
    /\$(\$|&|\d{1,2}|\{(\w+)\}|<(\w+)>)/g,
    (whole, sign: string, brace?: string, angle?: string) => {
      if (sign === "$") return "$";
      if (sign === "&") return match.groups[0] ?? "";
      const name = brace ?? angle ?? sign;
      if (/^\d+$/.test(name)) return Number(name) < match.groups.length ? (match.groups[Number(name)] ?? "") : whole;
      return name in match.named ? (match.named[name] ?? "") : whole;
    },
  );
}

class LinearRegex implements Regex {
  readonly source: string;
  readonly flags: string;
  readonly #program: RE2JS;

  constructor(source: string, flags: string, program: RE2JS) {
    this.source = source;
    this.flags = flags;
    this.#program = program;
  }

  test(text: string): boolean {
    return this.#program.test(text);
  }

  exec(text: string, from = 0): RegexMatch | null {
    const matcher = this.#program.matcher(text);
    if (!matcher.find(from)) return null;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    const named: Record<string, string | undefined> = {};
    for (const name of Object.keys(this.#program.namedGroups())) named[name] = matcher.group(name) ?? undefined;
    return { start: matcher.start(), end: matcher.end(), groups, named };
  }
}

function explainFault(source: string, error: unknown): string {
  if (/\\[1-9]/.test(source))
    return "backreferences are not taken, since they can hang; write the text out or use two terms";
  if (/\(\?<?[=!]/.test(source)) return "look-around is not taken, since it can hang; use two terms";
  return error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
}
