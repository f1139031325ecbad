// `waylay flows diff A.waylay B.waylay`: what two recordings have not in common. Its status is that of diff(1).

import { resolve } from "node:path";
import { type ChangedPlace, diffSessions, type Place, type SessionDiff } from "../../flow/diff/sessions.ts";
import type { FlowSummary } from "../../flow/model.ts";
import { openSession, type Session } from "../../flow/store/session.ts";
import type { Io } from "../io.ts";
import type { Brush } from "../render/paint.ts";
import { printableLine } from "../render/printable.ts";
import { durationText } from "../render/units.ts";

export function compareSessions(aFile: string, bFile: string, json: boolean, io: Io): void {
  const open = (file: string) => openSession(resolve(io.cwd, file), { nowMs: Date.now });
  const a = open(aFile);
  try {
    const b = open(bFile);
    try {
      const diff = diffSessions(summaries(a), summaries(b));
      io.out(json ? `${JSON.stringify(diff)}\n` : sessionsText(diff, io));
      const differs = [diff.new, diff.gone, diff.changed, diff.slower].some(list => list.length > 0);
      if (differs) io.exitCode = 1;
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

function* summaries(session: Session): Generator<FlowSummary> {
  for (const flow of session.each(null, { order: "asc" })) yield flow.summary();
}

function sessionsText(diff: SessionDiff, { paint }: Io): string {
  const lines = [
    ...diff.gone.map(place => placeLine("-", place, paint.red)),
    ...diff.new.map(place => placeLine("+", place, paint.green)),
    ...diff.changed.map(place => changeLine("~", place, changeText(place), paint.yellow)),
    ...diff.slower.map(place => changeLine("<", place, slowerText(place), paint.magenta)),
  ];
  const count = (what: string, list: readonly unknown[]) => `${list.length} ${what}`;
  const sum = [
    count("gone", diff.gone),
    count("new", diff.new),
    count("changed", diff.changed),
    count("slower", diff.slower),
    `${diff.same} as before`,
  ];
  return `${[...lines, paint.dim(sum.join(", "))].join("\n")}\n`;
}

function placeLine(sign: string, { method, pattern, statuses, count }: Place, brush: Brush): string {
  return brush(`${sign} ${printableLine(`${method} ${pattern}`)}  ${statuses.join(" ")}  ${count}×`);
}

function changeLine(sign: string, { method, pattern }: ChangedPlace, change: string, brush: Brush): string {
  return brush(`${sign} ${printableLine(`${method} ${pattern}`)}  ${printableLine(change)}`);
}

function changeText({ a, b }: ChangedPlace): string {
  const changes = [
    [a.statuses.join(" "), b.statuses.join(" ")],
    [a.types.join(" "), b.types.join(" ")],
  ];
  const said = changes.filter(([before, after]) => before !== after);
  return said.map(([before, after]) => `${before || "(none)"} → ${after || "(none)"}`).join(", ");
}

function slowerText({ a, b }: ChangedPlace): string {
  return `${durationText(a.duration)} → ${durationText(b.duration)}`;
}
