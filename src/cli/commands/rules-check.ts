// `waylay rules check`: every fault of rule files, each with its place.

import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { resolveHome } from "../../config/resolve.ts";
import { positionOf } from "../../rules/diagnostics.ts";
import type { Problem, RuleFiles } from "../../rules/files.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { diagnosticText } from "../render/diagnostic.ts";
import { counted } from "../render/units.ts";
import { readRules } from "../rules/rule-set.ts";

/** Warnings are no failure; an error is, and so is nothing to check. */
export async function check(paths: readonly string[], command: Command, io: Io): Promise<void> {
  const home = resolveHome(configFlags(command), io);
  const folder = join(home, "rules");
  const asked = paths.length > 0 ? paths.map(path => resolve(io.cwd, path)) : [folder].filter(isFolder);
  const set = readRules(asked, home, io);
  const { problems } = set;
  if (problems.length === 0 && set.files.length === 0)
    throw new CommandError(`${asked[0] ?? folder} has no rule file (.yaml or .yml)`);
  if (command.opts<{ json?: boolean }>().json) {
    for (const problem of problems) io.out(`${JSON.stringify(asJson(problem))}\n`);
  } else {
    for (const { diagnostic, source } of problems) {
      const file = nearer(diagnostic.file, io.cwd);
      io.out(`${diagnosticText({ ...diagnostic, file }, source, io.width, io.paint)}\n`);
    }
    io.out(`${verdict(set, io)}\n`);
  }
  if (problems.some(({ diagnostic }) => diagnostic.severity === "error")) io.exitCode = 1;
}

function verdict({ problems, rules, files }: RuleFiles, { paint }: Io): string {
  const errors = problems.filter(({ diagnostic }) => diagnostic.severity === "error").length;
  const warnings = problems.length - errors;
  const where = counted(files.length, "file");
  if (problems.length === 0) return `${paint.green("✓")} ${counted(rules.length, "rule")} in ${where}, no faults`;
  const found = [
    ...(errors > 0 ? [paint.red(counted(errors, "error"))] : []),
    ...(warnings > 0 ? [paint.yellow(counted(warnings, "warning"))] : []),
  ];
  return `${errors > 0 ? paint.red("✗") : paint.yellow("!")} ${found.join(", ")} in ${where}`;
}

/** Lines and columns are 1-based; the end is the first character that is good again. */
function asJson({ diagnostic, source }: Problem) {
  const { severity, file, message, expected, span } = diagnostic;
  const start = positionOf(source, span.start);
  const end = positionOf(source, span.end);
  return { severity, file, ...start, endLine: end.line, endColumn: end.column, message, expected };
}

/** The path as somebody here would write it. */
function nearer(file: string, cwd: string): string {
  const way = relative(cwd, file);
  return way === "" || way.startsWith("..") ? file : way;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
