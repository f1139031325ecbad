// `waylay flows ls`: one line a flow.

import type { Command } from "commander";
import { parseCount } from "../../config/units.ts";
import type { FlowSummary } from "../../flow/model.ts";
import type { Session } from "../../flow/store/session.ts";
import type { Filter } from "../../match/ast.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { flowHeading, flowLine } from "../render/flow-line.ts";
import { parseFilterArgs, withSession } from "../session.ts";

interface Options {
  readonly limit?: string;
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** Lines written together: a call for each of 100,000 lines takes seconds. */
const LINES_TOGETHER = 500;

export async function list(words: readonly string[], command: Command, io: Io): Promise<void> {
  const { limit, json, follow } = command.opts<Options>();
  const filter = await parseFilterArgs(words);
  const last = limit === undefined ? undefined : parseCount(limit);
  if (limit !== undefined && last === undefined) throw new CommandError(`--limit: "${limit}" is no number`, 2);

  const toLine = json ? JSON.stringify : (flow: FlowSummary) => flowLine(flow, io.width, io.paint);
  // Before the list is read, so that no flow falls between the two.
  const following = follow ? await (await import("../follow.ts")).follow(words, command, io) : undefined;
  await withSession(command, io, session => {
    const heading = !json && io.outIsTerminal ? [flowHeading(io.width, io.paint)] : [];
    let lines: string[] = heading;
    let count = 0;
    for (const flow of chosen(session, filter, last)) {
      count++;
      following?.listed(flow);
      if (lines.push(toLine(flow)) < LINES_TOGETHER) continue;
      io.out(`${lines.join("\n")}\n`);
      lines = [];
    }
    if (lines.length > 0) io.out(`${lines.join("\n")}\n`);
    if (count === 0) sayNothing(session, filter, io);
  });
  await following?.untilEnd(flow => io.out(`${toLine(flow)}\n`));
}

/** Oldest first; of `last` the newest that many. */
function* chosen(session: Session, filter: Filter | null, last: number | undefined): Generator<FlowSummary> {
  if (last !== undefined) yield* session.list(filter, { limit: last }).reverse();
  else for (const flow of session.each(filter, { order: "asc" })) yield flow.summary();
}

/** An empty list is a result; people are told why it is empty. */
function sayNothing(session: Session, filter: Filter | null, io: Io): void {
  const all = session.count(null);
  io.err(filter && all > 0 ? `none of ${all} flows matches\n` : "no flows are recorded in this session yet\n");
}
