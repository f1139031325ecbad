// Which recorded session a command means, and the filter it is asked for.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { resolveHome } from "../config/resolve.ts";
import type { Session } from "../flow/store/session.ts";
import type { Filter } from "../match/ast.ts";
import { CommandError } from "./command.ts";
import { filterText } from "./filter-terms.ts";
import type { Io } from "./io.ts";
import { configFlags } from "./options.ts";
import { recordingSession } from "./running.ts";

/** Opens what `-s` names, else what a running waylay records to, else the newest in HOME/sessions; closes it after `use`. */
export async function withSession<T>(command: Command, io: Io, use: (session: Session) => T | Promise<T>): Promise<T> {
  const file = await sessionFile(command, io);
  const { openSession } = await import("../flow/store/session.ts");
  const session = openSession(file, { nowMs: Date.now });
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

async function sessionFile(command: Command, io: Io): Promise<string> {
  const flags = configFlags(command);
  if (typeof flags.session === "string") return resolve(io.cwd, flags.session);
  const recording = await recordingSession(flags, io);
  if (recording !== undefined) return recording;
  const folder = join(resolveHome(flags, io), "sessions");
  const newest = newestSession(folder);
  if (newest) return newest;
  throw new CommandError(
    `no session is recorded in ${folder} yet; waylay start --demo records one, -s FILE names another`,
  );
}

/** The newest session in a folder. Names begin with the date; time stamps say when a file was last touched, not what is newest. */
export function newestSession(folder: string): string | undefined {
  try {
    const names = readdirSync(folder).filter(name => name.endsWith(".waylay"));
    const newest = names.sort().at(-1);
    return newest && join(folder, newest);
  } catch {
    return undefined; // no such folder
  }
}

/** The words of a command line as a filter; null if there are none. A bad one is wrong usage, with its column. */
export async function parseFilterArgs(args: readonly string[]): Promise<Filter | null> {
  const text = filterText(args);
  if (text.trim() === "") return null;
  const { parseFilter } = await import("../match/parse.ts");
  const parsed = parseFilter(text);
  if (parsed.ok) return parsed.filter;
  const { column, message, expected } = parsed.error;
  const wanted = expected.length > 0 ? ` (expected ${few(expected).join(", ")})` : "";
  throw new CommandError(`filter, column ${column}: ${message}${wanted}`, 2);
}

/** A line has room for some; what was meant most likely is in the message already. */
function few(words: readonly string[]): readonly string[] {
  return words.length > 8 ? [...words.slice(0, 8), "…"] : words;
}

/** A flow's number as somebody typed it. */
export function parseFlowId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CommandError(`"${text}" is no flow's id; waylay flows ls shows them`, 2);
}

export function noSuchFlow(id: number): CommandError {
  return new CommandError(`no flow ${id} in this session; waylay flows ls shows them`);
}
