// Breakpoints: set, shown, and decided on.
import { z } from "zod";
import { textOf } from "../../flow/decode/charset.ts";
import { decodeContent } from "../../flow/decode/content.ts";
import { GO_ON, type Paused, TURNS, type Verdict } from "../../proxy/hold.ts";
import { editMessage, type MessageEdits } from "../../proxy/message-edit.ts";
import { REASONS } from "../../rules/actions/response.ts";
import type { Fields } from "../../wire/http1/fields.ts";
import type { ResponseHead } from "../../wire/http1/head.ts";
import { parseResponseHead } from "../../wire/http1/head-parser.ts";
import { badParam, unavailable } from "../error.ts";
import { method, type Scope } from "../method.ts";
import { pausedFlow } from "../paused-flow.ts";
import { content, contentOf, fields } from "./edits.ts";
import { filter, flowId } from "./params.ts";

export const set = method({
  doc: "Sets the breakpoint: from now on messages wait that match, until somebody decides on them or their time is over. There is one for everybody, and with `mine` one for each connection, which ends with it. `filter` null takes it off: what waits at it goes on as it is. A request that a rule answers waits only with that answer.",
  params: z.strictObject({
    filter: filter.nullable().describe('filter language; "" is every message, null none'),
    on: z.array(z.enum(TURNS)).min(1).default(["request"]),
    mine: z.boolean().default(false).describe("only as long as this connection lasts"),
    timeout: z
      .int()
      .min(0)
      .optional()
      .describe("milliseconds that a message waits; 0 is for ever; else as --limit pause-time"),
    onTimeout: z.enum(["resume", "drop"]).default("resume"),
  }),
  result: "{set: whether there is one now}",
  run: ({ filter, on, mine, timeout, onTimeout }, { engine, caller }) => {
    if (mine && caller.subscriber === null)
      throw unavailable("this connection ends with its answer: it can have no breakpoint of its own");
    const owner = mine ? caller.subscriber : null;
    if (filter === null) engine.holds.clear(owner);
    else engine.holds.set(owner, { filter, on, timeoutMs: timeout ?? engine.config.limits.pauseMs, onTimeout });
    return { set: filter !== null };
  },
});

export const list = method({
  doc: "The flows that wait, the longest first. `until`: when their time is over; null is never.",
  params: z.strictObject({}),
  result: "{flows: [summary and paused: {turn, since, until} …]}",
  run: (_params, { engine }) => ({ flows: engine.holds.list().map(pausedFlow) }),
});

export const get = method({
  doc: "The message that waits, as it would go on: `head` raw, and the content, as `text` with its content coding undone where it is text. Without `body` it is too long to be held and streams on as it is.",
  params: z.strictObject({ id: flowId }),
  result: "{flow, head: base64, body?: {text | base64}}",
  run: async ({ id }, scope) => {
    const paused = find(id, scope);
    const { head, content } = paused.message;
    return {
      flow: pausedFlow(paused),
      head: head.buf.subarray(head.start, head.end).toString("base64"),
      ...(content === null ? {} : { body: shown(head.fields, content) }),
    };
  },
});

export const resume = method({
  doc: "Lets a message go on: as it is, with edits, or (`original`) as it was received, whatever rules made of it. Edits that make no valid message are refused, and it goes on waiting. Its length and framing are put right.",
  params: z
    .strictObject({
      id: flowId,
      edits: z
        .strictObject({
          method: z.string().min(1).max(100).optional(),
          url: z.string().min(1).optional().describe("it goes there"),
          status: z.int().min(200).max(599).optional(),
          reason: z.string().max(1000).optional(),
          headers: fields.optional(),
          head: z.base64().optional().describe("the whole head, raw; base64"),
          body: content.optional(),
        })
        .optional()
        .describe("what is left out stays"),
      original: z.boolean().default(false),
    })
    .refine(({ edits, original }) => edits === undefined || !original, {
      message: "wants edits or the original, not both",
    }),
  result: "{}",
  run: async ({ id, edits, original }, scope) => {
    const { message } = find(id, scope);
    let verdict: Verdict = original ? { kind: "undo" } : GO_ON;
    if (edits !== undefined) {
      const { body, head, ...rest } = edits;
      const changes: MessageEdits = {
        ...rest,
        head: head === undefined ? undefined : Buffer.from(head, "base64"),
        content: await contentOf(body, "edits.body"),
      };
      try {
        verdict = { kind: "resume", edited: editMessage(message, changes, scope.engine.config.limits) };
      } catch (error) {
        throw badParam("edits", sentence(error));
      }
    }
    find(id, scope).decide(verdict);
    return {};
  },
});

export const answer = method({
  doc: "Answers the client in the server's place. The request does not go on; an answer that waits is thrown away.",
  params: z.strictObject({
    id: flowId,
    response: z.strictObject({
      status: z.int().min(200).max(599).default(200),
      reason: z.string().max(1000).optional(),
      headers: fields.default([]),
      body: content.optional(),
    }),
  }),
  result: "{}",
  run: async ({ id, response }, scope) => {
    const { message } = find(id, scope);
    const given = await contentOf(response.body, "response.body");
    const body = given === undefined ? Buffer.alloc(0) : "text" in given ? Buffer.from(given.text) : given.bytes;
    const head = answerHead(response, body.length, scope);
    const isEmpty = message.method === "HEAD" || head.status === 204 || head.status === 304;
    find(id, scope).decide({ kind: "answer", head, content: isEmpty ? Buffer.alloc(0) : body });
    return {};
  },
});

export const drop = method({
  doc: "Ends the exchange: the client's connection is reset.",
  params: z.strictObject({ id: flowId }),
  result: "{}",
  run: ({ id }, scope) => {
    find(id, scope).decide({ kind: "drop", why: "dropped at a breakpoint" });
    return {};
  },
});

/** As text only where that text, put back, is the very content. */
function shown(fields: Fields, content: Buffer): { text: string } | { base64: string } {
  const { bytes, problem } = decodeContent(content, fields.getAll("content-encoding").join(","));
  const text = problem === undefined ? textOf(bytes, fields.get("content-type") ?? null)?.text : undefined;
  return text !== undefined && Buffer.from(text).equals(bytes) ? { text } : { base64: content.toString("base64") };
}

interface Head {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

function answerHead({ status, reason, headers }: Head, length: number, { engine }: Scope): ResponseHead {
  const framed = headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
  const lines = framed.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const sized = status === 204 || status === 304 ? "" : `Content-Length: ${length}\r\n`;
  const start = `HTTP/1.1 ${status} ${reason ?? REASONS.get(status) ?? ""}\r\n`;
  const bytes = Buffer.from(`${start}${lines}${sized}\r\n`, "latin1");
  try {
    return parseResponseHead(bytes, 0, bytes.length, engine.config.limits);
  } catch (error) {
    throw badParam("response", sentence(error));
  }
}

function find(id: number, { engine }: Scope): Paused {
  const paused = engine.holds.find(id);
  if (paused === undefined)
    throw unavailable(`flow ${id} does not wait at a breakpoint (any more); intercept.list shows those that do`);
  return paused;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
