// Three opinions on the same bytes, in one form: ours, Node's own parser (llhttp) and http-parser-js. Each is given all
// the bytes at once and then the end of the connection.

import { createRequire } from "node:module";
import { HTTPParser as JsParser } from "http-parser-js";
import { limitsWith } from "../../src/config/limits.ts";
import { TUNNEL } from "../../src/wire/http1/framing.ts";
import { RequestHead, type Role } from "../../src/wire/http1/head.ts";
import { CONTENT, END, FAULT, HEAD, Http1Reader, NEED, TRAILERS } from "../../src/wire/http1/reader.ts";

/** What a parser made of the bytes. */
export interface Opinion {
  readonly messages: Message[];
  /** null: took all of it. "upgrade": stopped where another protocol begins. Else the code that it refused with. */
  refused: string | null;
}

export interface Message {
  /** Method, target and version; or version, status and reason. */
  readonly start: string;
  readonly fields: string[];
  readonly trailers: string[];
  content: string;
  complete: boolean;
  /** What we overlooked; the others have no names for it. */
  defects: readonly string[];
}

export function ourOpinion(role: Role, bytes: Buffer): Opinion {
  const reader = new Http1Reader(role, limitsWith());
  const opinion: Opinion = { messages: [], refused: null };
  if (bytes.length > 0) reader.push(bytes);
  reader.eof();
  for (;;) {
    const event = reader.next();
    const last = opinion.messages[opinion.messages.length - 1];
    if (event === HEAD) {
      const { head } = reader;
      const version = head.version === 10 ? "1.0" : "1.1";
      const start =
        head instanceof RequestHead
          ? `${head.method} ${head.target} ${version}`
          : `${version} ${head.status} ${head.reason}`;
      opinion.messages.push({ ...newMessage(start, head.fields.pairs().flat()), defects: head.defects });
    } else if (event === CONTENT) last.content += reader.buf.toString("latin1", reader.start, reader.end);
    else if (event === TRAILERS) last.trailers.push(...(reader.trailers?.pairs() ?? []).map(pair => pair.join(": ")));
    else if (event === END) {
      last.complete = true;
      if (!stopsHere(last) && reader.framing.kind !== TUNNEL) continue;
      opinion.refused = "upgrade";
      return opinion;
    } else if (event === FAULT) {
      opinion.refused = reader.fault?.code ?? "";
      return opinion;
    } else if (event === NEED) return opinion;
  }
}

/** The others stop by themselves at CONNECT and at a nominated Upgrade; an engine stops our reader there. */
function stopsHere(message: Message): boolean {
  if (message.start.startsWith("CONNECT ")) return true;
  if (!/^1\.[01] |^[^ ]+ .* 1\.[01]$/.test(message.start) || /^1\.[01] (?!101)/.test(message.start)) return false;
  return has(message, /^upgrade: /i) && has(message, /^connection: (.*,)?\s*upgrade\s*(,|$)/i);
}

function has(message: Message, pattern: RegExp): boolean {
  return message.fields.some(field => pattern.test(field));
}

/** The calls that Node's parser and http-parser-js share. */
interface CallbackParser {
  [callback: number]: (...args: never[]) => number | undefined;
  execute(bytes: Buffer, start?: number, length?: number): number | Error;
  finish(): number | Error | undefined;
}

const ON_HEADERS = 1;
const ON_HEADERS_COMPLETE = 2;
const ON_BODY = 3;
const ON_MESSAGE_COMPLETE = 4;

export function nodesOpinion(role: Role, bytes: Buffer): Opinion {
  const { HTTPParser: Parser, methods } = createRequire(import.meta.url)("node:_http_common");
  const parser = new Parser();
  parser.initialize(role === "request" ? Parser.REQUEST : Parser.RESPONSE, {}, 256 * 1024, 0);
  return callbackOpinion(parser, role, bytes, methods);
}

export function jsOpinion(role: Role, bytes: Buffer): Opinion {
  useNodesCalls();
  const parser = new JsParser(role === "request" ? JsParser.REQUEST : JsParser.RESPONSE);
  // The two parsers have the same calls by design; the types of http-parser-js name only some of them.
  return callbackOpinion(parser as unknown as CallbackParser, role, bytes, JsParser.methods);
}

/** http-parser-js speaks Node's calls of today once this property has been looked at, and can be told its encoding. */
function useNodesCalls(): void {
  Reflect.get(JsParser, "kOnExecute");
  Reflect.set(JsParser, "encoding", "latin1");
}

function callbackOpinion(parser: CallbackParser, role: Role, bytes: Buffer, methods: readonly string[]): Opinion {
  const opinion: Opinion = { messages: [], refused: null };
  const last = () => opinion.messages[opinion.messages.length - 1];
  let early: string[] = [];
  let earlyTarget = "";
  let upgrade = false;
  parser[ON_HEADERS] = (fields: string[], target: string) => {
    earlyTarget = target;
    // Before the head is complete these are fields beyond the 32nd; behind it, trailers.
    if (last() === undefined || last().complete) early.push(...fields);
    else last().trailers.push(...lines(fields));
    return 0;
  };
  parser[ON_HEADERS_COMPLETE] = (
    major: number,
    minor: number,
    fields: string[] | undefined,
    method: number,
    target: string,
    status: number,
    reason: string,
    isUpgrade: boolean,
  ) => {
    const version = `${major}.${minor}`;
    const start =
      role === "request" ? `${methods[method]} ${target ?? earlyTarget} ${version}` : `${version} ${status} ${reason}`;
    opinion.messages.push(newMessage(start, [...early, ...(fields ?? [])]));
    early = [];
    upgrade = isUpgrade;
    return isUpgrade ? 2 : 0;
  };
  parser[ON_BODY] = (buffer: Buffer, offset?: number, length?: number) => {
    const at = offset ?? 0;
    last().content += buffer.toString("latin1", at, at + (length ?? buffer.length));
    return 0;
  };
  parser[ON_MESSAGE_COMPLETE] = () => {
    last().complete = true;
    return 0;
  };
  const result = attempt(() => parser.execute(bytes, 0, bytes.length));
  if (result instanceof Error) opinion.refused = codeOf(result);
  else if (upgrade) opinion.refused = "upgrade";
  else {
    const end = attempt(() => parser.finish() ?? 0);
    if (end instanceof Error) opinion.refused = codeOf(end);
  }
  return opinion;
}

function attempt(run: () => number | Error): number | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function codeOf(error: Error & { code?: string }): string {
  return error.code ?? error.message;
}

function newMessage(start: string, flat: readonly string[]): Message {
  return { start, fields: lines(flat), trailers: [], content: "", complete: false, defects: [] };
}

function lines(flat: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push(`${flat[i]}: ${flat[i + 1]}`);
  return result;
}
