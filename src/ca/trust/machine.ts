// All that trust stores see of a machine and do to it, so that tests can hand them one that only takes notes.
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The user's own folder. */
  readonly home: string;
  /** Administrator already: no sudo. Always true on Windows, where sudo is not how it is done. */
  readonly isRoot: boolean;
  /** Is this program on the path, or where system programs are? */
  has(program: string): boolean;
  exists(path: string): boolean;
  /** Names in a folder; none if there is no such folder. */
  list(folder: string): readonly string[];
  /** A text file; null if it cannot be read. */
  read(path: string): string | null;
  /** Runs a program to its end. With `asking` it has the terminal and may ask for a password. Never throws. */
  run(argv: readonly string[], options?: { readonly asking?: boolean }): Promise<Ran>;
}

/** Debian's users do not have /usr/sbin on their path, but what we need of it is run with sudo, which has. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin"];

/** This machine. */
export function thisMachine(env: Readonly<Record<string, string | undefined>> = process.env): Machine {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(folder => folder !== ""), ...SYSTEM_FOLDERS];
  return {
    platform: process.platform,
    home: env.HOME || homedir(),
    isRoot: process.platform === "win32" || process.getuid?.() === 0,
    has: program => folders.some(folder => isExecutable(join(folder, program))),
    exists: existsSync,
    list: folder => {
      try {
        return readdirSync(folder).sort();
      } catch {
        return []; // not there, or not ours to look into: no place of ours either way
      }
    },
    read: path => {
      try {
        return readFileSync(path, "latin1");
      } catch {
        return null;
      }
    },
    run: (argv, options) => runProgram(argv, options?.asking ?? false),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its output is collected, never passed on: what counts is said by us, and standard output belongs to results. */
function runProgram(argv: readonly string[], asking: boolean): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: [asking ? "inherit" : "ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", data => (stdout += data));
    child.stderr?.on("data", data => (stderr += data));
    child.on("error", error => resolve({ status: 127, stdout, stderr: error.message }));
    child.on("close", code => resolve({ status: code ?? 1, stdout, stderr }));
  });
}
