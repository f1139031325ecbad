// Conditions of a rule beside its filter: how often, and when of the day.
import { integer, list, optional, percent, plain, record } from "./args.ts";
import { isMap, type LoadContext } from "./load-context.ts";
import type { Between, Times } from "./program.ts";

/** `sample: 10%` as 0.1. */
export const share = percent();

const count = integer(1, 1_000_000_000);
const counts = record({ first: optional(count), after: optional(count), every: optional(count) });

/** `times: 3` (the first three), or a map with first, after or every. */
export function readTimes(node: unknown, context: LoadContext): Times | null {
  if (!isMap(context.resolve(node, 2))) {
    const first = count.read(node, context, 2);
    return first === undefined ? null : { kind: "first", count: first };
  }
  const value = counts.read(node, context, 2);
  if (value === undefined) return null;
  const said = (["first", "after", "every"] as const).filter(kind => value[kind] !== undefined);
  if (said.length === 1) return { kind: said[0]!, count: value[said[0]!]! };
  context.report.error(context.span(node), "times says one thing", ["first: N", "after: N", "every: N"]);
  return null;
}

/** `between: ['09:00', '17:30']` of each local day, or two ISO times. */
export function readBetween(node: unknown, context: LoadContext): Between | null {
  const ends = list(plain("a time such as 09:00, or an ISO time")).read(node, context, 2);
  if (ends === undefined) return null;
  const [from, to, ...more] = ends;
  const fromMinute = minuteOf(from);
  const toMinute = minuteOf(to);
  if (more.length === 0 && fromMinute !== undefined && toMinute !== undefined)
    return { kind: "day", fromMinute, toMinute };
  const fromMs = Date.parse(from ?? "");
  const toMs = Date.parse(to ?? "");
  if (more.length === 0 && fromMs < toMs) return { kind: "epoch", fromMs, toMs };
  context.report.error(context.span(node), "between is two times, the earlier first", [
    "[09:00, 17:30]",
    "[2026-11-22T10:00Z, 2026-11-23T10:00Z]",
  ]);
  return null;
}

function minuteOf(text: string | undefined): number | undefined {
  const match = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(text ?? "");
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}
