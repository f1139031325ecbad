// `waylay rules enable|disable`: HOME/rules.state.json, which a running waylay watches.

import { basename, join } from "node:path";
import type { Command } from "commander";
import { makeFolder } from "../../config/folder.ts";
import { nearest } from "../../config/nearest.ts";
import { resolveHome } from "../../config/resolve.ts";
import type { Rule } from "../../rules/rule.ts";
import { RuleSwitches } from "../../rules/state.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { openRuleSet } from "../rules/rule-set.ts";

export async function switchRules(names: readonly string[], on: boolean, command: Command, io: Io): Promise<void> {
  const { rules } = await openRuleSet(command, io);
  const wanted = names.flatMap(name => rulesNamed(name, rules));
  const home = resolveHome(configFlags(command), io);
  makeFolder(home, 0o700);
  const switches = new RuleSwitches(join(home, "rules.state.json"));
  for (const rule of new Set(wanted)) {
    switches.set(rule.id, on);
    io.out(`${on ? io.paint.green("on ") : io.paint.dim("off")} ${rule.name}  ${io.paint.dim(rule.file)}\n`);
  }
}

/** A rule by its name, else every rule of a file by the file's. */
function rulesNamed(name: string, rules: readonly Rule[]): readonly Rule[] {
  const byName = rules.filter(rule => rule.name === name);
  if (byName.length > 0) return byName;
  const byFile = rules.filter(rule => [rule.file, basename(rule.file), stem(rule)].includes(name));
  if (byFile.length > 0) return byFile;
  const guess = nearest(name, [...rules.map(rule => rule.name), ...rules.map(stem)]);
  throw new CommandError(
    `no rule and no rule file is called "${name}"${guess ? `; did you mean "${guess}"?` : ""}; waylay rules ls shows them`,
  );
}

function stem(rule: Rule): string {
  return basename(rule.file).replace(/\.ya?ml$/i, "");
}
