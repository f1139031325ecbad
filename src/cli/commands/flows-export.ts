// `waylay flows export`: recorded flows in a format that other programs read.

import type { Command } from "commander";
import { programVersion } from "../../config/version.ts";
import { findFormat } from "../../flow/formats/table.ts";
import type { Session } from "../../flow/store/session.ts";
import type { StoredFlow } from "../../flow/store/stored-flow.ts";
import type { Filter } from "../../match/ast.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { writeResult } from "../result.ts";
import { noSuchFlow, parseFilterArgs, parseFlowId, withSession } from "../session.ts";

interface Options {
  readonly format: string;
  readonly filter?: string;
  readonly output?: string;
}

export async function exportFlows(idTexts: readonly string[], command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const format = findFormat(options.format)!; // commander takes no other than those of the table
  if (idTexts.length > 0 && options.filter !== undefined) throw new CommandError("give ids or --filter, not both", 2);
  const ids = idTexts.map(parseFlowId);
  const filter = options.filter === undefined ? null : await parseFilterArgs([options.filter]);
  await withSession(command, io, async session => {
    let count = 0;
    const counted = function* (flows: Iterable<StoredFlow>) {
      for (const flow of flows) {
        count++;
        yield flow;
      }
    };
    const flows = counted(chosen(session, ids, filter));
    await writeResult(io, options.output, format.write(flows, { version: programVersion() }));
    if (options.output !== undefined) io.err(`${count} ${count === 1 ? "flow" : "flows"} in ${options.output}\n`);
  });
}

function* chosen(session: Session, ids: readonly number[], filter: Filter | null): Generator<StoredFlow> {
  if (ids.length === 0) return yield* session.each(filter, { order: "asc" });
  for (const id of ids) {
    const flow = session.find(id);
    if (!flow) throw noSuchFlow(id);
    yield flow;
  }
}
