// The table of methods: whatever can be asked of a running waylay, by whichever door. docs/api.md, the client's types and the MCP
// tools come from it.
import type { z } from "zod";
import type { Method } from "./method.ts";
import { body } from "./methods/body.ts";
import { diff } from "./methods/diff.ts";
import { subscribe, unsubscribe } from "./methods/events.ts";
import { exportFlows } from "./methods/export.ts";
import { annotate, get, list, remove } from "./methods/flows.ts";
import * as intercept from "./methods/intercept.ts";
import { replay } from "./methods/replay.ts";
import { caShow, logRecent, optionsGet, shutdown, status } from "./methods/session.ts";

export const METHODS = {
  status,
  "flows.list": list,
  "flows.get": get,
  "flows.body": body,
  "flows.annotate": annotate,
  "flows.delete": remove,
  "flows.export": exportFlows,
  "flows.replay": replay,
  "flows.diff": diff,
  "intercept.set": intercept.set,
  "intercept.list": intercept.list,
  "intercept.get": intercept.get,
  "intercept.resume": intercept.resume,
  "intercept.answer": intercept.answer,
  "intercept.drop": intercept.drop,
  "options.get": optionsGet,
  "ca.show": caShow,
  "events.subscribe": subscribe,
  "events.unsubscribe": unsubscribe,
  "log.recent": logRecent,
  shutdown,
} as const satisfies Readonly<Record<string, Method>>;

export type Methods = typeof METHODS;
export type MethodName = keyof Methods;
/** What a caller writes. */
export type ParamsOf<N extends MethodName> = z.input<Methods[N]["params"]>;
export type ResultOf<N extends MethodName> = Awaited<ReturnType<Methods[N]["run"]>>;
