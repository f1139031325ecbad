// Faults in rule files: a span in a text, said so that a person can mend it: file:line:column, the line, a caret, what was expected.
import type { Span } from "../match/ast.ts";
import { didYouMean } from "../match/suggest.ts";

export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly span: Span;
  readonly message: string;
  /** Words that could have stood there. */
  readonly expected: readonly string[];
}

/** Line and column, 1-based, of an offset. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
  return { line: before.split(/\r\n|\r|\n/).length, column: offset - lineStart + 1 };
}

/** What is shown of a diagnostic, part by part. */
export interface ShownDiagnostic {
  /** `FILE:LINE:COLUMN`. */
  readonly place: string;
  readonly severity: Diagnostic["severity"];
  readonly message: string;
  /** The line of the file, or as much of it around the fault as there is room for; "" if there is none. */
  readonly source: string;
  /** Carets to stand below it. */
  readonly carets: string;
  /** `one of a, b, c`; "" if nothing in particular was expected. */
  readonly expected: string;
}

/** Most characters of a line that are shown, where nobody says how wide the screen is. */
const COLUMNS = 140;

/** `text`: the file's text. `columns`: room for the line of the file. */
export function showDiagnostic(diagnostic: Diagnostic, text: string, columns = COLUMNS): ShownDiagnostic {
  const { file, severity, message, expected, span } = diagnostic;
  const { line, column } = positionOf(text, span.start);
  const source = (text.split(/\r\n|\r|\n/)[line - 1] ?? "").replaceAll("\t", " ");
  // Long lines are cut around the fault.
  const from = source.length > columns && column > columns / 2 ? column - Math.floor(columns / 2) : 0;
  const shown = source.slice(from, from + columns);
  const width = Math.max(1, Math.min(span.end - span.start, shown.length - (column - 1 - from)));
  return {
    place: `${file}:${line}:${column}`,
    severity,
    message,
    source: shown,
    carets: shown === "" ? "" : `${" ".repeat(column - 1 - from)}${"^".repeat(width)}`,
    expected: `${expected.length > 1 ? "one of " : ""}${listed(expected)}`,
  };
}

/** A diagnostic as people read it, several lines. `text`: the file's text. */
export function formatDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { place, severity, message, source, carets, expected } = showDiagnostic(diagnostic, text);
  const lines = [`${place}: ${severity}: ${message}`];
  if (source !== "") lines.push(`  ${source}`, `  ${carets}`);
  if (expected !== "") lines.push(`  expected ${expected}`);
  return lines.join("\n");
}

/** Collects what is wrong with one file; keeps every span inside its text. */
export class Reporter {
  readonly file: string;
  readonly text: string;
  readonly found: Diagnostic[] = [];
  #errors = 0;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  get errors(): number {
    return this.#errors;
  }

  error(span: Span, message: string, expected: readonly string[] = []): void {
    this.#errors++;
    this.#add("error", span, message, expected);
  }

  warn(span: Span, message: string, expected: readonly string[] = []): void {
    this.#add("warning", span, message, expected);
  }

  /** "unknown WHAT NAME; did you mean …?" */
  unknown(span: Span, what: string, name: string, known: readonly string[]): void {
    const meant = didYouMean(name, known);
    this.error(
      span,
      `unknown ${what} ${JSON.stringify(name)}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      known,
    );
  }

  #add(severity: Diagnostic["severity"], span: Span, message: string, expected: readonly string[]): void {
    if (this.found.length >= MOST) return;
    const start = Math.max(0, Math.min(span.start, this.text.length));
    const end = Math.max(start, Math.min(span.end, this.text.length));
    this.found.push({ severity, file: this.file, span: { start, end }, message, expected });
  }
}

/** More than a person reads; a broken file can hold a million faults. */
const MOST = 100;

function listed(words: readonly string[]): string {
  return words.length <= 40 ? words.join(", ") : `${words.slice(0, 40).join(", ")}, …`;
}
