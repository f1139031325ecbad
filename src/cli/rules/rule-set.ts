// The rules that a command means: those of the files it names, else of the running waylay, else what `start` would load.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { resolveConfig } from "../../config/resolve.ts";
import type { Flags } from "../../config/settings.ts";
import type { Config } from "../../config.ts";
import { rulesOfShortForms } from "../../gateway/short-forms.ts";
import { RuleFiles } from "../../rules/files.ts";
import type { LoadedFile } from "../../rules/parse.ts";
import { RuleSwitches } from "../../rules/state.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { askRunning } from "../running.ts";

/** Rules and their faults, read once; `-r` of the command, else what the running waylay was given, else HOME/rules. */
export async function openRuleSet(command: Command, io: Io): Promise<RuleFiles> {
  const flags = configFlags(command);
  const config = await resolveConfig({ home: flags.home, rules: flags.rules }, io);
  const running = flags.rules === undefined ? await rulesOfRunning(flags, io) : undefined;
  const paths = running?.paths ?? config.rules ?? existing(join(config.home, "rules"));
  const first = rulesOfShortForms(running?.shortForms ?? config.shortForms, name => io.env[name]);
  return readRules(paths, config.home, io, first);
}

/** Rules and their faults, read once. `paths` are absolute; the rules of `first` run before theirs. */
export function readRules(paths: readonly string[], home: string, io: Io, first?: LoadedFile): RuleFiles {
  const files = new RuleFiles({
    paths,
    first,
    policy: {},
    switches: new RuleSwitches(join(home, "rules.state.json")),
    env: name => io.env[name],
    onReload: () => undefined,
  });
  files.load();
  return files;
}

interface RulesOfRunning {
  /** undefined: it was given none, and has those of HOME/rules. */
  readonly paths: readonly string[] | undefined;
  readonly shortForms: Config["shortForms"];
}

/** What a running waylay was started with; undefined if none runs. */
async function rulesOfRunning(flags: Flags, io: Io): Promise<RulesOfRunning | undefined> {
  const answer = await askRunning(flags, io, client => client.call("options.get", {}));
  if (answer === undefined) return undefined;
  const { rules, "short-forms": forms } = answer.options;
  return {
    paths: Array.isArray(rules) ? rules.map(String) : undefined,
    shortForms: Array.isArray(forms) ? forms : [],
  };
}

/** A home that nothing was put into yet has no rules, which is no fault. */
function existing(folder: string): string[] {
  return existsSync(folder) ? [folder] : [];
}
