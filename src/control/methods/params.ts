// Parameters that several methods take.
import { z } from "zod";
import type { Filter } from "../../match/ast.ts";
import { parseFilter } from "../../match/parse.ts";

export const flowId = z.int().min(1).describe("a flow's number");

export const flowIds = z.array(flowId).min(1).max(100_000);

export const side = z.enum(["request", "response"]);

/** Filter text; the method gets it parsed. A bad one is refused with column, length and what was expected. */
export const filter = z
  .string()
  .transform((text, context): Filter => {
    const parsed = parseFilter(text);
    if (parsed.ok) return parsed.filter;
    const { column, length, message, expected } = parsed.error;
    const wanted = expected.length > 0 ? ` (expected ${expected.join(", ")})` : "";
    context.addIssue({
      code: "custom",
      message: `column ${column}: ${message}${wanted}`,
      params: { column, length, expected },
    });
    return z.NEVER;
  })
  .describe("filter language; all flows without it");
