// Answer -> head and content. Files are reached through an interface, so that the way out of a mock folder is closed in one place
// (mock-files.ts) and everything else stays pure.

import { REASONS } from "./actions/response.ts";
import type { Answer } from "./answer.ts";
import { isHeaderText } from "./edit/head.ts";
import type { RequestFacts } from "./facts.ts";

/** Reads mock files. Rejects with a MockFault. */
export interface MockFiles {
  file(path: string): Promise<MockFile>;
  /** `path` below `folder`: index files for folders; never outside, not even through a link. */
  below(folder: string, path: string, index: readonly string[]): Promise<MockFile>;
}

/** Where answers come from: files, and flows that were recorded. */
export interface MockSources extends MockFiles {
  /** The answer that a flow got, as it was sent. Rejects with a MockFault. */
  recorded(id: number): Promise<RecordedAnswer>;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** As on the wire, in its content coding. */
  readonly content: Buffer;
}

export interface MockFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly modifiedMs: number;
}

/** A mock that cannot be given: 404 for what is not in a folder, 502 for a file that the rule names. */
export class MockFault extends Error {
  readonly status: 404 | 502;

  constructor(status: 404 | 502, message: string) {
    super(message);
    this.status = status;
  }
}

/** A response made by us: HTTP/1.1 head with Content-Length, and the content. */
export interface Rendered {
  readonly head: Buffer;
  readonly body: Buffer;
  readonly status: number;
}

/**
 * Renders an answer, HEAD and ranges included. `echo`: how the request's content is shown. Never rejects for a missing file: that becomes the 404 or 502 which names rule and file.
 */
export async function renderAnswer(
  answer: Answer,
  request: RequestFacts,
  requestBody: Buffer,
  files: MockSources,
  nowMs: number,
): Promise<Rendered> {
  const { content } = answer;
  try {
    switch (content.kind) {
      case "text":
        return respond(answer, request, answer.status, Buffer.from(content.text), content.type, nowMs, []);
      case "bytes":
        return respond(answer, request, answer.status, Buffer.from(content.bytes), content.type, nowMs, []);
      case "echo":
        return respond(
          answer,
          request,
          answer.status,
          Buffer.from(echo(request, requestBody)),
          "application/json",
          nowMs,
          [],
        );
      case "file": {
        const file = await files.file(content.file);
        const bytes = content.fill === null ? file.bytes : Buffer.from(content.fill(file.bytes.toString("utf8")));
        return ranged(answer, request, bytes, content.type ?? typeByName(file.path), file.modifiedMs, nowMs);
      }
      case "folder": {
        const file = await files.below(content.folder, content.path, content.index);
        return ranged(answer, request, file.bytes, content.type ?? typeByName(file.path), file.modifiedMs, nowMs);
      }
      case "flow": {
        const { status, reason, fields, content: bytes } = await files.recorded(content.id);
        const said = new Set(answer.headers.map(([name]) => name.toLowerCase()));
        const kept = fields.filter(([name]) => !said.has(name.toLowerCase()) && !HOP_BY_HOP.test(name));
        const again = { ...answer, reason: answer.reason ?? reason, headers: [...kept, ...answer.headers] };
        return respond(again, request, status, bytes, undefined, nowMs, []);
      }
      default:
        return respond(answer, request, answer.status, EMPTY, undefined, nowMs, []);
    }
  } catch (fault) {
    if (!(fault instanceof MockFault)) throw fault;
    const text = `rule ${JSON.stringify(answer.rule)}: ${fault.message}\n`;
    return respond(
      { ...answer, reason: undefined, headers: [] },
      request,
      fault.status,
      Buffer.from(text),
      "text/plain; charset=utf-8",
      nowMs,
      [],
    );
  }
}

/** The content type of a file by its name; octet-stream for what is not known. */
export function typeByName(path: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  return TYPES[extension] ?? "application/octet-stream";
}

const EMPTY = Buffer.alloc(0);

/** Of the connection that a recorded answer came on, not of the answer. */
const HOP_BY_HOP = /^(?:connection|keep-alive|proxy-connection|trailer|upgrade)$/i;

function ranged(
  answer: Answer,
  request: RequestFacts,
  bytes: Buffer,
  type: string,
  modifiedMs: number,
  nowMs: number,
): Rendered {
  const extra: [string, string][] = [
    ["Last-Modified", new Date(modifiedMs).toUTCString()],
    ["Accept-Ranges", "bytes"],
  ];
  const asked = request.fields.get("range");
  if (asked === undefined || answer.status !== 200 || request.method !== "GET")
    return respond(answer, request, answer.status, bytes, type, nowMs, extra);
  const match = /^bytes=(\d*)-(\d*)$/.exec(asked.trim());
  // RFC 9110 §14.2: what is not understood (several ranges too) may be answered whole.
  if (match === null || (match[1] === "" && match[2] === ""))
    return respond(answer, request, 200, bytes, type, nowMs, extra);
  const size = bytes.length;
  const from = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const to = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (from >= size || from > to)
    return respond(answer, request, 416, EMPTY, undefined, nowMs, [["Content-Range", `bytes */${size}`]]);
  return respond(answer, request, 206, bytes.subarray(from, to + 1), type, nowMs, [
    ...extra,
    ["Content-Range", `bytes ${from}-${to}/${size}`],
  ]);
}

function respond(
  answer: Answer,
  request: RequestFacts,
  status: number,
  bytes: Buffer,
  type: string | undefined,
  nowMs: number,
  extra: readonly (readonly [string, string])[],
): Rendered {
  const bare = status === 204 || status === 304;
  const said = new Set(answer.headers.map(([name]) => name.toLowerCase()));
  const own: (readonly [string, string])[] = [["Date", new Date(nowMs).toUTCString()]];
  if (type !== undefined && bytes.length > 0) own.push(["Content-Type", type]);
  own.push(...extra);
  const lines = own.filter(([name]) => !said.has(name.toLowerCase()));
  // The framing is ours: a length or coding that a rule names would contradict the bytes that follow.
  lines.push(
    ...answer.headers.filter(
      ([name, value]) => !/^(content-length|transfer-encoding)$/i.test(name) && isHeaderText(value),
    ),
  );
  if (!bare) lines.push(["Content-Length", String(bytes.length)]);
  const reason = answer.reason ?? REASONS.get(status) ?? "";
  const text = `HTTP/1.1 ${status} ${reason}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return {
    head: Buffer.from(text, /[^\0-\xff]/.test(text) ? "utf8" : "latin1"),
    body: bare || request.method === "HEAD" ? EMPTY : bytes,
    status,
  };
}

function echo(request: RequestFacts, body: Buffer): string {
  const headers: [string, string][] = [];
  for (let i = 0; i < request.fields.count; i++) headers.push([request.fields.name(i), request.fields.value(i)]);
  const { method, scheme, host, port, target, version } = request;
  return `${JSON.stringify({ method, scheme, host, port, target, version, headers, body: body.toString("utf8") }, null, 2)}\n`;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  htm: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  txt: "text/plain; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  xml: "application/xml",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  woff: "font/woff",
  woff2: "font/woff2",
  ttf: "font/ttf",
  pdf: "application/pdf",
  wasm: "application/wasm",
  mp4: "video/mp4",
  webm: "video/webm",
  mp3: "audio/mpeg",
  zip: "application/zip",
  gz: "application/gzip",
};
