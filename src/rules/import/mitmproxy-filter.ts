// mitmproxy's filter expressions (flowfilter.py) as ours: `~d example.com & ~m GET & !~u /login`.
import { allOf, oneOf, regexTerm } from "./filter-text.ts";

/** Which messages an edit under the filter is meant for: `~q` and `~s` are phases there, and no terms. */
export interface Sides {
  readonly when: string;
  readonly request: boolean;
  readonly response: boolean;
}

/** The filter in our language, or why there is none. */
export function importFlowFilter(text: string): Sides | string {
  if (text.trim() === "") return { when: "*", request: true, response: true };
  const reading = new Reading(text.match(/"(?:\\.|[^"])*"|'(?:\\.|[^'])*'|[()&|!]|[^\s()&|!]+/g) ?? []);
  const when = reading.either();
  if (reading.problem !== "" || !reading.atEnd) return reading.problem || "the filter ends too early";
  return { when: when === "" ? "*" : when, request: !reading.needsResponse, response: !reading.onlyRequest };
}

class Reading {
  /** "" as long as everything has an equal. */
  problem = "";
  onlyRequest = false;
  needsResponse = false;
  private readonly words: readonly string[];
  private at = 0;
  private negated = false;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  get atEnd(): boolean {
    return this.at >= this.words.length;
  }

  either(): string {
    const parts = [this.all()];
    while (this.words[this.at] === "|") {
      this.at++;
      parts.push(this.all());
    }
    return oneOf(parts);
  }

  private all(): string {
    const parts: string[] = [];
    while (!this.atEnd && this.words[this.at] !== "|" && this.words[this.at] !== ")") {
      if (this.words[this.at] === "&") this.at++;
      else parts.push(this.one());
    }
    return parts.every(part => part === "" || part === "*") ? "*" : allOf(parts);
  }

  private one(): string {
    const word = this.words[this.at++] ?? "";
    if (word === "!") {
      this.negated = !this.negated;
      const inner = this.one();
      this.negated = !this.negated;
      return inner === "*" ? "*" : inner.includes(" ") ? `-(${inner})` : `-${inner}`;
    }
    if (word === "(") {
      const inner = this.either();
      if (this.words[this.at++] !== ")") this.problem ||= "a bracket is not closed";
      return inner.includes(" ") && !inner.startsWith("(") ? `(${inner})` : inner;
    }
    if (word === "~q" || word === "~s") {
      const request = (word === "~q") !== this.negated;
      if (request) this.onlyRequest = true;
      else this.needsResponse = true;
      return "*";
    }
    const plain = PLAIN[word];
    if (plain !== undefined) return plain;
    if (word === "~c") {
      this.needsResponse = true;
      return `status:${this.words[this.at++] ?? ""}`;
    }
    if (/^~h[qs]?$/.test(word)) return this.header(word);
    const key = word.startsWith("~") ? KEYS[word] : "url";
    if (key === undefined) {
      this.problem ||= `${word} has no equal here`;
      return "*";
    }
    if (RESPONSE_KEYS.has(key)) this.needsResponse = true;
    return regexTerm(key, word.startsWith("~") ? this.argument() : unquoted(word));
  }

  /** Its regex is of a whole line, `name: value`. */
  private header(word: string): string {
    const regex = this.argument();
    const named = /^\^?([\w-]+)(?:\\?:\s*|:\s\*)(.*)$/.exec(regex) ?? /^\^?([\w-]+)$/.exec(regex);
    if (named === null) {
      this.problem ||= `${word} ${regex} does not name one header`;
      return "*";
    }
    const [, name, value = ""] = named;
    if (word === "~hs") this.needsResponse = true;
    const side = word === "~hs" ? "response.header" : word === "~hq" ? "request.header" : "header";
    return value === "" ? `${side}.${name}:*` : regexTerm(`${side}.${name}`, value);
  }

  private argument(): string {
    const word = this.words[this.at++];
    if (word === undefined) this.problem ||= "the filter ends too early";
    return unquoted(word ?? "");
  }
}

function unquoted(word: string): string {
  return /^(["']).*\1$/s.test(word) ? word.slice(1, -1) : word;
}

const PLAIN: Readonly<Record<string, string | undefined>> = {
  "~all": "*",
  "~http": "*",
  "~websocket": "is:websocket",
  "~replay": "is:replayed",
  "~replayq": "is:replayed",
  "~a": "type:/javascript|css|image|font|flash/i",
};

const KEYS: Readonly<Record<string, string | undefined>> = {
  "~d": "host",
  "~u": "url",
  "~m": "method",
  "~b": "body",
  "~bq": "request.body",
  "~bs": "response.body",
  "~t": "type",
  "~ts": "type",
  "~tq": "request.header.content-type",
  "~src": "client",
  "~dst": "server",
};

const RESPONSE_KEYS = new Set(["body", "response.body", "type", "server"]);
