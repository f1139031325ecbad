// Plan x head -> head. Every line that no edit names is copied as the bytes it came in, so order, case, spacing and duplicates stay. The
// result is new bytes; who calls re-parses them with the codec, so that no edit can smuggle what the parser would refuse.
import type { Fields } from "../../wire/http1/fields.ts";
import type { RequestHead, ResponseHead } from "../../wire/http1/head.ts";
import { type CookieAttributes, editCookie, editSetCookie, replaceCookieValue, setCookieName } from "./cookies.ts";
import { type Find, replaceFound } from "./find.ts";

/** One edit of a head. Names are compared without case; `remove` takes globs (`X-Debug-*`). */
export type HeadOp =
  | { readonly kind: "method" | "target"; readonly value: string }
  | { readonly kind: "status"; readonly status: number; readonly reason: string | undefined }
  | { readonly kind: "reason"; readonly value: string }
  /** set: the first line of that name gets the value, where it stands, and the others go; none: a line at the end. */
  | { readonly kind: "set" | "add"; readonly name: string; readonly value: string }
  /** Adds to the last line of that name after ", "; none: a line at the end. */
  | { readonly kind: "append"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "replace"; readonly name: string; readonly find: Find; readonly with: string }
  /** value null: remove. */
  | { readonly kind: "cookie"; readonly name: string; readonly value: string | null }
  | { readonly kind: "cookie-replace"; readonly name: string; readonly find: Find; readonly with: string }
  | { readonly kind: "set-cookie-remove"; readonly name: string }
  | {
      readonly kind: "set-cookie";
      /** `*`: every cookie that is set. */
      readonly name: string;
      readonly value: string | undefined;
      readonly attributes: CookieAttributes;
      /** Take every attribute off first. */
      readonly strip: boolean;
      /** Set it anew if the response did not. */
      readonly create: boolean;
    };

/** Applies edits, in order, to a head. Returns the bytes of the new head (its own buffer), empty line included. */
export function editHead(head: RequestHead | ResponseHead, ops: readonly HeadOp[]): Buffer {
  const draft = new HeadDraft(head);
  for (const op of ops) draft.apply(op);
  return draft.bytes();
}

/** Header text must stay one line: CR, LF and NUL would begin another. Anything beyond latin1 is written as UTF-8 bytes. */
export function isHeaderText(text: string): boolean {
  return !/[\0\r\n]/.test(text);
}

/** A line of the draft: one of the head's own, read only if an edit asks, or a text. */
class Line {
  readonly #fields: Fields;
  /** Index into the fields; -1 once edited or for a line of ours. */
  #index: number;
  #name: string | undefined;
  #value: string | undefined;

  constructor(fields: Fields, index: number, name?: string, value?: string) {
    this.#fields = fields;
    this.#index = index;
    this.#name = name;
    this.#value = value;
  }

  get name(): string {
    return (this.#name ??= this.#fields.name(this.#index));
  }

  get value(): string {
    return (this.#value ??= this.#fields.value(this.#index));
  }

  /** Where the line's own bytes stand in the head; start is -1 once it is a text. */
  get start(): number {
    return this.#index < 0 ? -1 : this.#fields.lineStart(this.#index);
  }

  get end(): number {
    return this.#fields.lineEnd(this.#index);
  }

  /** `name`: lower case, or a glob. */
  is(name: string): boolean {
    if (name.includes("*")) return nameMatches(name, this.name);
    return this.#index < 0 ? this.name.toLowerCase() === name : this.#fields.is(this.#index, name);
  }

  rewrite(name: string, value: string): void {
    if (this.name === name && this.value === value) return;
    this.#name = name;
    this.#value = value;
    this.#index = -1;
  }
}

class HeadDraft {
  readonly #buf: Buffer;
  readonly #fields: Fields;
  /** The start line once it is edited. */
  #start = "";
  #startRaw: Buffer | null;
  #lines: Line[] = [];

  constructor(head: RequestHead | ResponseHead) {
    const { buf, fields } = head;
    this.#buf = buf;
    this.#fields = fields;
    this.#startRaw = buf.subarray(head.start, head.lineEnd);
    for (let i = 0; i < fields.count; i++) this.#lines.push(new Line(fields, i));
  }

  apply(op: HeadOp): void {
    switch (op.kind) {
      case "method":
        return this.#startLine(([, ...rest]) => [op.value, ...rest]);
      case "target":
        return this.#startLine(([method, , version]) => [method!, op.value, version!]);
      case "status":
        return this.#startLine(([version, , ...reason]) => [
          version!,
          String(op.status),
          op.reason ?? reason.join(" "),
        ]);
      case "reason":
        return this.#startLine(([version, status]) => [version!, status!, op.value]);
      case "set":
        return this.#set(op.name, op.value);
      case "add":
        this.#lines.push(this.#line(op.name, op.value));
        return;
      case "append":
        return this.#append(op.name, op.value);
      case "remove":
        return this.#without(this.#named(op.name));
      case "rename":
        for (const line of this.#named(op.from)) line.rewrite(op.to, line.value);
        return;
      case "replace":
        for (const line of this.#named(op.name)) line.rewrite(line.name, replaceFound(op.find, line.value, op.with));
        return;
      case "cookie":
        return this.#cookie(op.name, op.value);
      case "cookie-replace":
        return this.#cookie(op.name, replaceCookieValue(op.find, op.with));
      case "set-cookie-remove":
        this.#lines = this.#lines.filter(line => !isSetCookie(line) || !cookieMatches(op.name, line.value));
        return;
      case "set-cookie":
        return this.#setCookie(op);
    }
  }

  bytes(): Buffer {
    const pieces = [this.#startRaw ?? encode(`${this.#start}\r\n`)];
    // Neighbours that were not touched are copied in one piece.
    let from = -1;
    let to = -1;
    for (const line of this.#lines) {
      const { start } = line;
      if (start === to && start >= 0) {
        to = line.end;
        continue;
      }
      if (to >= 0) pieces.push(this.#buf.subarray(from, to));
      from = start;
      to = start < 0 ? -1 : line.end;
      if (start < 0) pieces.push(encode(`${line.name}: ${line.value}\r\n`));
    }
    if (to >= 0) pieces.push(this.#buf.subarray(from, to));
    pieces.push(CRLF);
    return Buffer.concat(pieces);
  }

  #line(name: string, value: string): Line {
    return new Line(this.#fields, -1, name, value);
  }

  #without(lines: readonly Line[]): void {
    if (lines.length > 0) this.#lines = this.#lines.filter(line => !lines.includes(line));
  }

  #startLine(change: (words: string[]) => string[]): void {
    const now = this.#startRaw === null ? this.#start : this.#startRaw.toString("latin1").replace(/\r?\n$/, "");
    this.#start = change(now.split(" ")).join(" ");
    this.#startRaw = null;
  }

  #named(name: string): Line[] {
    const lower = name.toLowerCase();
    return this.#lines.filter(line => line.is(lower));
  }

  #set(name: string, value: string): void {
    const [first, ...others] = this.#named(name);
    if (first === undefined) {
      this.#lines.push(this.#line(name, value));
      return;
    }
    first.rewrite(first.name, value);
    this.#without(others);
  }

  #append(name: string, value: string): void {
    const last = this.#named(name).at(-1);
    if (last === undefined) this.#lines.push(this.#line(name, value));
    else last.rewrite(last.name, last.value === "" ? value : `${last.value}, ${value}`);
  }

  #cookie(name: string, change: string | null | ((old: string) => string)): void {
    const lines = this.#named("cookie");
    if (lines.length === 0) {
      if (typeof change === "string") this.#lines.push(this.#line("Cookie", `${name}=${change}`));
      return;
    }
    const values = editCookie(
      lines.map(line => line.value),
      name,
      change,
    );
    lines.forEach((line, i) => {
      const value = values[i];
      if (value === null || value === undefined) this.#lines = this.#lines.filter(each => each !== line);
      else line.rewrite(line.name, value);
    });
  }

  #setCookie(op: HeadOp & { kind: "set-cookie" }): void {
    let found = false;
    for (const line of this.#lines) {
      if (!isSetCookie(line) || !cookieMatches(op.name, line.value)) continue;
      found = true;
      line.rewrite(line.name, editSetCookie(line.value, op.value, op.attributes, op.strip));
    }
    if (found || !op.create || op.value === undefined) return;
    this.#lines.push(
      this.#line("Set-Cookie", editSetCookie(`${op.name}=${op.value}`, undefined, op.attributes, false)),
    );
  }
}

const CRLF = Buffer.from("\r\n");

/** Values read from a head are latin1, one char a byte; what a rule file says beyond that becomes UTF-8. */
function encode(text: string): Buffer {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8") : Buffer.from(text, "latin1");
}

function isSetCookie(line: Line): boolean {
  return line.is("set-cookie");
}

function cookieMatches(name: string, value: string): boolean {
  return name === "*" || setCookieName(value) === name;
}

function nameMatches(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const actual = name.toLowerCase();
  if (!wanted.includes("*")) return wanted === actual;
  const parts = wanted.split("*");
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (i === 0) {
      if (!actual.startsWith(part)) return false;
      at = part.length;
    } else if (i === parts.length - 1) {
      return actual.length - part.length >= at && actual.endsWith(part);
    } else {
      const found = actual.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
  }
  return true;
}
