// A proxy in the bench: how it is found, started on its core and ended.
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** What every contestant is given. */
export interface Scene {
  /** A folder of its own that goes away afterwards. */
  folder: string;
  /** The authority that the origin's certificate comes from; proxies trust it upstream, squid also signs with it. */
  ca: { certFile: string; keyFile: string; certPem: string };
  /** True where `taskset` is there: proxies run on core 0. */
  canPin: boolean;
}

export interface Started {
  port: number;
  pid: number;
  /** The root that its certificates lead to. */
  caPem: string;
  /** From the start of the process to the first moment it serves. */
  readyMs: number;
  /** How many flows it has on disk, if it records. */
  recorded?: () => number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

export interface Contestant {
  name: string;
  /** What it was made to do, for the notes. */
  setup: string;
  /** Why it cannot take part, or undefined if it can. */
  missing(): string | undefined;
  start(scene: Scene): Promise<Started>;
}

const READY_MS = 30_000;
const END_MS = 5_000;

/** Starts a program on the proxies' core; `ready` resolves when it serves. */
export async function launch(
  scene: Scene,
  command: readonly string[],
  port: number,
  ready: (child: ChildProcess) => Promise<void>,
  env: Record<string, string> = {},
): Promise<Omit<Started, "caPem">> {
  const [program, ...args] = scene.canPin ? ["taskset", "-c", "0", ...command] : command;
  const begun = performance.now();
  // Bench proxies are told everything by their arguments; a proxy set in the environment must not lie in between.
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: scene.folder, ...env },
  });
  let said = "";
  const gone = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", code =>
      reject(new Error(`${command[0]} ended with ${code} before it was ready: ${said.slice(-600)}`)),
    );
  });
  gone.catch(() => {});
  child.stderr?.on("data", chunk => (said = (said + chunk).slice(-4000)));
  child.stdout?.on("data", chunk => (said = (said + chunk).slice(-4000)));
  const late = pause(READY_MS, undefined, { ref: false }).then(() => {
    throw new Error(`${command[0]} was not ready within ${READY_MS} ms: ${said.slice(-600)}`);
  });
  late.catch(() => {});
  try {
    await Promise.race([ready(child), gone, late]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { port, pid: child.pid as number, readyMs: performance.now() - begun, stop: () => end(child) }; // it has started, so it has a pid
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise(resolve => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await gone;
  clearTimeout(timer);
}

/** Below what Linux gives to whoever asks for any port: nobody takes it between our look and the proxy's. */
const PORTS = { first: 20_000, count: 10_000 };

/** A port that is free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    const server = createServer();
    const free = await new Promise<boolean>(resolve => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise(resolve => server.close(resolve));
    return port;
  }
}

/** Resolves when something listens there. */
export async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < READY_MS / 5; tries++) {
    const there = await new Promise<boolean>(resolve => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (there) return;
    await pause(5);
  }
}

/** The first of these files that can be run: absolute paths, or names on the PATH. */
export function executable(...candidates: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = candidates.flatMap(name => (name.startsWith("/") ? [name] : folders.map(folder => join(folder, name))));
  return paths.find(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
