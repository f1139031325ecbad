// Flows: found, read, noted on, taken away.
import { z } from "zod";
import type { FlowSummary } from "../../flow/model.ts";
import { subjectOf } from "../../flow/subject.ts";
import type { Filter } from "../../match/ast.ts";
import { compileFilter } from "../../match/compile.ts";
import { noFlow, unavailable } from "../error.ts";
import { method, type Scope } from "../method.ts";
import { filter, flowId, flowIds } from "./params.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 10_000;

export const list = method({
  doc: "Flows that match, the newest first unless told otherwise; those that still run among them. `next` is there if there are more: pass it as `before` (as `after` with order asc).",
  params: z.strictObject({
    filter: filter.optional(),
    before: flowId.optional().describe("only flows before this one"),
    after: z.int().min(0).optional().describe("only flows after this one"),
    limit: z.int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
    order: z.enum(["asc", "desc"]).default("desc").describe("by id"),
  }),
  result: "{flows: [summary …], next?}",
  run: async ({ filter, before, after, limit, order }, scope) => {
    const { engine, archive } = scope;
    await engine.settle();
    const range = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    // One more than asked for tells whether there are more.
    const stored = await archive.run("list", { filter: filter?.text, ...range, limit: limit + 1, order });
    const flows = merged(stored, running(scope, filter, before, after), order);
    const page = flows.slice(0, limit);
    return flows.length > limit ? { flows: page, next: page.at(-1)!.id } : { flows: page };
  },
});

export const get = method({
  doc: "One flow whole: its summary, and of both messages head, headers, trailers and facts of the body.",
  params: z.strictObject({ id: flowId }),
  result: "{flow}",
  run: async ({ id }, { engine, archive }) => {
    await engine.settle(id);
    const flow = await archive.run("get", { id });
    if (flow === null) throw noFlow(id);
    return { flow };
  },
});

export const annotate = method({
  doc: 'Notes something on flows. What is left out stays as it is; [] and "" take away.',
  params: z.strictObject({
    ids: flowIds,
    tags: z.array(z.string().min(1).max(200)).max(100).optional(),
    comment: z.string().max(100_000).optional(),
    color: z.string().max(40).optional(),
  }),
  result: "{ids: [those that there are]}",
  run: async ({ ids, ...note }, { engine, archive, hub }) => {
    const found = await engine.annotate(ids, note);
    if (found === null) throw unavailable("the session cannot be written to");
    for (const id of found.slice(0, TOLD_MAX)) {
      const flow = await archive.run("get", { id });
      if (flow !== null) hub.tell({ name: "flow.updated", flow: summaryIn(flow) });
    }
    return { ids: found };
  },
});

export const remove = method({
  doc: "Deletes flows that are over: `ids`, or all that match `filter`. Running ones stay.",
  params: z
    .strictObject({ ids: flowIds.optional(), filter: filter.optional() })
    .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
      message: 'wants either ids or a filter (is:complete OR is:error … ; "" is every flow)',
    }),
  result: "{ids: [those that were deleted]}",
  run: async ({ ids, filter }, { engine, archive, hub }) => {
    await engine.settle();
    const asked = ids ?? (await archive.run("ids", { filter: filter?.text }));
    const active = new Set(engine.running().map(flow => flow.id));
    const removed = await engine.remove(asked.filter(id => !active.has(id)));
    if (removed === null) throw unavailable("the session cannot be written to");
    if (removed.length > 0) hub.tell({ name: "flows.deleted", ids: removed });
    return { ids: removed };
  },
});

/** Notes on more flows than this are not told one by one. */
const TOLD_MAX = 100;

function running({ engine }: Scope, filter: Filter | undefined, before = Infinity, after = 0): FlowSummary[] {
  const matches = filter === undefined ? () => true : compileFilter(filter, { nowMs: () => engine.now() });
  return engine.running().filter(flow => flow.id > after && flow.id < before && matches(subjectOf(flow)));
}

/** Both in one order; of a flow in both, what is known now. */
function merged(stored: readonly FlowSummary[], live: readonly FlowSummary[], order: "asc" | "desc"): FlowSummary[] {
  if (live.length === 0) return [...stored];
  const byId = new Map(stored.map(flow => [flow.id, flow]));
  for (const flow of live) byId.set(flow.id, flow);
  const sign = order === "asc" ? 1 : -1;
  return [...byId.values()].sort((a, b) => sign * (a.id - b.id));
}

function summaryIn({
  request: _request,
  response: _response,
  interim: _interim,
  ...summary
}: FlowSummary & {
  request: unknown;
  response: unknown;
  interim: unknown;
}): FlowSummary {
  return summary;
}
