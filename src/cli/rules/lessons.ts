// The rule files that come with waylay: each a lesson that works as it stands.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearest } from "../../config/nearest.ts";
import { CommandError } from "../command.ts";

/** The same place from src/cli/rules and from dist/cli/rules. */
const FOLDER = fileURLToPath(new URL("../../../rules/", import.meta.url));

export interface Lesson {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** What it teaches, in a sentence. */
  readonly teaches: string;
}

/** Every lesson, by name. */
export function lessons(): Lesson[] {
  const names = readdirSync(FOLDER).filter(file => file.endsWith(".yaml"));
  return names.sort().map(file => {
    const path = join(FOLDER, file);
    const text = readFileSync(path, "utf8");
    const teaches = /^# Teaches: (.*)$/m.exec(text)?.[1] ?? "";
    return { name: file.replace(/\.yaml$/, ""), path, text, teaches };
  });
}

/** Throws CommandError, with the name that was meant. */
export function lessonNamed(name: string): Lesson {
  const all = lessons();
  const found = all.find(lesson => lesson.name === name.replace(/\.ya?ml$/, ""));
  if (found) return found;
  const names = all.map(lesson => lesson.name);
  const guess = nearest(name, names);
  throw new CommandError(
    `no lesson is called "${name}"${guess ? `; did you mean "${guess}"?` : ""} (there are ${names.join(", ")})`,
    2,
  );
}

/** Files and folders beside the lesson that it names (`./mocks/`), and the schema that editors complete it from. */
export function companionsOf(lesson: Lesson): string[] {
  const named = [...lesson.text.matchAll(/\.\/[\w./-]*\w/g)].map(([path]) => path.slice(2));
  return [...new Set(named)].filter(path => statSync(join(FOLDER, path), { throwIfNoEntry: false }) !== undefined);
}

/** Where companions lie. */
export const LESSONS_FOLDER = FOLDER;
