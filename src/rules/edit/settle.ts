// What a head must say once its content has been edited: framing, type, and validators that no longer hold.
import type { RequestHead, ResponseHead } from "../../wire/http1/head.ts";
import type { HeadOp } from "./head.ts";

/** Content after an edit, as it will be sent. */
export interface SettledContent {
  /** Bytes on the wire, after the content coding. */
  readonly length: number;
  /** New Content-Type; undefined: as it was. */
  readonly contentType: string | undefined;
  /** The coding that it is sent in; "" is none. */
  readonly coding: string;
}

/**
 * The edits of a head that go with edited content: one Content-Length instead of any framing, no trailers, no validators or digests of
 * the old bytes. Apply them after all other edits, with editHead.
 */
export function settleHead(head: RequestHead | ResponseHead, content: SettledContent): HeadOp[] {
  const { fields } = head;
  const ops: HeadOp[] = [];
  for (const name of STALE) if (fields.has(name)) ops.push({ kind: "remove", name });
  ops.push({ kind: "set", name: "Content-Length", value: String(content.length) });
  if (content.contentType !== undefined) ops.push({ kind: "set", name: "Content-Type", value: content.contentType });
  const coded = fields.get("content-encoding");
  if (content.coding !== "" && coded !== content.coding)
    ops.push({ kind: "set", name: "Content-Encoding", value: content.coding });
  if (content.coding === "" && coded !== undefined) ops.push({ kind: "remove", name: "Content-Encoding" });
  return ops;
}

/** False for answers that have no content whatever their head says (RFC 9110 §6.4.1): body edits are skipped there. */
export function hasEditableContent(method: string, status: number): boolean {
  return (
    method !== "HEAD" &&
    status >= 200 &&
    status !== 204 &&
    status !== 205 &&
    status !== 304 &&
    !(method === "CONNECT" && status < 300)
  );
}

const STALE = ["transfer-encoding", "trailer", "etag", "content-md5", "digest", "content-digest", "repr-digest"];
