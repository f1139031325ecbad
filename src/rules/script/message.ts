// The messages that a script edits: what it reads is what it wrote, and what it wrote is kept as edits, so that everything it
// left alone stays byte for byte. Runs in the script's thread.
import type { HeadOp } from "../edit/head.ts";
import type { Answer, ScriptBody, ScriptHeaders, ScriptRequest, ScriptResponse } from "./api.ts";
import type { RequestInput, ResponseInput, ScriptAnswer } from "./host.ts";

type Pair = readonly [string, string];

/** What was done to a message. */
export interface Edits {
  readonly head: HeadOp[];
  url: string | null;
  body: Uint8Array | null;
}

export function editableRequest(input: RequestInput, edits: Edits): ScriptRequest {
  let { method, url } = input;
  return {
    get method() {
      return method;
    },
    set method(value) {
      method = oneLine(value, "a method");
      edits.head.push({ kind: "method", value: method });
    },
    get url() {
      return url;
    },
    set url(value) {
      url = new URL(String(value), url).href;
      if (!/^https?:/.test(url)) throw new TypeError(`${url} is no URL of http or https`);
      edits.url = url;
    },
    headers: new EditableHeaders(input.headers, edits.head),
    body: new EditableBody(input.body, edits),
  };
}

export function editableResponse(input: ResponseInput, edits: Edits): ScriptResponse {
  let { status, reason } = input;
  return {
    get status() {
      return status;
    },
    set status(value) {
      status = finalStatus(value);
      edits.head.push({ kind: "status", status, reason: undefined });
    },
    get reason() {
      return reason;
    },
    set reason(value) {
      reason = oneLine(value, "a reason");
      edits.head.push({ kind: "reason", value: reason });
    },
    headers: new EditableHeaders(input.headers, edits.head),
    body: new EditableBody(input.body, edits),
  };
}

/** The answer that a turn returned; null if it returned none. Throws where it is neither. */
export function answerOf(returned: unknown): ScriptAnswer | null {
  if (returned === undefined || returned === null) return null;
  if (typeof returned !== "object")
    throw new TypeError(`a turn returns an answer or nothing, and this is ${typeof returned}`);
  const { status = 200, headers = [], text, html, json, bytes } = returned as Answer; // each is looked at below
  const pairs = (Symbol.iterator in headers ? [...headers] : Object.entries(headers)) as readonly Pair[];
  return {
    status: finalStatus(status),
    headers: pairs.map(([name, value]): Pair => [oneLine(name, "a header name"), oneLine(value, "a header value")]),
    ...contentOf({ text, html, json, bytes }),
  };
}

function contentOf({ text, html, json, bytes }: Answer): { bytes: Uint8Array; type: string | null } {
  if (bytes !== undefined) return { bytes: Uint8Array.from(bytes), type: null };
  if (html !== undefined) return { bytes: Buffer.from(String(html)), type: "text/html; charset=utf-8" };
  if (json !== undefined) return { bytes: Buffer.from(JSON.stringify(json)), type: "application/json" };
  if (text !== undefined) return { bytes: Buffer.from(String(text)), type: "text/plain; charset=utf-8" };
  return { bytes: new Uint8Array(0), type: null };
}

function finalStatus(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= 599) return value;
  throw new RangeError(`${String(value)} is no status from 200 to 599`);
}

/** CR, LF and NUL would begin another line of the head. */
function oneLine(value: unknown, what: string): string {
  const text = String(value);
  if (/[\0\r\n]/.test(text)) throw new TypeError(`${what} is one line: ${JSON.stringify(text)}`);
  return text;
}

class EditableHeaders implements ScriptHeaders {
  #pairs: Pair[];
  readonly #ops: HeadOp[];

  constructor(pairs: readonly Pair[], ops: HeadOp[]) {
    this.#pairs = [...pairs];
    this.#ops = ops;
  }

  [Symbol.iterator](): Iterator<Pair> {
    return this.#pairs[Symbol.iterator]();
  }

  get(name: string): string | undefined {
    return this.#pairs.find(isNamed(name))?.[1];
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(isNamed(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#pairs.some(isNamed(name));
  }

  set(name: string, value: string): void {
    const text = oneLine(value, "a header value");
    const first = this.#pairs.findIndex(isNamed(name));
    if (first < 0) return this.add(name, value);
    this.#pairs = this.#pairs.flatMap((pair, i) => {
      if (i === first) return [[pair[0], text] as const];
      return isNamed(name)(pair) ? [] : [pair];
    });
    this.#ops.push({ kind: "set", name: String(name), value: text });
  }

  add(name: string, value: string): void {
    const pair = [headerName(name), oneLine(value, "a header value")] as const;
    this.#pairs.push(pair);
    this.#ops.push({ kind: "add", name: pair[0], value: pair[1] });
  }

  remove(name: string): void {
    if (!this.has(name)) return;
    this.#pairs = this.#pairs.filter(pair => !isNamed(name)(pair));
    this.#ops.push({ kind: "remove", name: String(name) });
  }
}

function isNamed(name: string): (pair: Pair) => boolean {
  const lower = String(name).toLowerCase();
  return ([each]) => each.toLowerCase() === lower;
}

function headerName(name: unknown): string {
  const text = String(name);
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text;
  throw new TypeError(`${JSON.stringify(text)} is no header name`);
}

class EditableBody implements ScriptBody {
  readonly isKnown: boolean;
  #bytes: Uint8Array;
  readonly #edits: Edits;

  constructor(bytes: Uint8Array | null, edits: Edits) {
    this.isKnown = bytes !== null;
    this.#bytes = bytes ?? new Uint8Array(0);
    this.#edits = edits;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set bytes(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError("bytes are a Uint8Array or a Buffer");
    this.#bytes = value;
    this.#edits.body = value;
  }

  get text(): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length).toString("utf8");
  }

  set text(value) {
    this.bytes = Buffer.from(String(value));
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }

  set json(value) {
    this.text = JSON.stringify(value);
  }
}
