// Content under edits: its codings undone, the edits made, the codings done again, and what the head must then say.
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { decodeContent } from "../flow/decode/content.ts";
import { type BodyOp, editBody } from "../rules/edit/body.ts";
import type { HeadOp } from "../rules/edit/head.ts";
import { settleHead } from "../rules/edit/settle.ts";
import type { Fields } from "../wire/http1/fields.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { zstdStored } from "../wire/zstd.ts";

export interface EditedContent {
  /** The content to send; null when nothing changed. */
  readonly content: Buffer | null;
  /** What the head must say with it. */
  readonly head: readonly HeadOp[];
  /** What could not be done, for the flow. */
  readonly notes: readonly string[];
}

/** Codings that can be done again; any other is taken off, which every recipient understands. */
const ENCODERS: Readonly<Record<string, ((bytes: Buffer) => Buffer) | undefined>> = {
  gzip: bytes => gzipSync(bytes),
  "x-gzip": bytes => gzipSync(bytes),
  deflate: bytes => deflateSync(bytes),
  zstd: zstdStored,
  br: bytes => brotliCompressSync(bytes, { params: BROTLI_FAST }),
};
/** BROTLI_PARAM_QUALITY: 11, the default, takes a second for a megabyte. */
const BROTLI_FAST = { 1: 5 };

/** `head` is the message's as the rules' other edits leave it. */
export function editContent(
  head: RequestHead | ResponseHead,
  content: Buffer,
  ops: readonly BodyOp[],
  limitBytes: number,
): EditedContent {
  const { fields } = head;
  const encoding = fields.getAll("content-encoding").join(",");
  const decoded = decodeContent(content, encoding, limitBytes);
  if (decoded.problem !== undefined && !ops.some(op => op.kind === "set")) {
    return { content: null, head: [], notes: [`not edited: ${decoded.problem}`] };
  }
  const edited = editBody(decoded.bytes, fields.get("content-type"), ops);
  if (edited.bytes === decoded.bytes && edited.contentType === undefined) {
    return { content: null, head: [], notes: edited.notes };
  }
  const recoded = encodeContent(edited.bytes, encoding);
  const bytes = recoded ?? edited.bytes;
  const settled = { length: bytes.length, contentType: edited.contentType, coding: recoded === null ? "" : encoding };
  return { content: bytes, head: settleHead(head, settled), notes: edited.notes };
}

/** Does the codings of a Content-Encoding value, in their order; null where one cannot be done here. */
export function encodeContent(content: Buffer, encoding: string): Buffer | null {
  let bytes = content;
  for (const name of encoding.split(",")) {
    const coding = name.trim().toLowerCase();
    if (coding === "" || coding === "identity") continue;
    const encode = ENCODERS[coding];
    if (encode === undefined) return null;
    bytes = encode(bytes);
  }
  return bytes;
}

/** The content as a rule's `body` terms see it; "" for what is no text, or was too long to hold. */
export function textForRules(fields: Fields, content: Buffer, limitBytes: number): string {
  const { bytes } = decodeContent(content, fields.getAll("content-encoding").join(","), limitBytes);
  return bytes.toString("utf8");
}
