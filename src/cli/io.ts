// Where a command writes and what it may assume of the other end. Commands use this and never `process`, so that a
// test can hand them an Io of its own.

import { createInterface } from "node:readline";
import { setTimeout as timeout } from "node:timers/promises";
import { type Paint, paint } from "./render/paint.ts";

export interface Lines extends AsyncIterable<string> {
  /** Leaves the terminal to another program until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface Io {
  /** Results. */
  out(text: string): void;
  /** Results that are bytes. */
  outBytes(bytes: Uint8Array): void;
  /** Everything else that people read. */
  err(text: string): void;
  /** Asks on the terminal, without echo if it is a secret; undefined when there is nobody to ask. */
  ask(question: string, options?: { secret?: boolean }): Promise<string | undefined>;
  /** What is typed, or piped, a line at a time. */
  lines(): Lines;
  /** Everything on standard input. */
  readAll(): Promise<Buffer>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly outIsTerminal: boolean;
  /** Columns of the terminal; undefined when standard output is none, and nothing is cut. */
  readonly width: number | undefined;
  /** Colours for standard output and for standard error; plain where colour is not wanted. */
  readonly paint: Paint;
  readonly errPaint: Paint;
  /** Bytes written to standard output that its reader has not taken yet. */
  readonly outWaiting: number;
  /** Resolves when its reader has taken what was written. */
  outTaken(): Promise<void>;
  /**
   * Resolves when somebody wants the program to end: SIGINT, SIGTERM, SIGHUP, or the reader of standard output has gone
   * away (`waylay | head`). A second signal ends it at once, with status 130.
   */
  untilStopped(): Promise<void>;
  /** Errors that nobody caught go here from now on instead of ending the program. */
  onBug(listener: (error: unknown) => void): void;
  /** Ends the program once its output is written. */
  exit(code: number): Promise<void>;
  /** The status the program ends with. */
  exitCode: number;
}

/** How long a reader may take for the last of the output. */
const EXIT_WAIT_MS = 1000;

/** The Io of this process. */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // Without anybody who cares, a reader that has gone away ends the program, quietly.
  let readerGone = (): void => process.exit(0);
  let writeFailed = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return readerGone();
    // A full disk below `waylay > log`: said once; a proxy goes on all the same.
    if (!writeFailed) stderr.write(`waylay: standard output cannot be written: ${error.code}\n`);
    writeFailed = true;
    process.exitCode = 1;
  });
  stderr.on("error", () => undefined); // there is nobody left to tell
  const outTaken = () => new Promise<void>(resolve => stdout.write("", () => resolve()));
  return {
    out: text => void stdout.write(text),
    outBytes: bytes => void stdout.write(bytes),
    err: text => void stderr.write(text),
    ask: askOnTerminal,
    // Without `terminal` the kernel edits the line, and an editor that is started finds its terminal as it was.
    lines: () => createInterface({ input: process.stdin, terminal: false }),
    readAll,
    env,
    cwd: process.cwd(),
    outIsTerminal: stdout.isTTY === true,
    get width() {
      return stdout.isTTY ? stdout.columns || 80 : undefined;
    },
    paint: paint(wantsColour(stdout.isTTY, env)),
    errPaint: paint(wantsColour(stderr.isTTY, env)),
    get outWaiting() {
      return stdout.writableLength;
    },
    outTaken,
    untilStopped: () =>
      new Promise(resolve => {
        readerGone = resolve;
        let asked = false;
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
          process.on(signal, () => {
            if (asked) process.exit(130);
            asked = true;
            resolve();
          });
        }
      }),
    onBug: listener => void process.on("uncaughtException", listener),
    exit: async code => {
      // process.exit would cut what a pipe has not taken yet; a reader that takes nothing is not waited for.
      await Promise.race([outTaken(), timeout(EXIT_WAIT_MS)]);
      process.exit(code);
    },
    get exitCode() {
      return Number(process.exitCode ?? 0);
    },
    set exitCode(code) {
      process.exitCode = code;
    },
  };
}

/** Colour only on a terminal; NO_COLOR (no-color.org) says no, FORCE_COLOR says yes to a pipe. */
export function wantsColour(isTerminal: boolean | undefined, env: Io["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return true;
  return isTerminal === true && env.TERM !== "dumb";
}

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function askOnTerminal(question: string, options: { secret?: boolean } = {}): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  const lines = createInterface({ input: stdin, output: stderr, terminal: true });
  return await new Promise(resolve => {
    lines.on("close", () => resolve(undefined));
    lines.question(question, answer => {
      resolve(answer);
      lines.close();
      if (options.secret) stderr.write("\n");
    });
    // readline echoes through this one method; a secret is typed blind.
    if (options.secret) (lines as unknown as { _writeToOutput: () => void })._writeToOutput = () => undefined;
  });
}
