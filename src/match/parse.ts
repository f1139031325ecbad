// Text -> filter. One pass, recursive descent over the text itself (what a character means depends on where it stands: `-` and `(`
// only begin a term, `/` may begin a regex or a path), no token list. Owns the grammar; the keys come from fields.ts.
import type { Filter, FilterError, Node, ParsedFilter, Pattern, Span, Term } from "./ast.ts";
import { type Field, findField, keyForms } from "./fields.ts";
import { compileRegex } from "./regex.ts";
import { didYouMean } from "./suggest.ts";
import { parseRange } from "./values.ts";

/** Longer filters are refused: SQLite's pattern and expression limits lie beyond, and no wish of a person does. */
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 100;

/** Parses a filter. Never throws; an empty text is the filter that everything matches. */
export function parseFilter(text: string): ParsedFilter {
  try {
    if (text.length > MAX_LENGTH)
      throw new Fault({ start: MAX_LENGTH, end: text.length }, "the filter is too long", [
        `at most ${MAX_LENGTH} characters`,
      ]);
    return { ok: true, filter: new Parser(text).parse() };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { ok: false, error: fault.toError() };
  }
}

/** Carries a fault out of the descent; never leaves this file. */
class Fault extends Error {
  readonly span: Span;
  readonly expected: readonly string[];

  constructor(span: Span, message: string, expected: readonly string[]) {
    super(message);
    this.span = span;
    this.expected = expected;
  }

  toError(): FilterError {
    return {
      column: this.span.start + 1,
      length: this.span.end - this.span.start,
      message: this.message,
      expected: this.expected,
    };
  }
}

const TERM = ["a word", "key:value", "NOT", "("];

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Filter {
    this.#space();
    if (this.#at === this.#text.length)
      return { text: this.#text, root: { kind: "all", span: { start: 0, end: this.#text.length } } };
    const root = this.#or();
    if (this.#at < this.#text.length) {
      // Only ")" stops #or before the end.
      throw new Fault({ start: this.#at, end: this.#at + 1 }, '")" closes nothing', ["a term", "the end"]);
    }
    return { text: this.#text, root };
  }

  #or(): Node {
    const items = [this.#and()];
    while (this.#keyword("OR")) items.push(this.#and());
    return joined("or", items);
  }

  #and(): Node {
    const items = [this.#unary()];
    for (;;) {
      this.#space();
      if (this.#at === this.#text.length || this.#peek(")") || this.#atKeyword("OR")) return joined("and", items);
      this.#keyword("AND");
      items.push(this.#unary());
    }
  }

  #unary(): Node {
    this.#space();
    const start = this.#at;
    if (++this.#depth > MAX_DEPTH)
      throw new Fault({ start, end: Math.min(start + 1, this.#text.length) }, "nested too deep", [
        `at most ${MAX_DEPTH} levels`,
      ]);
    try {
      if (this.#keyword("NOT")) return this.#negated(start);
      if ((this.#peek("-") || this.#peek("!")) && this.#begins(start + 1)) {
        this.#at++;
        return this.#negated(start);
      }
      return this.#primary();
    } finally {
      this.#depth--;
    }
  }

  #negated(start: number): Node {
    const item = this.#unary();
    return { kind: "not", item, span: { start, end: item.span.end } };
  }

  #primary(): Node {
    const start = this.#at;
    if (start === this.#text.length) throw new Fault({ start, end: start }, "the filter ends too early", TERM);
    if (this.#atKeyword("OR") || this.#atKeyword("AND")) {
      const word = this.#text.slice(start, start + 3).trim();
      throw new Fault({ start, end: start + word.length }, `nothing stands before ${word}`, [
        ...TERM,
        `"${word}" in quotes for the word itself`,
      ]);
    }
    if (this.#peek(")")) throw new Fault({ start, end: start + 1 }, 'a term is missing before ")"', TERM);
    if (this.#peek("(")) {
      this.#at++;
      const inner = this.#or();
      this.#space();
      if (!this.#peek(")")) throw new Fault({ start, end: start + 1 }, '"(" is never closed', ['")"']);
      this.#at++;
      return { ...inner, span: { start, end: this.#at } };
    }
    return this.#term();
  }

  #term(): Term {
    const start = this.#at;
    const key = /^[A-Za-z][\w-]*(?:\.[^\s:()"]+)?:/.exec(this.#text.slice(start, start + 300));
    // `https://…` is an address that somebody pasted, not a key.
    if (
      key === null ||
      (this.#text.startsWith("//", start + key[0].length) && findField(key[0].slice(0, -1)) === null)
    ) {
      const pattern = this.#regex(false) ?? this.#glob(true);
      return { kind: "word", pattern, span: { start, end: this.#at } };
    }
    const written = key[0].slice(0, -1);
    const found = findField(written);
    if (found === null) throw unknownKey(written, start);
    this.#at += key[0].length;
    return this.#valueOf(found.field, found.name, written, start);
  }

  #valueOf(field: Field, name: string, written: string, start: number): Term {
    const valueStart = this.#at;
    const spanned = (): Span => ({ start, end: this.#at });
    if (field.words !== undefined && field.named !== undefined && !field.words.includes(name)) {
      throw unknownKey(
        written,
        start,
        field.words.map(word => `${field.key}.${word}`),
      );
    }
    if (valueStart === this.#text.length || /[\s)]/.test(this.#text[valueStart]!)) {
      throw new Fault({ start: valueStart, end: valueStart }, `${written}: needs a value`, [
        `such as ${field.example}`,
        '"" for an empty one',
        "* for any",
      ]);
    }
    if (field.kind === "text") {
      const pattern = this.#regex(field.key === "path") ?? this.#glob(false);
      return { kind: "text", field, name, pattern, span: spanned() };
    }
    const value = this.#plain();
    if (field.kind === "flag") {
      const flag = value.toLowerCase();
      if (!field.words!.includes(flag)) {
        const meant = didYouMean(flag, field.words!);
        const message = `${JSON.stringify(value)} is nothing that ${written}: knows${meant === undefined ? "" : `; did you mean ${meant}?`}`;
        throw new Fault({ start: valueStart, end: this.#at }, message, field.words!);
      }
      return { kind: "flag", field, flag, span: spanned() };
    }
    const parsed = parseRange(field.kind, value);
    if (!parsed.ok) {
      const at = Math.min(valueStart + parsed.at, this.#at);
      throw new Fault(
        { start: at, end: this.#at },
        `${JSON.stringify(value)} is no value for ${written}:`,
        parsed.expected,
      );
    }
    return { kind: "number", field, name, ...parsed.range, span: spanned() };
  }

  /**
   * Reads `/…/flags`, or nothing. A slash also begins a path, so: the closing slash and flags must end the term; a regex does not
   * run over another `key:` (`path:/a path:/b/`); and for `path:` a `/a/` or `/a/s` without any regex sign is the path it looks like (but `/a/i` is a regex).
   */
  #regex(isPath: boolean): Pattern | null {
    if (!this.#peek("/")) return null;
    const match = /^\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]*)(?=[\s)]|$)/.exec(
      this.#text.slice(this.#at),
    );
    if (match === null) return null;
    const [whole, source, flags] = match as unknown as [string, string, string];
    if (/\s[-!(]*[a-z][\w.-]*:/i.test(source)) return null;
    if (isPath && flags !== "i" && !/[\\^$.*+?()[\]{}|]/.test(source)) return null;
    const compiled = compileRegex(source, flags);
    if (!compiled.ok) {
      throw new Fault({ start: this.#at, end: this.#at + whole.length }, compiled.message, [
        "a regex that RE2 takes, such as /^v\\d+$/i",
      ]);
    }
    this.#at += whole.length;
    return { kind: "regex", source, flags: [...new Set(flags)].sort().join("") };
  }

  /** Reads a value up to a space or a ")" that it did not open itself; `"…"` inside it is literal, `*` outside is anything. */
  #glob(bare: boolean): Pattern {
    const parts = [""];
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (/\s/.test(char)) break;
      if (char === ")" && depth-- === 0) break;
      if (char === "(") depth++;
      if (char === '"') parts[parts.length - 1] += this.#quoted();
      else if (char === "*") parts.push("");
      else if (char === "\\" && /[*\\"]/.test(this.#text[this.#at + 1] ?? ""))
        parts[parts.length - 1] += this.#text[++this.#at];
      else parts[parts.length - 1] += char;
    }
    // A bare word is a part of a text anyway: stars at its ends say nothing.
    return { kind: "glob", parts: squeezed(bare ? ["", ...parts, ""] : parts) };
  }

  #plain(): string {
    const start = this.#at;
    if (this.#peek('"')) {
      const value = this.#quoted();
      this.#at++;
      return value;
    }
    while (this.#at < this.#text.length && !/[\s)]/.test(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** At an opening quote: returns what is inside and stops on the closing one. */
  #quoted(): string {
    const start = this.#at;
    let value = "";
    for (let i = start + 1; i < this.#text.length; i++) {
      const char = this.#text[i]!;
      if (char === '"') {
        this.#at = i;
        return value;
      }
      value += char === "\\" && /["\\]/.test(this.#text[i + 1] ?? "") ? this.#text[++i]! : char;
    }
    throw new Fault({ start, end: this.#text.length }, "the quote is never closed", ['"']);
  }

  #space(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
  }

  #peek(char: string): boolean {
    return this.#text[this.#at] === char;
  }

  #begins(at: number): boolean {
    return at < this.#text.length && !/[\s)]/.test(this.#text[at]!);
  }

  #atKeyword(word: string): boolean {
    return this.#text.startsWith(word, this.#at) && !/[^\s()]/.test(this.#text[this.#at + word.length] ?? " ");
  }

  #keyword(word: string): boolean {
    this.#space();
    if (!this.#atKeyword(word)) return false;
    this.#at += word.length;
    return true;
  }
}

function joined(kind: "and" | "or", items: readonly Node[]): Node {
  if (items.length === 1) return items[0]!;
  return { kind, items, span: { start: items[0]!.span.start, end: items.at(-1)!.span.end } };
}

/** `**` is `*`. */
function squeezed(parts: readonly string[]): string[] {
  return parts.filter((part, i) => part !== "" || i === 0 || i === parts.length - 1);
}

function unknownKey(written: string, start: number, candidates: readonly string[] = keyForms()): Fault {
  const dot = written.lastIndexOf(".");
  const plain = candidates.filter(each => !each.endsWith(".NAME"));
  let meant = didYouMean(written, plain);
  if (meant === undefined && dot > 0) {
    const prefix = didYouMean(written.slice(0, dot), [
      "header",
      "request.header",
      "response.header",
      "query",
      "cookie",
      "packets",
    ]);
    if (prefix !== undefined) meant = `${prefix}${written.slice(dot)}`;
  }
  if (meant === undefined && dot < 0) meant = didYouMean(`${written}.NAME`, candidates);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return new Fault({ start, end: start + written.length }, `unknown key ${written}${hint}`, [
    ...candidates,
    "quotes around a word with a colon",
  ]);
}
