// Sending requests again, and comparing what came of it.
import { z } from "zod";
import type { FlowDiff, MessageDiff } from "../../../flow/diff/flows.ts";
import type { Field } from "../../../flow/model.ts";
import { isSecretName } from "../../../flow/redact.ts";
import { tool } from "../tool.ts";

const id = z.int().min(1);

export const replayFlow = tool({
  title: "Send a request again",
  doc: "Sends a recorded request again, to the real server, with changes if wanted, and shows the new flow's line. What is not changed goes as it was, secrets too. diff_flows compares the answers.",
  params: z.strictObject({
    id,
    method: z.string().optional(),
    url: z.string().optional(),
    headers: z.record(z.string(), z.string().nullable()).optional().describe("set these by name; null takes one away"),
    body: z.string().optional(),
  }),
  readOnly: false,
  run: async ({ id, method, url, headers, body }, { client, shower }) => {
    const fields = headers && edited((await client.call("flows.get", { id })).flow.request.headers, headers);
    const { ids } = await client.call("flows.replay", {
      id,
      edits: {
        ...(method !== undefined && { method }),
        ...(url !== undefined && { url }),
        ...(fields !== undefined && { headers: fields }),
        ...(body !== undefined && { body: { text: body } }),
      },
    });
    const { flow } = await client.call("flows.get", { id: ids[0]! }); // one was asked for
    return shower.line(flow);
  },
});

export const diffFlows = tool({
  title: "Compare two flows",
  doc: "What differs between two exchanges: facts, headers, bodies (JSON by path, text by lines). Times are left out.",
  params: z.strictObject({ a: id, b: id }),
  readOnly: true,
  run: async ({ a, b }, { client, shower }) => {
    const diff = await client.call("flows.diff", { a, b });
    if (diff.same) return "they are the same but for times";
    const text = said(diff).join("\n");
    const shown = shower.text(text, null);
    return shown.length <= TEXT_MAX ? shown : `${shown.slice(0, TEXT_MAX)}\n(cut; read_body shows the bodies)`;
  },
});

const TEXT_MAX = 12_000;
const VALUE_MAX = 300;

/** The fields with some set, in place, at the end, or taken away. */
function edited(fields: readonly Field[], changes: Readonly<Record<string, string | null>>): [string, string][] {
  const left = new Map(Object.entries(changes).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const all = new Map(left);
  const result: [string, string][] = [];
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const change = all.get(key);
    if (change === undefined) result.push([name, value]);
    else if (left.delete(key) && change.value !== null) result.push([name, change.value]);
  }
  for (const { name, value } of left.values()) if (value !== null) result.push([name, value]);
  return result;
}

function said(diff: FlowDiff): string[] {
  const lines = diff.facts.map(({ name, a, b }) => `${name}: ${brief(a)} → ${brief(b)}`);
  lines.push(...saidOf("request", diff.request));
  if (diff.response !== null) lines.push(...saidOf("response", diff.response));
  return lines;
}

function saidOf(side: string, { headers, trailers, body }: MessageDiff): string[] {
  const lines = [...headers, ...trailers].map(({ name, a, b }) => {
    if (isSecretName(name)) return `${side} ${name}: differs`;
    return `${side} ${name}: ${a.length === 0 ? "(none)" : brief(a.join(", "))} → ${b.length === 0 ? "(none)" : brief(b.join(", "))}`;
  });
  switch (body.kind) {
    case "same":
      return lines;
    case "json":
      lines.push(`${side} body:`);
      for (const { path, kind, a, b } of body.changes) {
        const isSecret = isSecretName(/([\w-]+)\W*$/.exec(path)?.[1] ?? "");
        const values = kind === "added" ? brief(b) : kind === "removed" ? brief(a) : `${brief(a)} → ${brief(b)}`;
        lines.push(`  ${path} ${kind}: ${isSecret ? "(a secret)" : values}`);
      }
      if (body.more) lines.push("  (and more)");
      return lines;
    case "text":
      return [...lines, `${side} body:`, body.patch];
    case "bytes":
      return [...lines, `${side} body: ${body.a} and ${body.b} bytes, different from byte ${body.from} on`];
  }
}

function brief(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX)}…`;
}
