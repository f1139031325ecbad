// Finding and reading flows.
import { z } from "zod";
import { tool } from "../tool.ts";

const FILTER_DOC =
  "e.g. `host:*.example.com status:>=400`, `-method:GET path:/api/*`, `duration:>1s OR is:error`, `type:application/json`, `header.x-id:42`, `body:*text*`, `time:>-10m`; words are AND; a bare word searches URL, headers and text bodies";

const id = z.int().min(1).describe("the number after # in a list");

export const status = tool({
  title: "What runs",
  doc: "What waylay records: proxy addresses to send traffic through, how many flows there are. Use it first.",
  params: z.strictObject({}),
  readOnly: true,
  run: async (_params, { client }) => {
    const { proxy, flows, session, ca } = await client.call("status", {});
    const at = proxy.map(each => `${each.mode} at ${each.unix ?? `${each.host}:${each.port}`}`);
    return [
      `proxy: ${at.join(", ")}`,
      `flows: ${flows.recorded} recorded, ${flows.running} running`,
      `session: ${session}`,
      `root certificate for clients to trust: ${ca}`,
    ].join("\n");
  },
});

export const listFlows = tool({
  title: "List flows",
  doc: `HTTP exchanges that passed the proxy, one line each, the newest first. Narrow it by a filter instead of reading on. Filter: ${FILTER_DOC}.`,
  params: z.strictObject({
    filter: z.string().optional(),
    limit: z.int().min(1).max(200).default(25),
    before: z.int().min(1).optional().describe("go on: only flows before this number"),
  }),
  readOnly: true,
  run: async (params, { client, shower }) => {
    const { flows, next } = await client.call("flows.list", params);
    if (flows.length === 0) return "no flow matches";
    const lines = flows.map(flow => shower.line(flow));
    if (next !== undefined) lines.push(`(more: before: ${next})`);
    return lines.join("\n");
  },
});

export const getFlow = tool({
  title: "Show a flow",
  doc: "One exchange: both heads, addresses, TLS, errors. Bodies are read with read_body.",
  params: z.strictObject({ id }),
  readOnly: true,
  run: async ({ id }, { client, shower }) => shower.whole((await client.call("flows.get", { id })).flow),
});

export const readBody = tool({
  title: "Read a body",
  doc: "A slice of a body, decoded (gzip, br, zstd, charset) to text. The answer says where to go on.",
  params: z.strictObject({
    id,
    side: z.enum(["request", "response"]).default("response"),
    offset: z.int().min(0).default(0).describe("characters to skip"),
    length: z.int().min(1).max(20_000).default(4000).describe("characters at most"),
  }),
  readOnly: true,
  run: async ({ id, side, offset, length }, { client, shower }) => {
    const body = await client.call("flows.body", { id, side, decoded: true });
    if (body.total === 0)
      return `the ${side} has no body${body.size > 0 ? ` that was recorded (${body.size} bytes passed)` : ""}`;
    if (!("text" in body)) {
      return `${body.total} bytes that are no text (${body.contentType ?? "of no declared type"}); waylay flows body ${id} --side ${side} -o FILE writes them`;
    }
    // As a whole first: a secret may stand across the end of a slice.
    const text = shower.text(body.text, body.contentType);
    const slice = text.slice(offset, offset + length);
    const end = offset + slice.length;
    const notes = [
      end < text.length ? `(characters ${offset} to ${end} of ${text.length}; go on with offset: ${end})` : "",
      body.next === undefined ? "" : `(only the first ${body.next} of ${body.total} bytes can be read here)`,
      body.recorded < body.size ? `(${body.recorded} of ${body.size} bytes were recorded)` : "",
      body.problem === undefined ? "" : `(${body.problem})`,
    ].filter(note => note !== "");
    return [slice === "" ? "(nothing beyond this offset)" : slice, ...notes].join("\n");
  },
});

export const annotateFlows = tool({
  title: "Note something on flows",
  doc: "Sets tags, comment or colour, for people to see and for filters to find (`tag:NAME`). What is left out stays.",
  params: z.strictObject({
    ids: z.array(id).min(1).max(1000),
    tags: z.array(z.string()).optional(),
    comment: z.string().optional(),
    color: z.string().optional(),
  }),
  readOnly: false,
  run: async (params, { client }) => `noted on ${(await client.call("flows.annotate", params)).ids.length} flows`,
});
