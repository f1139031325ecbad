// Two flows compared: what people see of them, head by head, body by what it is. Pure: whoever has the flows brings their contents.
import type { FlowSummary, Timings, WholeFlow } from "../model.ts";
import { type BodyDiff, type Content, diffBodies } from "./bodies.ts";
import { diffFields, type FieldDiff } from "./fields.ts";

export interface ComparedFlow {
  readonly flow: WholeFlow;
  /** The decoded contents; null where there is none. */
  readonly request: Content | null;
  readonly response: Content | null;
}

export interface FlowDiff {
  /** Nothing differs but times and ids. */
  readonly same: boolean;
  /** Facts of the summaries that differ: method, url, status … */
  readonly facts: readonly { readonly name: string; readonly a: unknown; readonly b: unknown }[];
  readonly request: MessageDiff;
  /** Null where neither flow has a response. */
  readonly response: MessageDiff | null;
  /** Milliseconds; not part of `same`. */
  readonly timings: readonly { readonly name: string; readonly a: number; readonly b: number }[];
}

export interface MessageDiff {
  readonly headers: readonly FieldDiff[];
  readonly trailers: readonly FieldDiff[];
  readonly body: BodyDiff;
}

/** Facts that two flows may be expected to share. */
const FACTS = [
  "method",
  "url",
  "status",
  "reason",
  "httpVersion",
  "error",
  "contentType",
  "rules",
  "defects",
] as const satisfies readonly (keyof FlowSummary)[];
const TIMINGS = [
  "blocked",
  "dns",
  "connect",
  "tls",
  "send",
  "wait",
  "receive",
] as const satisfies readonly (keyof Timings)[];

export function diffFlows(a: ComparedFlow, b: ComparedFlow): FlowDiff {
  const facts = FACTS.filter(name => JSON.stringify(a.flow[name]) !== JSON.stringify(b.flow[name])).map(name => ({
    name,
    a: a.flow[name],
    b: b.flow[name],
  }));
  const request = diffMessages(a, b, "request");
  const hasResponse = a.flow.response !== null || b.flow.response !== null;
  const response = hasResponse ? diffMessages(a, b, "response") : null;
  const same = facts.length === 0 && isSame(request) && (response === null || isSame(response));
  const timings = TIMINGS.filter(name => a.flow.timings[name] >= 0 || b.flow.timings[name] >= 0).map(name => ({
    name,
    a: a.flow.timings[name],
    b: b.flow.timings[name],
  }));
  return { same, facts, request, response, timings };
}

function diffMessages(a: ComparedFlow, b: ComparedFlow, side: "request" | "response"): MessageDiff {
  return {
    headers: diffFields(a.flow[side]?.headers ?? [], b.flow[side]?.headers ?? []),
    trailers: diffFields(a.flow[side]?.trailers ?? [], b.flow[side]?.trailers ?? []),
    body: diffBodies(a[side], b[side]),
  };
}

function isSame({ headers, trailers, body }: MessageDiff): boolean {
  return headers.length === 0 && trailers.length === 0 && body.kind === "same";
}
