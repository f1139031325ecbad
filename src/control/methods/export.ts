// Flows in formats that other programs read.
import { z } from "zod";
import { FORMATS } from "../../flow/formats/table.ts";
import { failed, noFlow } from "../error.ts";
import { method } from "../method.ts";
import { filter, flowIds } from "./params.ts";

/** Bytes of one export; more has to go to a file (`waylay flows export`), not through an answer. */
const EXPORT_MAX = 32 << 20;

const names = FORMATS.map(format => format.name) as [string, ...string[]]; // a table with entries

export const exportFlows = method({
  doc: "Flows in another format, whole: `ids`, or those that match `filter`, or all, oldest first. One that comes to more than 32 MB fails; `waylay flows export` has no such limit.",
  params: z
    .strictObject({ format: z.enum(names), ids: flowIds.optional(), filter: filter.optional() })
    .refine(({ ids, filter }) => ids === undefined || filter === undefined, {
      message: "wants ids or a filter, not both",
    }),
  result: "{text | base64, count, mediaType, extension}",
  run: async ({ format: name, ids, filter }, { engine, archive }) => {
    await engine.settle();
    const format = FORMATS.find(format => format.name === name)!; // zod takes no other
    const exported = await archive.run("export", {
      format: name,
      ids,
      filter: filter?.text,
      limit: EXPORT_MAX,
      version: engine.version,
    });
    if (exported.kind === "no-flow") throw noFlow(exported.id);
    if (exported.kind === "too-large") {
      throw failed("the export comes to more than 32 MB: narrow it, or write it to a file with waylay flows export");
    }
    const { count } = exported;
    const { mediaType, extension } = format;
    const content = Buffer.from(exported.bytes);
    const facts = { count, mediaType, extension };
    return isText(mediaType)
      ? { text: content.toString("utf8"), ...facts }
      : { base64: content.toString("base64"), ...facts };
  },
});

function isText(mediaType: string): boolean {
  return /^text\/|json/.test(mediaType);
}
