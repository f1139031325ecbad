// `waylay rules add`: a lesson that comes with waylay, and the files it names, into HOME/rules.

import { cpSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { makeFolder } from "../../config/folder.ts";
import { resolveHome } from "../../config/resolve.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { companionsOf, LESSONS_FOLDER, type Lesson, lessonNamed } from "../rules/lessons.ts";

export async function add(names: readonly string[], command: Command, io: Io): Promise<void> {
  const folder = join(resolveHome(configFlags(command), io), "rules");
  const { force } = command.opts<{ force?: boolean }>();
  const wanted = names.map(lessonNamed);
  const taken = wanted.map(({ name }) => join(folder, `${name}.yaml`)).find(path => existsSync(path));
  if (taken !== undefined && !force) throw new CommandError(`${taken} is there already; --force replaces it`);
  makeFolder(folder, 0o700);
  for (const lesson of wanted) {
    copy(lesson, folder);
    io.out(`${join(folder, `${lesson.name}.yaml`)}\n`);
  }
  io.err("a running waylay takes it at once; waylay rules ls shows what is in force\n");
}

/** What it names comes first: a running waylay reads the rule file as soon as it is there. */
function copy(lesson: Lesson, folder: string): void {
  for (const path of [...companionsOf(lesson), `${lesson.name}.yaml`]) {
    const to = join(folder, path);
    makeFolder(dirname(to), 0o700);
    try {
      cpSync(join(LESSONS_FOLDER, path), to, { recursive: true });
    } catch (error) {
      throw new CommandError(`${to} cannot be written (${(error as NodeJS.ErrnoException).code})`, 1, { cause: error });
    }
  }
}
