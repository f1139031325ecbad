// What `rules explain` is asked about: a URL as curl would send it, a raw request, or a recorded flow.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { limitsWith } from "../../config/limits.ts";
import type { Message, WholeFlow } from "../../flow/model.ts";
import type { Session } from "../../flow/store/session.ts";
import type { ExplainInput } from "../../rules/explain.ts";
import type { RequestFacts } from "../../rules/facts.ts";
import { WireError } from "../../wire/error.ts";
import type { RequestHead, ResponseHead } from "../../wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../../wire/http1/head-parser.ts";
import { parseTarget, type Target } from "../../wire/target.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";

export interface Asked extends ExplainInput {
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface TypedRequest {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: readonly string[];
  /** `@FILE` reads it from there. */
  readonly data: string | undefined;
}

/** The request that curl would send, as far as rules look at it. */
export function askedByUrl(typed: TypedRequest, io: Io): Asked {
  const body = typed.data === undefined ? undefined : contentOf(typed.data, io);
  const method = typed.method ?? (body === undefined ? "GET" : "POST");
  const target = absolute(typed.url);
  const names = typed.headers.map(line => line.split(":")[0]!.trim().toLowerCase());
  const own = (name: string, value: string) => (names.includes(name.toLowerCase()) ? [] : [`${name}: ${value}`]);
  const lines = [
    `${method} ${target.path} HTTP/1.1`,
    ...own("Host", target.authority),
    ...own("Accept", "*/*"),
    ...typed.headers,
    ...(body === undefined ? [] : own("Content-Type", "application/x-www-form-urlencoded")),
    ...(body === undefined ? [] : own("Content-Length", String(body.length))),
  ];
  return askedByBytes(Buffer.concat([headOf(lines), body ?? NOTHING]), target);
}

/** A raw request from a file, whose lines may end as editors end them. `url` says where it goes if the request does not. */
export async function askedByFile(file: string, url: string | undefined, io: Io): Promise<Asked> {
  const bytes = file === "-" ? await io.readAll() : read(file, io);
  const gap = /\r?\n\r?\n/.exec(bytes.toString("latin1"));
  const [headEnd, bodyStart] = gap === null ? [bytes.length, bytes.length] : [gap.index, gap.index + gap[0].length];
  const head = bytes.toString("latin1", 0, headEnd).trim();
  const body = bytes.subarray(bodyStart);
  const whole = Buffer.concat([headOf(head.split(/\r?\n/)), body]);
  return askedByBytes(whole, url === undefined ? undefined : absolute(url));
}

/** A recorded flow as it was received, before any rule changed it. */
export function askedByFlow(session: Session, id: number): Asked | undefined {
  const flow = session.get(id);
  if (flow === undefined) return undefined;
  const body = (side: "request" | "response") =>
    session.body(id, side, { decoded: true, version: "received" })?.bytes ?? NOTHING;
  const requestBody = body("request");
  const requestHead = parsed(() => requestHeadOf(flow), `flow ${id}`);
  const request = { ...factsOfFlow(flow, requestHead), bodyText: requestBody.toString("utf8") };
  const asked = { at: flow.startedAt, request, requestHead, requestBody };
  // What a rule answered is no server's answer.
  const response = flow.tags.includes("answered-by-rule") ? null : flow.response;
  if (response === null || flow.status === null) return asked;
  const responseBody = body("response");
  const responseHead = parsed(() => responseHeadOf(flow, response), `flow ${id}`);
  return {
    ...asked,
    responseHead,
    responseBody,
    response: { status: responseHead.status, fields: responseHead.fields, bodyText: responseBody.toString("utf8") },
  };
}

const NOTHING = Buffer.alloc(0);
const LIMITS = limitsWith({});

function askedByBytes(bytes: Buffer, goesTo: Target | undefined): Asked {
  const end = bytes.indexOf("\r\n\r\n") + 4;
  const head = parsed(() => parseRequestHead(bytes, 0, end, LIMITS), "the request");
  const asked = parseTarget(head.method, head.target);
  const said = typeof asked === "object" && asked.host !== "" ? asked : undefined;
  const target = said ?? goesTo ?? absolute(head.fields.get("host") ?? "");
  const now = Date.now();
  const requestBody = bytes.subarray(end);
  const request: RequestFacts = {
    method: head.method,
    scheme: target.scheme || "http",
    host: target.host.toLowerCase(),
    port: target.port,
    target: typeof asked === "object" ? asked.path : head.target,
    version: head.version === 10 ? "1.0" : "1.1",
    fields: head.fields,
    client: { address: "127.0.0.1", port: 0 },
    mode: "regular",
    startedAt: now,
    bodyText: requestBody.toString("utf8"),
  };
  return { at: now, request, requestHead: head, requestBody };
}

function absolute(url: string): Target {
  const target = parseTarget("GET", url.includes("://") ? url : `http://${url}`);
  if (typeof target === "object" && target.form === "absolute") return target;
  throw new CommandError(`"${url}" is no URL of http or https`, 2);
}

function headOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function contentOf(data: string, io: Io): Buffer {
  return data.startsWith("@") ? read(data.slice(1), io) : Buffer.from(data);
}

function read(file: string, io: Io): Buffer {
  try {
    return readFileSync(resolve(io.cwd, file));
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 1, { cause: error });
  }
}

function parsed<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new CommandError(`${what} is not valid HTTP/1.1: ${error.message}`, 1, { cause: error });
  }
}

function factsOfFlow(flow: WholeFlow, head: RequestHead): RequestFacts {
  const tls = flow.tls.client;
  return {
    method: flow.method,
    scheme: flow.scheme,
    host: flow.host,
    port: flow.port,
    target: flow.path,
    version: flow.httpVersion.client ?? "1.1",
    fields: head.fields,
    client: { address: flow.client?.address ?? "", port: flow.client?.port ?? 0 },
    process: flow.client?.process,
    mode: flow.mode,
    startedAt: flow.startedAt,
    replayed: flow.replayed,
    ...(tls === null ? {} : { tls: [tls.version, tls.cipher], sni: tls.sni ?? undefined }),
  };
}

function requestHeadOf(flow: WholeFlow): RequestHead {
  const bytes = receivedHead(flow.request, `${flow.method} ${flow.path} HTTP/1.1`);
  return parseRequestHead(bytes, 0, bytes.length, LIMITS);
}

function responseHeadOf(flow: WholeFlow, response: Message): ResponseHead {
  const bytes = receivedHead(response, `HTTP/1.1 ${flow.status} ${flow.reason ?? ""}`);
  return parseResponseHead(bytes, 0, bytes.length, LIMITS);
}

/** The head as it came; that of HTTP/2 in the form of HTTP/1.1. */
function receivedHead(message: Message, startLine: string): Buffer {
  const { head, headers } = message.original ?? message;
  if (head !== null) return Buffer.from(head, "base64");
  const fields = headers.filter(([name]) => !name.startsWith(":"));
  return headOf([startLine, ...fields.map(([name, value]) => `${name}: ${value}`)]);
}
