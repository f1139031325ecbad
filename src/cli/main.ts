// The command line: finds the command, loads its file (and no other: the ready line is due 400 ms after start), and
// turns whatever goes wrong into one line on standard error and an exit status.

import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/error.ts";
import { nearest } from "../config/nearest.ts";
import { programVersion } from "../config/version.ts";
import { CommandError, type Define } from "./command.ts";
import { hideFilterTerms } from "./filter-terms.ts";
import { type Io, processIo } from "./io.ts";
import { errorLine } from "./system-error.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Define>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  start: {
    summary: "start the proxy (also plain `waylay`)",
    load: async () => (await import("./commands/start.ts")).defineStart,
  },
  flows: {
    summary: "list, show and export recorded flows",
    load: async () => (await import("./commands/flows.ts")).defineFlows,
  },
  rules: {
    summary: "check, explain, list and switch the rules that rewrite traffic",
    load: async () => (await import("./commands/rules.ts")).defineRules,
  },
  ca: {
    summary: "make, show, trust and export the root; issue certificates",
    load: async () => (await import("./commands/ca.ts")).defineCa,
  },
  origin: {
    summary: "the local test origin: each endpoint a lesson in HTTP",
    load: async () => (await import("./commands/origin.ts")).defineOrigin,
  },
  ctl: {
    summary: "ask a running waylay: any method of its API, or its live events",
    load: async () => (await import("./commands/ctl.ts")).defineCtl,
  },
  intercept: {
    summary: "hold requests or responses, look at them, edit, answer or drop them",
    load: async () => (await import("./commands/intercept.ts")).defineIntercept,
  },
  mcp: {
    summary: "tools for a model, over standard input and output (MCP)",
    load: async () => (await import("./commands/mcp.ts")).defineMcp,
  },
  doctor: {
    summary: "check the set-up, and say how to mend it",
    load: async () => (await import("./commands/doctor.ts")).defineDoctor,
  },
};

/** Runs one command line. `argv` as in process.argv. Sets the exit status; does not exit by itself. */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<void> {
  try {
    await dispatch(argv.slice(2), io);
  } catch (error) {
    io.exitCode = report(error, io);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<void> {
  const first = args[0];
  if (first === "--version" || first === "-V") return io.out(`${programVersion()}\n`);
  if (first === "--help" || first === "-h") return configure(overview(), io).outputHelp();
  if (first === "help") return dispatch(args[1] ? [args[1], "--help"] : ["--help"], io);

  const isCommand = first !== undefined && !first.startsWith("-");
  const name = isCommand ? first : "start";
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) throw new CommandError(`unknown command "${name}"${didYouMean(name)}; see waylay --help`, 2);

  const define = await entry.load();
  const command = configure(new Command(`waylay ${name}`).description(capitalised(entry.summary)), io);
  define(command, io);
  for (const inner of command.commands) configure(inner, io);
  if (command.commands.length > 0 && args.length === 1) {
    const choices = command.commands.map(inner => inner.name()).join(", ");
    throw new CommandError(`waylay ${name} wants one of: ${choices}; see waylay ${name} --help`, 2);
  }
  await command.parseAsync(hideFilterTerms(isCommand ? args.slice(1) : args), { from: "user" });
}

/** Errors are thrown instead of written, so that they end in one place. */
function configure(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: text => io.out(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => io.width ?? 100,
    });
}

function overview(): Command {
  const program = new Command("waylay").description("An HTTP debugging gateway: intercept, record, show.");
  program.usage("[COMMAND] [options]").helpCommand(false).option("-V, --version", "print the version");
  for (const [name, { summary }] of Object.entries(COMMANDS)) program.command(name).description(summary);
  program.addHelpText(
    "after",
    [
      "",
      "Example:",
      "  waylay start --demo",
      "  curl -x http://127.0.0.1:8080 --cacert ~/.waylay/ca/root.crt https://example.com/",
      "  waylay flows ls status:>=400",
      "",
      "waylay COMMAND --help says more.",
      "",
    ].join("\n"),
  );
  return program;
}

/** Writes the one line that an error is worth and gives the exit status. */
function report(error: unknown, io: Io): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help is no error
  if (io.env.WAYLAY_DEBUG && error instanceof Error) io.err(`${error.stack}\n`);
  const usage = error instanceof CommanderError || error instanceof ConfigError;
  io.err(`${io.errPaint.red("waylay:")} ${oneLine(error)}\n`);
  if (error instanceof ConfigError && error.detail !== "") io.err(`${error.detail}\n`);
  return usage ? 2 : error instanceof CommandError ? error.exitCode : 1;
}

/** commander's messages over two lines become one, in our form. */
function oneLine(error: unknown): string {
  if (!(error instanceof CommanderError)) return errorLine(error);
  return error.message.replace(/^error: /, "").replace(/\s*\n\s*\(Did you mean (.*?)\?\)$/s, "; did you mean $1?");
}

function didYouMean(name: string): string {
  const guess = nearest(name, Object.keys(COMMANDS));
  return guess ? `; did you mean "${guess}"?` : "";
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
