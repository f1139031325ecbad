// What a file in commands/ exports, and the errors it may end with.

import type { Command } from "commander";
import type { Io } from "./io.ts";

/** Adds options, arguments, subcommands, help and action to the (sub)command that main made for it. */
export type Define = (command: Command, io: Io) => void;

/** A command ends with this line on standard error and this status: 1 the thing asked for failed, 2 wrong usage. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** Appends an example (or several lines of them) to a command's --help. */
export function example(command: Command, ...lines: string[]): void {
  command.addHelpText("after", `\nExample:\n${lines.map(line => `  ${line}`).join("\n")}`);
}
