// `waylay rules ls`: the rules that there are, on or off, and the lessons that can be added.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { resolveHome } from "../../config/resolve.ts";
import { explain } from "../../match/explain.ts";
import type { Rule } from "../../rules/rule.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { cut, printableLine } from "../render/printable.ts";
import { type Lesson, lessons } from "../rules/lessons.ts";
import { openRuleSet } from "../rules/rule-set.ts";

export async function list(command: Command, io: Io): Promise<void> {
  const home = resolveHome(configFlags(command), io);
  const { rules, problems } = await openRuleSet(command, io);
  const isAdded = ({ name }: Lesson) => existsSync(join(home, "rules", `${name}.yaml`));
  if (command.opts<{ json?: boolean }>().json) {
    for (const rule of rules) io.out(`${JSON.stringify(ruleJson(rule))}\n`);
    for (const lesson of lessons())
      io.out(`${JSON.stringify({ lesson: lesson.name, teaches: lesson.teaches, added: isAdded(lesson) })}\n`);
    return;
  }
  let file = "";
  for (const rule of rules) {
    if (rule.file !== file) io.out(`${io.paint.bold(rule.file)}\n`);
    file = rule.file;
    io.out(`${ruleLine(rule, io)}\n`);
  }
  if (rules.length === 0) io.out("no rules are in force\n");
  const faults = problems.filter(({ diagnostic }) => diagnostic.severity === "error").length;
  if (faults > 0) io.err(`${io.errPaint.red("some files have errors and are not shown")}; waylay rules check\n`);
  io.out(`\n${io.paint.bold("lessons")} ${io.paint.dim("(waylay rules add NAME)")}\n`);
  for (const lesson of lessons()) io.out(`${lessonLine(lesson, isAdded(lesson), io)}\n`);
}

const NAME_WIDTH = 30;
const LESSON_WIDTH = 18;

function ruleLine(rule: Rule, { width, paint }: Io): string {
  const state = rule.enabled ? paint.green("on ") : paint.dim("off");
  const name = printableLine(rule.name).padEnd(NAME_WIDTH);
  const about = `${explain(rule.filter)} → ${rule.actions.map(action => action.key).join(", ")}`;
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - name.length - 8;
  return `  ${state} ${rule.enabled ? name : paint.dim(name)} ${paint.dim(cut(printableLine(about), room))}`;
}

function lessonLine({ name, teaches }: Lesson, isAdded: boolean, { width, paint }: Io): string {
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - LESSON_WIDTH - 6;
  const mark = isAdded ? paint.green("✓") : " ";
  return `  ${mark} ${name.padEnd(LESSON_WIDTH)} ${paint.dim(cut(teaches, room))}`;
}

function ruleJson({ name, file, enabled, final, filter, actions }: Rule) {
  return { name, file, enabled, final, when: filter.text, actions: actions.map(action => action.key) };
}
