// Flows compared.
import { z } from "zod";
import { noFlow } from "../error.ts";
import { method } from "../method.ts";
import { flowId } from "./params.ts";

export const diff = method({
  doc: "Two flows compared: facts that differ, fields by name, bodies by what they are (JSON by structure, text by lines, the rest by bytes), and both timings. `same` leaves times and ids aside.",
  params: z.strictObject({ a: flowId, b: flowId }),
  result:
    '{same, facts: [{name, a, b}], request: {headers: [{name, a: [values], b: [values]}], trailers, body: {kind: "same" | "json" | "text" | "bytes", …}}, response, timings: [{name, a, b}]}',
  run: async ({ a, b }, { engine, archive }) => {
    await engine.settle(a);
    await engine.settle(b);
    const compared = await archive.run("diff", { a, b });
    if (compared.kind === "no-flow") throw noFlow(compared.id);
    return compared.diff;
  },
});
