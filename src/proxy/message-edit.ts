// A message and a person's edits -> the message that goes on. Pure. Whatever comes of it has been read by the codec again and is framed
// by what its content is, so that nobody can send by hand what would not be taken from a client or server.
import type { Field } from "../flow/model.ts";
import { editHead, type HeadOp } from "../rules/edit/head.ts";
import { hasEditableContent } from "../rules/edit/settle.ts";
import { type Framing, requestFraming, responseFraming } from "../wire/http1/framing.ts";
import { RequestHead, type ResponseHead } from "../wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../wire/http1/head-parser.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { parseTarget, type Target } from "../wire/target.ts";
import { encodeContent } from "./content-edit.ts";

/** What a person changes; what is left out stays. */
export interface MessageEdits {
  /** The whole head, raw, line ends as they are; then the other edits are made to it. */
  readonly head?: Buffer | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  /** All fields, in order. */
  readonly headers?: readonly Field[] | undefined;
  /** `text` is put into the message's content coding, `bytes` go as they are. */
  readonly content?: { readonly text: string } | { readonly bytes: Buffer } | undefined;
}

export interface EditedMessage {
  readonly head: RequestHead | ResponseHead;
  /** What replaces the content; null: it goes on as it came. */
  readonly content: Buffer | null;
  /** Where the request goes instead; null: where it went. */
  readonly to: { readonly scheme: "http" | "https"; readonly host: string; readonly port: number } | null;
}

export interface Editable {
  readonly head: RequestHead | ResponseHead;
  /** Null: it is not at hand, and its framing cannot change. */
  readonly content: Buffer | null;
  /** The request's. */
  readonly method: string;
}

/** Throws an Error with a sentence for edits that make no message. */
export function editMessage(message: Editable, edits: MessageEdits, limits: Http1Limits): EditedMessage {
  const before = message.head;
  const isRequest = before instanceof RequestHead;
  const parse = (bytes: Buffer) => (isRequest ? parseRequestHead : parseResponseHead)(bytes, 0, bytes.length, limits);
  const raw = edits.head === undefined ? null : wholeHead(edits.head);
  let head = raw === null ? before : parse(raw);
  if (edits.headers !== undefined) head = parse(withFields(head, edits.headers));
  const to = isRequest ? destination(head as RequestHead, before, edits) : null; // parse() keeps the kind
  const ops = isRequest ? requestOps(head as RequestHead, before, edits, to) : responseOps(edits); // the same
  if (ops.length > 0) head = parse(editHead(head, ops));
  refuseImpossible(before, head, edits, message.method);

  const content = newContent(message, head, edits);
  const framed = frame(message, head, content);
  if (framed.ops.length > 0) head = parse(editHead(head, framed.ops));
  // An absolute target has one of the two schemes.
  return {
    head,
    content: framed.content,
    to: to === null ? null : { scheme: to.scheme || "http", host: to.host, port: to.port },
  };
}

/** People end lines as their editor does, and may leave the empty line out. */
function wholeHead(raw: Buffer): Buffer {
  const lines = raw.toString("latin1").replace(/(\r?\n)*$/, "");
  return Buffer.from(`${lines.replace(/\r?\n/g, "\r\n")}\r\n\r\n`, "latin1");
}

function withFields(head: RequestHead | ResponseHead, fields: readonly Field[]): Buffer {
  const start = head.buf.subarray(head.start, head.lineEnd);
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([start, Buffer.from(`${lines}\r\n`, "latin1")]);
}

function destination(head: RequestHead, before: RequestHead, edits: MessageEdits): Target | null {
  if (edits.url !== undefined) {
    const target = parseTarget("GET", edits.url);
    if (typeof target === "string" || target.form !== "absolute")
      throw new Error(`${edits.url} is no http or https URL`);
    return target;
  }
  if (head.target === before.target) return null;
  const target = parseTarget(head.method, head.target);
  if (typeof target === "string") throw new Error(`${head.target} is no target of a request`);
  if (target.form !== "absolute") return null;
  const was = parseTarget(before.method, before.target);
  const isSame = typeof was !== "string" && was.scheme === target.scheme && was.authority === target.authority;
  return isSame ? null : target;
}

/** In what goes on the target is a path: where it goes is said by the route. */
function requestOps(head: RequestHead, before: RequestHead, edits: MessageEdits, to: Target | null): HeadOp[] {
  const ops: HeadOp[] = [];
  if (edits.method !== undefined) ops.push({ kind: "method", value: edits.method });
  const target = edits.url === undefined ? parseTarget(head.method, head.target) : to;
  if (target !== null && typeof target !== "string" && target.form !== "origin" && target.form !== "asterisk") {
    ops.push({ kind: "target", value: target.path });
  }
  const hostEdited = head.fields.get("host") !== before.fields.get("host");
  if (to !== null && (edits.url !== undefined || !hostEdited)) {
    ops.push({ kind: "set", name: "Host", value: to.authority });
  }
  return ops;
}

function responseOps({ status, reason }: MessageEdits): HeadOp[] {
  if (status !== undefined) return [{ kind: "status", status, reason }];
  return reason === undefined ? [] : [{ kind: "reason", value: reason }];
}

/** What the other side has already been told, or waits for, cannot change any more. */
function refuseImpossible(before: Editable["head"], head: Editable["head"], edits: MessageEdits, method: string): void {
  if (head instanceof RequestHead) {
    if (edits.status !== undefined || edits.reason !== undefined) throw new Error("a request has no status");
    if (head.method === "CONNECT") throw new Error("a request cannot become a CONNECT");
    if ((head.method === "HEAD") !== (method === "HEAD")) {
      throw new Error("a request cannot become a HEAD, nor cease to be one: the client knows whether content follows");
    }
    return;
  }
  if (edits.method !== undefined || edits.url !== undefined) throw new Error("a response has no method and no url");
  if (head.status < 200) throw new Error(`${head.status} is no final answer`);
  if (head.version !== before.version) throw new Error("the version of an answer cannot change");
}

function newContent(message: Editable, head: Editable["head"], { content }: MessageEdits): NewContent {
  if (content === undefined) return { bytes: null, uncoded: false };
  if (message.content === null) throw new Error("the content is too long to be held, and cannot be edited");
  if ("bytes" in content) return { bytes: content.bytes, uncoded: false };
  const text = Buffer.from(content.text);
  const coded = encodeContent(text, head.fields.getAll("content-encoding").join(","));
  return coded === null ? { bytes: text, uncoded: true } : { bytes: coded, uncoded: false };
}

interface NewContent {
  readonly bytes: Buffer | null;
  /** It is in no coding, because its coding cannot be done here. */
  readonly uncoded: boolean;
}

/** The fields that say how long the content is, put right. */
function frame(
  message: Editable,
  head: Editable["head"],
  content: NewContent,
): { ops: HeadOp[]; content: Buffer | null } {
  const ops: HeadOp[] = content.uncoded ? [{ kind: "remove", name: "Content-Encoding" }] : [];
  if (!(head instanceof RequestHead) && !hasEditableContent(message.method, head.status)) {
    if (content.bytes !== null && content.bytes.length > 0) throw new Error("such an answer has no content");
    // What a HEAD is told stands for content that a GET would get.
    if (message.method === "HEAD") return { ops, content: null };
    return { ops: [...ops, ...NO_FRAMING], content: Buffer.alloc(0) };
  }
  const before = framingOf(message.head, message.method);
  const after = framingOf(head, message.method);
  const isSame = before !== null && after !== null && before.kind === after.kind && before.length === after.length;
  if (content.bytes === null && isSame) return { ops, content: null };
  if (message.content === null) throw new Error("the content is too long to be held: how it is framed cannot change");
  const bytes = content.bytes ?? message.content;
  ops.push({ kind: "remove", name: "Transfer-Encoding" }, { kind: "remove", name: "Trailer" });
  if (bytes.length > 0 || !(head instanceof RequestHead) || head.fields.has("content-length")) {
    ops.push({ kind: "set", name: "Content-Length", value: String(bytes.length) });
  }
  return { ops, content: bytes };
}

const NO_FRAMING: readonly HeadOp[] = [
  { kind: "remove", name: "Content-Length" },
  { kind: "remove", name: "Transfer-Encoding" },
];

/** Null: what the head says about it contradicts itself. */
function framingOf(head: Editable["head"], method: string): Framing | null {
  try {
    return head instanceof RequestHead ? requestFraming(head) : responseFraming(head, method);
  } catch {
    return null;
  }
}
