// `waylay flows stats`: what the flows come to.

import type { Command } from "commander";
import { parseCount } from "../../config/units.ts";
import type { FlowSummary } from "../../flow/model.ts";
import { type Extreme, type FlowStats, type Group, type Sums, statsOf } from "../../flow/stats.ts";
import type { Session } from "../../flow/store/session.ts";
import type { Filter } from "../../match/ast.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { cut, printableLine } from "../render/printable.ts";
import { durationText, sizeText } from "../render/units.ts";
import { parseFilterArgs, withSession } from "../session.ts";

const NAME_WIDTH = 40;
const NUMBER_WIDTH = 9;

export async function stats(words: readonly string[], command: Command, io: Io): Promise<void> {
  const { top = "10", json } = command.opts<{ top?: string; json?: boolean }>();
  const count = parseCount(top);
  if (count === undefined || count < 1) throw new CommandError(`--top: "${top}" is no number`, 2);
  const filter = await parseFilterArgs(words);
  await withSession(command, io, session => {
    const found = statsOf(summaries(session, filter), count);
    io.out(json ? `${JSON.stringify(found)}\n` : statsText(found, count, io));
  });
}

function* summaries(session: Session, filter: Filter | null): Generator<FlowSummary> {
  for (const flow of session.each(filter, { order: "asc" })) yield flow.summary();
}

function statsText(found: FlowStats, top: number, io: Io): string {
  const { paint } = io;
  const heading = (name: string) => paint.dim(row(name, ["flows", "errors", "sent", "received", "p50", "p95"]));
  const table = (name: string, groups: readonly Group[]) =>
    groups.length === 0
      ? []
      : [
          heading(name),
          ...groups.slice(0, top).map(group => row(group.name || "(none)", numbers(group))),
          ...(groups.length > top ? [paint.dim(`and ${groups.length - top} more (--top, --json)`)] : []),
          "",
        ];
  return [
    heading(""),
    paint.bold(row("all", numbers(found))),
    "",
    ...table("host", found.hosts),
    ...table("type", found.types),
    ...table("status", found.statuses),
    ...extremes("slowest", found.slowest, io),
    ...extremes("biggest", found.biggest, io),
  ]
    .join("\n")
    .replace(/\n*$/, "\n");
}

function extremes(name: string, flows: readonly Extreme[], { paint, width }: Io): string[] {
  if (flows.length === 0) return [];
  const lines = flows.map(({ id, method, url, status, duration, responseBytes }) => {
    const facts = [durationText(duration), sizeText(responseBytes), String(status ?? "ERR")];
    const start = `${String(id).padStart(6)}  ${facts.map(text => text.padStart(NUMBER_WIDTH)).join("")}  `;
    const what = printableLine(`${method} ${url}`);
    return start + (width === undefined ? what : cut(what, width - start.length));
  });
  return [paint.dim(name), ...lines, ""];
}

function numbers({ flows, errors, requestBytes, responseBytes, p50, p95 }: Sums): string[] {
  return [
    String(flows),
    String(errors),
    sizeText(requestBytes),
    sizeText(responseBytes),
    durationText(p50),
    durationText(p95),
  ];
}

function row(name: string, values: readonly string[]): string {
  const shown = cut(printableLine(name), NAME_WIDTH).padEnd(NAME_WIDTH);
  return shown + values.map(value => value.padStart(NUMBER_WIDTH)).join("");
}
