// The rules that a command means: those of the files it names, else of the running waylay, else what `start` would load.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { resolveConfig } from "../../config/resolve.ts";
import type { Flags } from "../../config/settings.ts";
import { RuleFiles } from "../../rules/files.ts";
import { RuleSwitches } from "../../rules/state.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { askRunning } from "../running.ts";

/** Rules and their faults, read once; `-r` of the command, else what the running waylay was given, else HOME/rules. */
export async function openRuleSet(command: Command, io: Io): Promise<RuleFiles> {
  const flags = configFlags(command);
  const config = await resolveConfig({ home: flags.home, rules: flags.rules }, io);
  const paths = flags.rules === undefined ? ((await runningPaths(flags, io)) ?? config.rules) : config.rules;
  return readRules(paths ?? existing(join(config.home, "rules")), config.home, io);
}

/** Rules and their faults, read once. `paths` are absolute. */
export function readRules(paths: readonly string[], home: string, io: Io): RuleFiles {
  const files = new RuleFiles({
    paths,
    policy: {},
    switches: new RuleSwitches(join(home, "rules.state.json")),
    env: name => io.env[name],
    onReload: () => undefined,
  });
  files.load();
  return files;
}

/** The rule files that a running waylay was started with; undefined if none runs, or it was given none. */
async function runningPaths(flags: Flags, io: Io): Promise<readonly string[] | undefined> {
  const answer = await askRunning(flags, io, client => client.call("options.get", {}));
  const rules = answer?.options.rules;
  return Array.isArray(rules) ? rules.map(String) : undefined;
}

/** A home that nothing was put into yet has no rules, which is no fault. */
function existing(folder: string): string[] {
  return existsSync(folder) ? [folder] : [];
}
