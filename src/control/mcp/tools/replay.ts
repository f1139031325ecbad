// Sending requests again, and comparing what came of it.
import { z } from "zod";
import { diffLines } from "../../../flow/diff/text.ts";
import type { Field } from "../../../flow/model.ts";
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
    const shown = shower.text(diffLines(diff, { redact: shower.redacts }).join("\n"), null);
    return shown.length <= TEXT_MAX ? shown : `${shown.slice(0, TEXT_MAX)}\n(cut; read_body shows the bodies)`;
  },
});

const TEXT_MAX = 12_000;

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
