// The program itself, run as people run it: bin/waylay.js from dist, with a home of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROGRAM =
  process.env.WAYLAY_TEST_PROGRAM ?? fileURLToPath(new URL("../../bin/waylay.js", import.meta.url));
const ANSWER_MS = 20_000;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Around {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A folder that is gone after the test. */
export function temporaryHome(test: { after(cleanUp: () => void): void }): string {
  const home = mkdtempSync(join(tmpdir(), "waylay-test-"));
  test.after(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Runs a command to its end. */
export async function waylay(around: Around, ...args: readonly string[]): Promise<Finished> {
  const child = spawnWaylay(around, args);
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
  const status = await new Promise<number | null>(resolve => child.on("close", resolve));
  clearTimeout(timer);
  return { status, stdout, stderr };
}

/** One line of `start --json`. */
export type StartEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export class Running {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  #changed: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    child.on("close", () => this.#changed());
  }

  /** The JSON lines so far. */
  get events(): StartEvent[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map(line => JSON.parse(line) as StartEvent);
  }

  get ready(): StartEvent & { proxy: { mode: string; host: string; port: number }[]; ca: string; session: string } {
    return this.events[0] as ReturnType<() => Running["ready"]>; // the first line is this one, by contract
  }

  /** `http://127.0.0.1:PORT` of the first listener. */
  get proxyUrl(): string {
    return `http://127.0.0.1:${this.ready.proxy[0]!.port}`;
  }

  get flows(): StartEvent[] {
    return this.events.filter(event => event.event === "flow");
  }

  /** Waits until it has printed what `isThere` looks for. */
  async until(isThere: () => boolean): Promise<void> {
    const giveUpAt = Date.now() + ANSWER_MS;
    while (!isThere()) {
      if (this.child.exitCode !== null) throw new Error(`waylay ended (${this.child.exitCode}): ${this.stderr}`);
      if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${isThere}: ${this.stderr}`);
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, 200);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Asks it to end; resolves with its exit status. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const closed = new Promise<number | null>(resolve => this.child.on("close", resolve));
    this.child.kill(signal);
    return await closed;
  }
}

interface Cleaner {
  after(cleanUp: () => Promise<unknown>): void;
}

/** `start --json` on a free port, once it is ready. It is stopped after the test. */
export async function startWaylay(test: Cleaner, around: Around, ...args: readonly string[]): Promise<Running> {
  const running = spawnStart(test, around, "--json", ...args);
  await running.until(() => running.stdout.includes("\n"));
  return running;
}

/** `start` as given (on a free port unless it says otherwise), without waiting for anything. */
export function spawnStart(test: Cleaner, around: Around, ...args: readonly string[]): Running {
  const port = args.some(arg => /^(-p|--port|-m)$/.test(arg)) ? [] : ["-p", "0"];
  const ui = args.some(arg => /^--(ui-port|no-ui)$/.test(arg)) ? [] : ["--ui-port", "0"];
  const running = new Running(spawnWaylay(around, ["start", ...port, ...ui, ...args]));
  test.after(() => running.stop("SIGKILL"));
  return running;
}

/** Any command that goes on, as given. */
export function spawnCommand(test: Cleaner, around: Around, ...args: readonly string[]): Running {
  const running = new Running(spawnWaylay(around, args));
  test.after(() => running.stop("SIGKILL"));
  return running;
}

function spawnWaylay({ home, env, cwd }: Around, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd: cwd ?? home,
    env: { PATH: process.env.PATH ?? "", HOME: home, WAYLAY_HOME: home, NODE_NO_WARNINGS: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
