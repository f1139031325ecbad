// A recorded flow and a person's edits -> the request to send. Pure.
import type { Field, WholeFlow } from "../flow/model.ts";
import { editHead, type HeadOp } from "../rules/edit/head.ts";
import { parseRequestHead } from "../wire/http1/head-parser.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { parseTarget } from "../wire/target.ts";
import type { ReplayRequest } from "./replay.ts";

/** What a person changes; what is left out stays. */
export interface RequestEdits {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** All fields, in order. */
  readonly headers?: readonly Field[] | undefined;
  /** The whole head, raw; then the other edits are made to it. */
  readonly head?: Buffer | undefined;
  readonly content?: Buffer | undefined;
}

/** Puts a request together. Throws an Error with a sentence for edits that make none. */
export function replayRequest(
  flow: WholeFlow,
  recorded: Buffer,
  edits: RequestEdits,
  limits: Http1Limits,
): ReplayRequest {
  const raw = edits.head ?? headOf(flow, edits.headers);
  const head = parseRequestHead(raw, 0, raw.length, limits);
  const url = edits.url === undefined ? null : urlOf(edits.url);
  const ops: HeadOp[] = [{ kind: "target", value: url?.path ?? originForm(head.method, head.target) }];
  if (edits.method !== undefined) ops.push({ kind: "method", value: edits.method });
  if (url !== null) ops.push({ kind: "set", name: "Host", value: url.authority });
  // Asked for each time anew: an Expect would wait for somebody to say go on.
  ops.push({ kind: "remove", name: "Expect" });
  const content = edits.content ?? recorded;
  const framed = head.fields.has("content-length") || head.fields.has("transfer-encoding");
  if (framed || content.length > 0) {
    ops.push({ kind: "remove", name: "Transfer-Encoding" });
    ops.push({ kind: "set", name: "Content-Length", value: String(content.length) });
  }
  const bytes = editHead(head, ops);
  const sent = parseRequestHead(bytes, 0, bytes.length, limits);
  return {
    secure: (url?.scheme ?? flow.scheme) === "https",
    host: url?.host ?? flow.host,
    port: url?.port ?? flow.port,
    method: sent.method,
    head: bytes,
    content,
  };
}

function headOf(flow: WholeFlow, headers: readonly Field[] | undefined): Buffer {
  const { head } = flow.request;
  if (head !== null && headers === undefined) return Buffer.from(head, "base64");
  const fields = (headers ?? flow.request.headers).filter(([name]) => !name.startsWith(":"));
  const host = fields.some(([name]) => name.toLowerCase() === "host") ? "" : `Host: ${flow.authority}\r\n`;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`${flow.method} ${flow.path || "/"} HTTP/1.1\r\n${host}${lines}\r\n`, "latin1");
}

function originForm(method: string, target: string): string {
  const parsed = parseTarget(method, target);
  return typeof parsed === "string" || parsed.path === "" ? target : parsed.path;
}

function urlOf(url: string): { scheme: string; host: string; port: number; authority: string; path: string } {
  const target = parseTarget("GET", url);
  if (typeof target === "string" || target.form !== "absolute") throw new Error(`${url} is no http or https URL`);
  return target;
}
