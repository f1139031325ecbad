// `waylay start`: everything up, the ready line, a line for every finished flow, everything down.

import type { Command } from "commander";
import { CaError } from "../../ca/error.ts";
import { ConfigError } from "../../config/error.ts";
import { resolveConfig } from "../../config/resolve.ts";
import type { Config } from "../../config.ts";
import type { Log } from "../../gateway/log.ts";
import type { Gateway, ReadyInfo } from "../../gateway.ts";
import { CommandError, type Define, example } from "../command.ts";
import type { Demo } from "../demo.ts";
import type { Io } from "../io.ts";
import { Journal } from "../journal.ts";
import { addConfigOptions, configFlags } from "../options.ts";
import { readyBlock } from "../render/ready.ts";
import { errorLine } from "../system-error.ts";

export const defineStart: Define = (command, io) => {
  addConfigOptions(command);
  example(
    command,
    "waylay start --demo",
    "waylay -p 9090 --only 'host:*.example.com'",
    "waylay -m reverse:http://127.0.0.1:3000@9000",
  );
  command.action(async (_options: unknown, self: Command) => {
    await start(await resolveConfig(configFlags(self), io), io);
  });
};

async function start(config: Config, io: Io): Promise<void> {
  let stopping = false;
  const stopped = io.untilStopped().then(() => {
    stopping = true;
  });
  const log = logTo(io, config.verbosity);
  for (const { verbose, text } of config.notes) (verbose ? log.info : log.warn)(text);

  const gateway = await Promise.race([opened(config, log, io), stopped]);
  if (!gateway) return await io.exit(130);
  // The last line of defence: one exchange's bug must not take everybody's connections along. Said with its stack.
  io.onBug(error => log.warn(`a bug in waylay, please report it: ${error instanceof Error ? error.stack : error}`));
  const demo = config.demo ? await demoBeside(gateway, config) : undefined;
  announce(config, gateway.ready, demo?.url, io);
  const journal = new Journal(io, config);
  if (config.verbosity >= 0) gateway.feed.subscribe(event => journal.take(event));

  // It plays on its own: Ctrl-C must not wait for it.
  demo?.play().catch((error: Error) => {
    if (!stopping) log.warn(`the demo could not send its requests: ${error.message}`);
  });
  await Promise.race([stopped, gateway.stopAsked]);
  await Promise.all([gateway.close(), demo?.close()]);
  journal.flush();
  farewell(config, gateway.ready, journal, io);
  await io.exit(0);
}

/** Whatever keeps it from starting is for the person who started it, so it counts as wrong usage. */
async function opened(config: Config, log: Log, io: Io): Promise<Gateway> {
  const { startGateway } = await import("../../gateway.ts");
  try {
    return await startGateway(config, log);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof CaError && error.code === "passphrase-needed") {
      const caPassphrase = await io.ask(`Passphrase of ${error.subject}: `, { secret: true });
      if (caPassphrase) return await opened({ ...config, caPassphrase }, log, io);
    }
    throw new CommandError(errorLine(error), 2, { cause: error });
  }
}

async function demoBeside(gateway: Gateway, config: Config): Promise<Demo> {
  const { startDemo } = await import("../demo.ts");
  try {
    return await startDemo(config, gateway.ready);
  } catch (error) {
    await gateway.close(); // nothing half started
    throw error;
  }
}

function announce(config: Config, ready: ReadyInfo, demoUrl: string | undefined, io: Io): void {
  if (config.json) io.out(`${JSON.stringify({ event: "ready", ...ready, ...(demoUrl && { demo: demoUrl }) })}\n`);
  else if (config.verbosity >= 0) io.out(readyBlock(ready, { demoUrl, paint: io.paint, homeDir: io.env.HOME ?? "" }));
}

function farewell(config: Config, ready: ReadyInfo, journal: Journal, io: Io): void {
  if (config.json || config.verbosity < 0) return;
  const flows = journal.count === 1 ? "1 flow" : `${journal.count} flows`;
  const session = ready.session ? ` in ${ready.session}` : "";
  io.err(io.errPaint.dim(`\n${flows}${journal.count > 0 ? `${session}; waylay flows ls shows them` : ""}\n`));
}

function logTo({ err, errPaint }: Io, verbosity: number): Log {
  return {
    warn: text => err(`${errPaint.yellow("waylay:")} ${text}\n`),
    info: text => {
      if (verbosity >= 1) err(`${errPaint.dim("waylay:")} ${text}\n`);
    },
  };
}
