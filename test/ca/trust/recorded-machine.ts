// A machine that does nothing and takes notes: which files it has is told to it, what is run on it is remembered.
import type { Machine, Ran } from "../../../src/ca/trust/machine.ts";

export interface RecordedMachine extends Machine {
  /** Every command that would have changed something, as it was run. */
  readonly commands: string[];
}

export interface Told {
  readonly platform: NodeJS.Platform;
  readonly isRoot?: boolean;
  readonly programs?: readonly string[];
  /** Path to text. Folders are there if something is in them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Answers to commands by their beginning; everything else succeeds without a word. */
  readonly answers?: Readonly<Record<string, Partial<Ran>>>;
}

export function recordedMachine(told: Told): RecordedMachine {
  const paths = Object.keys(told.files ?? {});
  const commands: string[] = [];
  return {
    commands,
    platform: told.platform,
    home: "/home/ann",
    isRoot: told.isRoot ?? false,
    has: program => told.programs?.includes(program) ?? false,
    exists: path => paths.some(one => one === path || one.startsWith(`${path}/`)),
    list: folder => {
      const inside = paths.filter(path => path.startsWith(`${folder}/`));
      return [...new Set(inside.map(path => path.slice(folder.length + 1).split("/")[0]!))].sort();
    },
    read: path => told.files?.[path] ?? null,
    run: async (argv, options) => {
      const line = argv.join(" ");
      if (options?.asking) commands.push(line);
      const answer = Object.entries(told.answers ?? {}).find(([beginning]) => line.startsWith(beginning))?.[1];
      return { status: 0, stdout: "", stderr: "", ...answer };
    },
  };
}
