// Takes secrets out of what is written: heads, bodies and messages. Lengths change, so this is for records and exports only, never for
// what goes on the wire.
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { decodeText, isJsonType, parseContentType } from "./edit/content-type.ts";
import { setCookieName } from "./edit/cookies.ts";
import { replaceFound } from "./edit/find.ts";
import { editHead, type HeadOp } from "./edit/head.ts";
import { type Json, mapAt, parseJsonPath } from "./edit/json-path.ts";
import { editPairs, editQuery, type PairOp } from "./edit/pairs.ts";
import type { Redaction } from "./plan.ts";

export const REDACTED = "[redacted]";

/** The bytes of a head as they may be written; the target's query, Cookie and Set-Cookie included. */
export function redactHead(head: RequestHead | ResponseHead, redactions: readonly Redaction[]): Buffer {
  const ops: HeadOp[] = [];
  const { fields } = head;
  for (const each of redactions) {
    if (each.kind === "header" && fields.has(each.name)) {
      for (let i = 0; i < fields.count; i++) {
        if (fields.name(i).toLowerCase() === each.name.toLowerCase()) ops.push(hide(fields.name(i)));
      }
    }
    if (each.kind === "cookie") {
      if (fields.getAll("cookie").some(value => value.includes(`${each.name}=`)))
        ops.push({ kind: "cookie-replace", name: each.name, find: ANY, with: REDACTED });
      if (fields.getAll("set-cookie").some(value => setCookieName(value) === each.name)) {
        ops.push({ kind: "set-cookie", name: each.name, value: REDACTED, attributes: {}, strip: false, create: false });
      }
    }
  }
  if ("target" in head) {
    const target = redactTarget(head.target, redactions);
    if (target !== head.target) ops.push({ kind: "target", value: target });
  }
  const bytes = ops.length === 0 ? head.buf.subarray(head.start, head.end) : editHead(head, ops);
  const texts = redactions.filter(each => each.kind === "text");
  if (texts.length === 0) return bytes;
  return Buffer.from(
    texts.reduce((text, each) => replaceFound(each.find, text, REDACTED), bytes.toString("latin1")),
    "latin1",
  );
}

/** A request target, or the part of a URL from its path on. */
export function redactTarget(target: string, redactions: readonly Redaction[]): string {
  const ops = pairOps(redactions);
  const names = new Set(ops.map(op => op.name));
  if (names.size === 0 || !target.includes("?")) return target;
  return editQuery(target, ops);
}

/** Decoded content as it may be written. Content that a redaction could not look into is left out whole: better too little than a secret. */
export function redactContent(
  bytes: Buffer,
  contentType: string | undefined,
  redactions: readonly Redaction[],
): Buffer {
  const type = parseContentType(contentType);
  let text: string | null = null;
  const decoded = decodeText(bytes, type.charset);
  if (decoded === null)
    return redactions.some(each => each.kind === "text" || each.kind === "json") ? Buffer.from(REDACTED) : bytes;
  const source = decoded.text;
  text = source;
  if (type.essence === "application/x-www-form-urlencoded") text = editPairs(text, pairOps(redactions));
  const paths = redactions.filter(each => each.kind === "json");
  if (paths.length > 0 && isJsonType(type))
    text = redactJson(
      text,
      paths.map(each => each.path),
    );
  for (const each of redactions) if (each.kind === "text") text = replaceFound(each.find, text, REDACTED);
  return text === source ? bytes : decoded.encode(text);
}

function redactJson(text: string, paths: readonly string[]): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json; // JSON.parse gives nothing but Json
  } catch {
    // Cut off or broken: what stands where cannot be told.
    return REDACTED;
  }
  const before = value;
  for (const written of paths) {
    const path = parseJsonPath(written);
    if (path !== null) value = mapAt(value, path, () => REDACTED);
  }
  return value === before ? text : JSON.stringify(value);
}

/** Every pair of a name, since a query may repeat it. */
function pairOps(redactions: readonly Redaction[]): (PairOp & { kind: "replace" })[] {
  return redactions.flatMap(each =>
    each.kind === "query" ? [{ kind: "replace" as const, name: each.name, find: ANY, with: REDACTED }] : [],
  );
}

/** Finds the whole of any value, once. */
const ANY = {
  kind: "regex",
  regex: {
    source: "^.*$",
    flags: "s",
    test: () => true,
    exec: (text: string, from = 0) => (from > 0 ? null : { start: 0, end: text.length, groups: [text], named: {} }),
  },
} as const;

function hide(name: string): HeadOp {
  return { kind: "replace", name, find: ANY, with: REDACTED };
}
