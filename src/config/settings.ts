// Settings as texts with their whereabouts, before anybody asked what they mean.

import { OPTIONS } from "./options.ts";

/** One value as somebody wrote it. Switches have the text "true". */
export interface Setting {
  readonly text: string;
  /** `--port`, or `FILE:LINE`. */
  readonly where: string;
}

/** Option name -> its values in order. */
export type Settings = ReadonlyMap<string, readonly Setting[]>;

/** What an option parser found: by option name; a repeated switch is a number. */
export type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The command line's settings. */
export function settingsFromFlags(flags: Flags): Settings {
  const settings = new Map<string, Setting[]>();
  for (const { name } of OPTIONS) {
    const value = flags[name];
    if (value === undefined || value === false) continue;
    const texts = typeof value === "object" ? value : [String(value)];
    if (texts.length > 0)
      settings.set(
        name,
        texts.map(text => ({ text, where: `--${name}` })),
      );
  }
  return settings;
}

/** The first wins as a whole, option by option: a list on the command line replaces the file's. */
export function mergeSettings(first: Settings, second: Settings): Settings {
  return new Map([...second, ...first]);
}
