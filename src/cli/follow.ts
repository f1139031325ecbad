// Flows as they end, behind a list of those that have ended.

import type { Command } from "commander";
import type { FlowSummary } from "../flow/model.ts";
import { CommandError } from "./command.ts";
import { filterText } from "./filter-terms.ts";
import type { Io } from "./io.ts";
import { configFlags } from "./options.ts";
import { runningWaylay } from "./running.ts";

export interface Following {
  /** A flow stands in the list: it is not shown twice. */
  listed(flow: FlowSummary): void;
  /** Shows what has ended since, and goes on until somebody wants an end or waylay ends. */
  untilEnd(show: (flow: FlowSummary) => void): Promise<void>;
}

/** Begins to listen to the running waylay. Throws CommandError if there is none, or a session file was named. */
export async function follow(words: readonly string[], command: Command, io: Io): Promise<Following> {
  const flags = configFlags(command);
  if (flags.session !== undefined)
    throw new CommandError("--follow is for the running waylay, not for a session file", 2);
  const client = await runningWaylay(flags, io);
  const early: FlowSummary[] = [];
  const listed = new Set<number>();
  let take = (flow: FlowSummary): void => void early.push(flow);
  client.listen(({ method, params }) => {
    if (method === "flow.completed") take(params.flow as FlowSummary); // what the event is documented to carry
    if (method === "resync") io.err("some flows were missed: this reader is too slow\n");
  });
  await client.call("events.subscribe", { events: ["flow.completed"], filter: filterText(words) });
  return {
    listed: flow => {
      if (flow.state !== "active" && flow.state !== "intercepted") listed.add(flow.id);
    },
    untilEnd: async show => {
      for (const flow of early) if (!listed.has(flow.id)) show(flow);
      listed.clear();
      take = show;
      await Promise.race([client.ended, io.untilStopped()]);
      client.close();
      await io.exit(0);
    },
  };
}
