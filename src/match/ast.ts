// A filter as data. Spans are offsets in UTF-16 units into the text that was parsed.
import type { Field } from "./fields.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A parsed filter. Immutable; the same filter may be compiled many times. */
export interface Filter {
  readonly text: string;
  readonly root: Node;
}

export type Node =
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "and" | "or"; readonly items: readonly Node[]; readonly span: Span }
  | { readonly kind: "not"; readonly item: Node; readonly span: Span }
  | Term;

export type Term = TextTerm | NumberTerm | FlagTerm | WordTerm;

export interface TextTerm {
  readonly kind: "text";
  readonly field: Field;
  readonly name: string;
  readonly pattern: Pattern;
  readonly span: Span;
}

export interface NumberTerm {
  readonly kind: "number";
  readonly field: Field;
  readonly name: string;
  readonly low: Bound | null;
  readonly high: Bound | null;
  readonly span: Span;
}

export interface FlagTerm {
  readonly kind: "flag";
  readonly field: Field;
  readonly flag: string;
  readonly span: Span;
}

/** A bare word: a substring of URL, headers and text bodies. */
export interface WordTerm {
  readonly kind: "word";
  readonly pattern: Pattern;
  readonly span: Span;
}

export type Pattern = Glob | RegexPattern;

/** Literal parts with "anything" between each two: `*.x.com` is ["", ".x.com"], and one part alone is an exact value. */
export interface Glob {
  readonly kind: "glob";
  readonly parts: readonly string[];
}

export interface RegexPattern {
  readonly kind: "regex";
  readonly source: string;
  readonly flags: string;
}

/** One end of a range. `relative` (time only): milliseconds counted from now. */
export interface Bound {
  readonly value: number;
  readonly inclusive: boolean;
  readonly relative: boolean;
}

/** A fault, with the place (1-based column, length in UTF-16 units) and what could have stood there. */
export interface FilterError {
  readonly column: number;
  readonly length: number;
  readonly message: string;
  readonly expected: readonly string[];
}

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly error: FilterError };
