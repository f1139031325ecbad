// The content of messages, in parts of bounded size.
import { z } from "zod";
import { noFlow } from "../error.ts";
import { method } from "../method.ts";
import { flowId, side } from "./params.ts";

/** Bytes in one answer; what --body-limit keeps by default is not cut. */
const PART_MAX = 16 << 20;

export const body = method({
  doc: "A body, or a part of it: as recorded, or (`decoded`) with its content codings undone, as `text` where it is text. `next` is there if there is more: the offset to go on from. `size` is what the message had on the wire, `recorded` what was kept of it.",
  params: z.strictObject({
    id: flowId,
    side,
    decoded: z.boolean().default(false),
    range: z
      .tuple([z.int().min(0), z.int().min(0)])
      .optional()
      .describe("bytes [from, to) of it"),
    version: z
      .enum(["sent", "received"])
      .default("sent")
      .describe("where a rule or a person changed it: before or after"),
  }),
  result: "{text | base64, range: [from, to], total, size, recorded, contentType, encoding, problem?, next?}",
  run: async ({ range: [from, to] = [0, Infinity], ...params }, { engine, archive }) => {
    await engine.settle(params.id);
    const length = Math.max(0, Math.min(to - from, PART_MAX));
    const part = await archive.run("body", { ...params, from, length });
    if (part === null) throw noFlow(params.id);
    const { bytes, text, problem, ...facts } = part;
    const end = Math.min(from, facts.total) + bytes.length;
    return {
      ...(text === null ? { base64: Buffer.from(bytes).toString("base64") } : { text }),
      range: [Math.min(from, facts.total), end],
      ...facts,
      ...(problem === null ? {} : { problem }),
      ...(end < facts.total ? { next: end } : {}),
    };
  },
});
