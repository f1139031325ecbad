// The table of options (config/options.ts) as commander wants it, and what it found as the table wants it.

import { type Command, Option } from "commander";
import { OPTIONS, type OptionSpec } from "../config/options.ts";
import type { Flags } from "../config/settings.ts";

/** Adds the options of `start`; `names` restricts them. */
export function addConfigOptions(command: Command, names?: readonly string[]): void {
  for (const spec of OPTIONS) {
    if (!names || names.includes(spec.name)) command.addOption(toOption(spec));
  }
}

/** The options found, by their long names. */
export function configFlags(command: Command): Flags {
  const values = command.opts<Record<string, string | number | boolean | string[] | undefined>>();
  const flags: Record<string, string | number | boolean | readonly string[] | undefined> = {};
  for (const spec of OPTIONS) {
    const option = toOption(spec);
    const value = values[option.attributeName()];
    // `--no-x` is kept by commander as x: false (and x: true when it was not given).
    flags[spec.name] = option.negate ? value === false : value;
  }
  return flags;
}

function toOption(spec: OptionSpec): Option {
  const short = spec.short ? `-${spec.short}, ` : "";
  const value = spec.value ? ` <${spec.value}>` : "";
  const fallback = spec.fallback ? ` (default: ${spec.fallback})` : "";
  const repeat = spec.repeat && spec.value ? ", repeatable" : "";
  const option = new Option(`${short}--${spec.name}${value}`, `${spec.doc}${repeat}${fallback}`);
  if (spec.repeat && spec.value) {
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  } else if (spec.repeat) {
    option.argParser((_: string, before: number | undefined) => (before ?? 0) + 1);
  }
  return option;
}
