// Heads between HTTP/2 and HTTP/1 (RFC 9113 §8). A request's fields become the HTTP/1.1 head that they mean, which the
// codec then reads like any other: what it would refuse from a client never gets any further, and everything behind knows
// one form of head only.

import {
  F_CONNECTION,
  F_HTTP2_SETTINGS,
  F_KEEP_ALIVE,
  F_PROXY_AUTHENTICATE,
  F_PROXY_CONNECTION,
  F_TE,
  F_TRANSFER_ENCODING,
  F_UPGRADE,
  nameOfId,
} from "../wire/http1/fields.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import type { FieldPairs } from "../wire/http1/writer.ts";
import type { RequestFields } from "../wire/http2/fields.ts";
import { type HpackField, N_COOKIE, N_HOST, N_METHOD, N_PSEUDO_UNKNOWN, N_TE } from "../wire/http2/hpack/field.ts";
import type { FieldOut } from "../wire/http2/stream.ts";
import { hopOf } from "./hop.ts";

/**
 * The bytes of the HTTP/1.1 head that a request's section means. `absolute`: the target names scheme and host, as towards a
 * proxy. `ends`: there is no content, and no trailers either.
 */
export function requestHeadBytes(
  fields: readonly HpackField[],
  request: RequestFields,
  absolute: boolean,
  ends: boolean,
): Buffer {
  const { method, authority, path, scheme } = request;
  const origin = absolute ? `${scheme}://${authority}` : "";
  const target = method === "CONNECT" ? authority : path === "*" && absolute ? origin : origin + path;
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${authority}\r\n`;
  let cookieSeen = false;
  for (let i = 0; i < fields.length; i++) {
    const { name, value, meaning } = fields[i];
    if (meaning >= N_METHOD && meaning <= N_PSEUDO_UNKNOWN) continue;
    if (meaning === N_HOST) continue;
    if (meaning === N_COOKIE) {
      // §8.2.3: crumbs are one field again.
      if (!cookieSeen) text += `cookie: ${joinedCookie(fields, i)}\r\n`;
      cookieSeen = true;
      continue;
    }
    text += `${name}: ${value}\r\n`;
    if (meaning === N_TE) text += "connection: te\r\n";
  }
  if (request.contentLength < 0 && method !== "CONNECT") {
    // A length that nobody said has one form only in HTTP/1.1; where there is no content, some methods must say so.
    if (!ends) text += "transfer-encoding: chunked\r\n";
    else if (method === "POST" || method === "PUT" || method === "PATCH") text += "content-length: 0\r\n";
  }
  return Buffer.from(`${text}\r\n`, "latin1");
}

function joinedCookie(fields: readonly HpackField[], first: number): string {
  let joined = fields[first].value;
  for (let i = first + 1; i < fields.length; i++) if (fields[i].meaning === N_COOKIE) joined += `; ${fields[i].value}`;
  return joined;
}

/** The section that an answer's head becomes: no reason, no hop-by-hop fields (§8.2.2), names in lower case. */
export function responseFields(head: ResponseHead): FieldOut[] {
  const { fields } = head;
  const { nominated } = hopOf(fields);
  const out: FieldOut[] = [{ name: ":status", value: String(head.status) }];
  for (let i = 0; i < fields.count; i++) {
    const id = fields.id(i);
    if (HOP_BY_HOP.has(id)) continue;
    const name = id === 0 ? fields.name(i).toLowerCase() : nameOfId(id);
    if (nominated?.has(name)) continue;
    out.push({ name, value: fields.value(i) });
  }
  return out;
}

const HOP_BY_HOP: ReadonlySet<number> = new Set([
  F_CONNECTION,
  F_KEEP_ALIVE,
  F_PROXY_CONNECTION,
  F_PROXY_AUTHENTICATE,
  F_TRANSFER_ENCODING,
  F_TE,
  F_UPGRADE,
  F_HTTP2_SETTINGS,
]);

/** A trailer section of HTTP/1.1, its empty line included. */
export function trailerBytes(fields: readonly HpackField[]): Buffer {
  let text = "";
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

/** The section that a trailer section of HTTP/1.1 becomes; null when it is empty. */
export function trailerFields(buf: Buffer, start: number, end: number): FieldOut[] | null {
  const out: FieldOut[] = [];
  for (const line of buf.toString("latin1", start, end).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!NOT_IN_TRAILERS.has(name)) out.push({ name, value: line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "") });
  }
  return out.length === 0 ? null : out;
}

/** What HTTP/2 does not have at all, and a length that DATA has already shown. */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** A section as the record keeps it, pseudo-fields first, as it came. */
export function recordedFields(fields: readonly HpackField[]): FieldPairs {
  return fields.map(({ name, value }) => [name, value] as const);
}
