// What the archive's thread can be asked. A job is a generator: where it yields, other jobs may have their turn.
import { textOf } from "../../flow/decode/charset.ts";
import type { FlowDiff } from "../../flow/diff/flows.ts";
import { compareStored } from "../../flow/diff/stored.ts";
import { findFormat } from "../../flow/formats/table.ts";
import type { Side, WholeFlow } from "../../flow/model.ts";
import type { ListOptions, Session } from "../../flow/store/session.ts";
import type { StoredFlow } from "../../flow/store/stored-flow.ts";
import type { Filter } from "../../match/ast.ts";
import { parseFilter } from "../../match/parse.ts";

export interface ListParams extends ListOptions {
  /** Filter text that is known to parse. */
  readonly filter?: string | undefined;
}

export interface BodyParams {
  readonly id: number;
  readonly side: Side;
  readonly version: "sent" | "received";
  readonly decoded: boolean;
  readonly from: number;
  /** Bytes at most. */
  readonly length: number;
}

/** A part of a body. */
export interface BodyPart {
  readonly bytes: Uint8Array;
  /** The bytes as text, where they are text and were asked for decoded. */
  readonly text: string | null;
  /** Bytes that there are in all. */
  readonly total: number;
  readonly contentType: string | null;
  readonly encoding: string | null;
  /** What stopped the decoding; null if nothing did. */
  readonly problem: string | null;
  /** Bytes that the message had on the wire, and how many of them were recorded. */
  readonly size: number;
  readonly recorded: number;
}

export const JOBS = {
  list: (session: Session, params: ListParams) => scan(session, params, flow => flow.summary()),
  /** The ids of what `list` would answer. */
  ids: (session: Session, params: ListParams) => scan(session, params, flow => flow.row.id),
  get: function* get(session: Session, { id }: { id: number }): Generator<void, WholeFlow | null> {
    return session.get(id) ?? null;
  },
  body,
  count: function* count(session: Session, _params: null): Generator<void, number> {
    return session.count(null);
  },
  matching,
  export: exported,
  diff: compared,
} as const;

export type JobName = keyof typeof JOBS;
export type JobParams<N extends JobName> = Parameters<(typeof JOBS)[N]>[1];
export type JobResult<N extends JobName> = ReturnType<(typeof JOBS)[N]> extends Generator<void, infer R> ? R : never;

/** Ids that are looked at in one go. */
const WINDOW = 2000;

/** Flows that match, in slices of ids, so that a filter which nothing matches does not hold up the thread. */
function* scan<T>(session: Session, params: ListParams, read: (flow: StoredFlow) => T): Generator<void, T[]> {
  const { limit = Infinity, order = "desc" } = params;
  const filter = filterOf(params.filter);
  const newest = session.list(null, { limit: 1 })[0]?.id ?? 0;
  let low = params.after ?? 0;
  let high = Math.min(params.before ?? Infinity, newest + 1);
  const found: T[] = [];
  while (high - low > 1 && found.length < limit) {
    const after = order === "asc" ? low : Math.max(low, high - WINDOW - 1);
    const before = order === "asc" ? Math.min(high, low + WINDOW + 1) : high;
    for (const flow of session.each(filter, { after, before, order, limit: limit - found.length }))
      found.push(read(flow));
    if (order === "asc") low = before - 1;
    else high = after + 1;
    yield;
  }
  return found;
}

/** Those of `ids` that match. */
function* matching(session: Session, params: { ids: readonly number[]; filter: string }): Generator<void, number[]> {
  const filter = filterOf(params.filter);
  const found: number[] = [];
  for (const id of params.ids) {
    if (session.list(filter, { after: id - 1, before: id + 1 }).length > 0) found.push(id);
    yield;
  }
  return found;
}

export type Compared =
  | { readonly kind: "done"; readonly diff: FlowDiff }
  | { readonly kind: "no-flow"; readonly id: number };

function* compared(session: Session, { a, b }: { a: number; b: number }): Generator<void, Compared> {
  const first = session.find(a);
  if (first === undefined) return { kind: "no-flow", id: a };
  yield;
  const second = session.find(b);
  if (second === undefined) return { kind: "no-flow", id: b };
  return { kind: "done", diff: compareStored(session, first, second) };
}

export interface ExportParams {
  readonly format: string;
  /** Either flows by id, or those that match. */
  readonly ids?: readonly number[] | undefined;
  readonly filter?: string | undefined;
  /** Bytes at most. */
  readonly limit: number;
  readonly version: string;
}

/** What an export came to, or why it did not. */
export type Exported =
  | { readonly kind: "done"; readonly bytes: Uint8Array; readonly count: number }
  | { readonly kind: "no-flow"; readonly id: number }
  | { readonly kind: "too-large" };

function* exported(session: Session, params: ExportParams): Generator<void, Exported> {
  const format = findFormat(params.format);
  if (format === undefined) throw new Error(`a format that was taken is not known: ${params.format}`);
  const missing = params.ids?.find(id => session.find(id) === undefined);
  if (missing !== undefined) return { kind: "no-flow", id: missing };
  let count = 0;
  const flows = (function* () {
    for (const flow of chosen(session, params)) {
      count++;
      yield flow;
    }
  })();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (const piece of format.write(flows, { version: params.version })) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    size += bytes.length;
    if (size > params.limit) return { kind: "too-large" };
    pieces.push(bytes);
    yield;
  }
  return { kind: "done", bytes: new Uint8Array(Buffer.concat(pieces)), count };
}

function* chosen(session: Session, { ids, filter }: ExportParams): Generator<StoredFlow> {
  if (ids === undefined) yield* session.each(filterOf(filter), { order: "asc" });
  // They were there a moment ago; one that is gone now is left out.
  for (const id of ids ?? []) {
    const flow = session.find(id);
    if (flow !== undefined) yield flow;
  }
}

function* body(session: Session, params: BodyParams): Generator<void, BodyPart | null> {
  const { id, side, version, decoded, from, length } = params;
  const flow = session.find(id);
  const part = session.body(id, side, { decoded, version, range: [from, from + length] });
  if (flow === undefined || part === undefined) return null;
  const message = flow.whole()[side];
  const facts = (version === "received" ? message?.original?.body : undefined) ?? message?.body;
  return {
    bytes: new Uint8Array(part.bytes), // a view would be cloned with all that it is a view of
    text: decoded ? (textOf(part.bytes, part.contentType)?.text ?? null) : null,
    total: part.total,
    contentType: part.contentType,
    encoding: part.encoding,
    problem: part.problem ?? null,
    size: facts?.size ?? 0,
    recorded: facts?.recorded ?? 0,
  };
}

function filterOf(text: string | undefined): Filter | null {
  if (text === undefined || text.trim() === "") return null;
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`a filter that was taken does not parse: ${parsed.error.message}`);
  return parsed.filter;
}
