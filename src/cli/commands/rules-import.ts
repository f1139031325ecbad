// `waylay rules import`: another program's rules as ours, and the list of what stays behind.

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { nearest } from "../../config/nearest.ts";
import { checked, importedFile } from "../../rules/import/imported.ts";
import { IMPORT_SOURCES } from "../../rules/import/table.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { cut, printableLine } from "../render/printable.ts";
import { counted } from "../render/units.ts";
import { writeResult } from "../result.ts";

export async function importRules(from: string, file: string, command: Command, io: Io): Promise<void> {
  const source = IMPORT_SOURCES.find(each => each.name === from.toLowerCase());
  if (source === undefined) throw unknownSource(from);
  const text = file === "-" ? (await io.readAll()).toString("utf8") : read(file, io);
  const imported = checked(source.read(text));
  const { rules, left } = imported;
  for (const { line, text: said, why } of left)
    io.err(`${io.errPaint.bold(`${file}:${line}:`)} ${cut(printableLine(said), 100)}  ${io.errPaint.yellow(why)}\n`);
  if (rules.length === 0) throw new CommandError(`${file} has no rule that could be carried over`);
  const { output } = command.opts<{ output?: string }>();
  const to = output === undefined || output === "-" ? output : resolve(io.cwd, output);
  await writeResult(io, to, [importedFile(imported, `${source.name}, ${basename(file)}`)]);
  io.err(
    `${counted(rules.length, "rule")}${left.length > 0 ? `, ${left.length} left behind` : ""}; waylay rules check\n`,
  );
}

function unknownSource(name: string): CommandError {
  const names = IMPORT_SOURCES.map(each => each.name);
  const guess = nearest(name, names);
  return new CommandError(`"${name}" is none of ${names.join(", ")}${guess ? `; did you mean "${guess}"?` : ""}`, 2);
}

function read(file: string, io: Io): string {
  try {
    return readFileSync(resolve(io.cwd, file), "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 1, { cause: error });
  }
}
