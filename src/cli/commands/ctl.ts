// `waylay ctl METHOD [JSON]`: the control API from a shell. Results are JSON on standard output, so that jq can go on.

import type { Command } from "commander";
import { RemoteError } from "../../control/client.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND } from "../../wire/json-rpc.ts";
import { CommandError, type Define, example } from "../command.ts";
import { unhide } from "../filter-terms.ts";
import type { Io } from "../io.ts";
import { addConfigOptions, configFlags } from "../options.ts";
import { runningWaylay } from "../running.ts";

interface Options {
  readonly filter?: string;
  readonly event?: string[];
}

export const defineCtl: Define = (command, io) => {
  command
    .argument("[METHOD]", "a method, or `events` to watch; without it the methods are listed")
    .argument("[JSON]", "its parameters; - reads them from standard input")
    .option("-f, --filter <FILTER>", "events: only flows that match")
    .option("--event <NAME>", "events: only these (repeatable)", (name: string, names: string[] = []) => [
      ...names,
      name,
    ]);
  addConfigOptions(command, ["home", "control", "json"]);
  example(
    command,
    "waylay ctl status",
    `waylay ctl flows.list '{"filter": "status:5xx", "limit": 5}' | jq '.flows[].url'`,
    "waylay ctl events --filter 'host:*.example.com' --event flow.completed",
  );
  command.action(async (method: string | undefined, params: string | undefined, _options: unknown, self: Command) => {
    if (method === undefined) return listMethods(io);
    if (method === "events") return watch(self, io);
    await ask(method, params, self, io);
  });
};

async function ask(method: string, text: string | undefined, command: Command, io: Io): Promise<void> {
  const params = parseParams(text === "-" ? (await io.readAll()).toString("utf8") : text);
  const flags = configFlags(command);
  const client = await runningWaylay(flags, io);
  try {
    const result = await client.callByName(method, params);
    io.out(`${JSON.stringify(result, null, io.outIsTerminal && !flags.json ? 2 : 0)}\n`);
  } catch (error) {
    throw refusal(error);
  } finally {
    client.close();
  }
}

/** A line of JSON for each event, until somebody has had enough or waylay ends. */
async function watch(command: Command, io: Io): Promise<void> {
  const { filter, event } = command.opts<Options>();
  const client = await runningWaylay(configFlags(command), io);
  client.listen(({ method, params: { subscription: _subscription, eventId: _eventId, ...params } }) => {
    io.out(`${JSON.stringify({ event: method, ...params })}\n`);
  });
  const params = {
    ...(filter !== undefined && { filter: unhide(filter) }),
    ...(event !== undefined && { events: event }),
  };
  await client.callByName("events.subscribe", params).catch((error: unknown) => {
    client.close();
    throw refusal(error);
  });
  await Promise.race([client.ended, io.untilStopped()]);
  client.close();
  await io.exit(0);
}

function parseParams(text: string | undefined): unknown {
  if (text === undefined || text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`the parameters are no JSON: ${(error as Error).message}`, 2);
  }
}

/** What the other side refused as wrong is wrong usage; what it tried and failed is not. */
function refusal(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  const wrong = error.code === METHOD_NOT_FOUND || error.code === INVALID_PARAMS;
  return new CommandError(error.message, wrong ? 2 : 1, { cause: error });
}

async function listMethods(io: Io): Promise<void> {
  const { METHODS } = await import("../../control/methods.ts");
  const { paramsText } = await import("../../control/docs.ts");
  for (const [name, method] of Object.entries(METHODS)) {
    io.out(`${io.paint.bold(name)} ${paramsText(method)}\n  ${method.doc}\n`);
  }
}
