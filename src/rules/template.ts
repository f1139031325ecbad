// `${…}` in a rule's texts: parsed once at load, filled per exchange. `${env:X}`, `${file:./x}` and vars are filled at load; what
// remains are names of the exchange (`${path}`, `${header.Accept}`, `${1}`).
import type { Subject } from "../match/subject.ts";

/** A text with holes. A template without holes is one string. */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | Hole)[];
}

export interface Hole {
  readonly name: string;
  /** Offsets into the source, with `${` and `}`. */
  readonly start: number;
  readonly end: number;
}

/** What holes are filled from. */
export interface Env {
  /** undefined: not known; it is filled with nothing. */
  value(name: string): string | undefined;
}

/** Splits a text at its holes; `$${` is a `${` of its own. An unclosed hole is plain text. */
export function parseTemplate(source: string): Template {
  const parts: (string | Hole)[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    const dollar = source.indexOf("$", at);
    if (dollar < 0) break;
    if (source.startsWith("$${", dollar)) {
      text += `${source.slice(at, dollar)}\${`;
      at = dollar + 3;
      continue;
    }
    const close = source.startsWith("${", dollar) ? source.indexOf("}", dollar) : -1;
    if (close < 0) {
      text += source.slice(at, dollar + 1);
      at = dollar + 1;
      continue;
    }
    text += source.slice(at, dollar);
    if (text !== "") parts.push(text);
    text = "";
    parts.push({ name: source.slice(dollar + 2, close).trim(), start: dollar, end: close + 1 });
    at = close + 1;
  }
  text += source.slice(at);
  if (text !== "" || parts.length === 0) parts.push(text);
  return { source, parts };
}

export function holesOf(template: Template): Hole[] {
  return template.parts.filter(part => typeof part !== "string");
}

/** Fills the holes. `encode` is applied to what is filled in, not to the text around. */
export function fill(template: Template, env: Env, encode: (value: string) => string = identity): string {
  const { parts } = template;
  if (parts.length === 1 && typeof parts[0] === "string") return parts[0];
  let out = "";
  for (const part of parts) out += typeof part === "string" ? part : encode(env.value(part.name) ?? "");
  return out;
}

/** Names that an exchange fills, for checks, help and completion. */
export const EXCHANGE_NAMES = [
  "method",
  "url",
  "scheme",
  "host",
  "port",
  "path",
  "query",
  "client",
  "status",
  "time",
  "timestamp",
  "uuid",
  "random",
] as const;
export const EXCHANGE_FAMILIES = ["header", "request.header", "response.header", "query", "cookie"] as const;

/** True if an exchange can fill the hole: a name, a family with a name, or a capture of `when`. */
export function isExchangeName(name: string, captures: readonly string[]): boolean {
  if ((EXCHANGE_NAMES as readonly string[]).includes(name) || captures.includes(name)) return true;
  return EXCHANGE_FAMILIES.some(family => name.startsWith(`${family}.`) && name.length > family.length + 1);
}

/** The values of an exchange. `random` gives numbers in [0, 1). */
export class ExchangeEnv implements Env {
  readonly #subject: Subject;
  readonly #target: string;
  readonly #nowMs: number;
  readonly #random: () => number;
  readonly #captures: () => Readonly<Record<string, string | undefined>>;

  constructor(
    subject: Subject,
    target: string,
    nowMs: number,
    random: () => number,
    captures: () => Readonly<Record<string, string | undefined>>,
  ) {
    this.#subject = subject;
    this.#target = target;
    this.#nowMs = nowMs;
    this.#random = random;
    this.#captures = captures;
  }

  value(name: string): string | undefined {
    const subject = this.#subject;
    switch (name) {
      case "method":
        return subject.method;
      case "url":
        return subject.url;
      case "scheme":
        return subject.scheme;
      case "host":
        return subject.host;
      case "port":
        return String(subject.port);
      case "path":
        return subject.path;
      case "query": {
        // With its "?", so that `${path}${query}` is the target.
        const mark = this.#target.indexOf("?");
        return mark < 0 ? "" : this.#target.slice(mark);
      }
      case "client":
        return subject.client?.[0];
      case "status":
        return subject.status === undefined ? undefined : String(subject.status);
      case "time":
        return new Date(this.#nowMs).toISOString();
      case "timestamp":
        return String(Math.trunc(this.#nowMs));
      case "random":
        return String(Math.trunc(this.#random() * 1e9));
      case "uuid":
        return uuid(this.#random);
      default:
        return this.#captured(name) ?? this.#member(name);
    }
  }

  #captured(name: string): string | undefined {
    const captures = this.#captures();
    return Object.hasOwn(captures, name) ? captures[name] : undefined;
  }

  #member(name: string): string | undefined {
    const dot = name.lastIndexOf(".");
    const family = name.slice(0, dot);
    const member = name.slice(dot + 1);
    if (name.startsWith("query.")) return this.#subject.query?.(name.slice(6))?.[0];
    if (name.startsWith("cookie.")) return this.#subject.cookie?.(name.slice(7))?.[0];
    if (family === "response.header") return this.#subject.responseHeader?.(member)?.[0];
    if (family === "header" || family === "request.header") return this.#subject.requestHeader?.(member)?.[0];
    return undefined;
  }
}

/** Version 4, from the randomness given. */
function uuid(random: () => number): string {
  const hex = (digits: number): string =>
    Math.trunc(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  const variant = (8 + Math.trunc(random() * 4)).toString(16);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(6)}${hex(6)}`;
}

function identity(value: string): string {
  return value;
}
