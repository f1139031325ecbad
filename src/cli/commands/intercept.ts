// `waylay intercept`: a breakpoint for as long as somebody sits at it.

import { type Command, Option } from "commander";
import { parseDuration } from "../../config/units.ts";
import type { PausedFlow } from "../../control/paused-flow.ts";
import { CommandError, type Define, example } from "../command.ts";
import { editText } from "../editor.ts";
import { filterText } from "../filter-terms.ts";
import { Desk } from "../intercept/desk.ts";
import type { Io } from "../io.ts";
import { addConfigOptions, configFlags } from "../options.ts";
import { runningWaylay } from "../running.ts";
import { parseFilterArgs } from "../session.ts";

interface Options {
  readonly on: "request" | "response" | "both";
  readonly timeout?: string;
}

export const defineIntercept: Define = (command, io) => {
  command
    .argument("[FILTER...]", "what is to wait: host:*.example.com method:POST, … (words are AND; none: everything)")
    .addOption(new Option("--on <TURN>", "when").choices(["request", "response", "both"]).default("request"))
    .option("--timeout <TIME>", "how long a message waits before it goes on as it is; 0: for ever");
  addConfigOptions(command, ["home", "control"]);
  example(
    command,
    "waylay intercept host:api.example.com method:POST",
    "waylay intercept --on response status:>=500",
    "(then: ls, show, edit, undo, go, original, answer, drop, help, quit)",
  );
  command.action(async (words: string[], _options: unknown, self: Command) => intercept(words, self, io));
};

export async function intercept(words: readonly string[], command: Command, io: Io): Promise<void> {
  const { on, timeout } = command.opts<Options>();
  const timeoutMs = timeout === undefined ? undefined : timeout === "0" ? 0 : parseDuration(timeout);
  if (timeout !== undefined && timeoutMs === undefined)
    throw new CommandError(`--timeout: "${timeout}" is no duration`, 2);
  await parseFilterArgs(words); // a bad one is refused here, as everywhere on the command line
  const client = await runningWaylay(configFlags(command), io);
  const lines = io.lines();
  const desk = new Desk(client, io, async text => {
    lines.pause();
    return editText(text, io).finally(() => lines.resume());
  });
  client.listen(({ method, params }) => {
    if (method === "intercept.paused") desk.tell(params.flow as PausedFlow); // what the event is documented to carry
  });
  // At once: what is piped in before the breakpoint stands would be lost.
  const served = serve(lines, desk);
  try {
    await client.call("events.subscribe", { events: ["intercept.paused"] });
    for (const flow of (await client.call("intercept.list", {})).flows) desk.tell(flow);
    await client.call("intercept.set", {
      filter: filterText(words),
      on: on === "both" ? ["request", "response"] : [on],
      mine: true,
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    io.err(
      `${on === "both" ? "requests and responses" : `${on}s`} that match wait here; help shows what can be done with them\n`,
    );
    await Promise.race([served, client.ended, io.untilStopped()]);
  } finally {
    lines.close();
    // With the connection goes the breakpoint, and what waits at it goes on.
    client.close();
  }
  await io.exit(0);
}

async function serve(lines: AsyncIterable<string>, desk: Desk): Promise<void> {
  for await (const line of lines) {
    if (/^\s*(q|quit|exit)\s*$/.test(line)) return;
    await desk.take(line);
  }
}
