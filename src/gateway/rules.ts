import { join } from "node:path";
import { ConfigError } from "../config/error.ts";
import { makeFolder } from "../config/folder.ts";
import type { Config } from "../config.ts";
import { RuleFiles } from "../rules/files.ts";
import { RuleSwitches } from "../rules/state.ts";
import type { Log } from "./log.ts";
import { rulesOfShortForms } from "./short-forms.ts";

/**
 * The rules of the files that the configuration names, or of HOME/rules; watched from now on. Throws a ConfigError that
 * shows every fault, place by place: a gateway is not started with half of its rules.
 */
export function openRules(config: Config, log: Log, env: NodeJS.ProcessEnv): RuleFiles {
  const folder = join(config.home, "rules");
  if (config.rules === undefined) makeFolder(folder, 0o700);
  const files = new RuleFiles({
    paths: config.rules ?? [folder],
    first: rulesOfShortForms(config.shortForms, name => env[name]),
    policy: { only: config.only, pass: config.pass, bodyLimit: config.limits.ruleBodyBytes },
    switches: new RuleSwitches(join(config.home, "rules.state.json")),
    env: name => env[name],
    onReload: ({ program, problems }) => {
      const faults = problems.filter(({ diagnostic }) => diagnostic.severity === "error");
      for (const { text } of problems) log.warn(text);
      if (faults.length > 0) log.warn("the last good rules of that file stay in force");
      else log.info(`rules reloaded: ${program.rules.length} in force`);
    },
  });
  if (!files.load()) {
    const faults = files.problems.map(({ text }) => text);
    throw new ConfigError("--rules", "the rules have errors, so nothing was started", faults.join("\n"));
  }
  for (const { text } of files.problems) log.warn(text);
  const { length: count } = files.program.rules;
  if (count > 0) log.info(`${count} rules in force`);
  files.watch();
  return files;
}
