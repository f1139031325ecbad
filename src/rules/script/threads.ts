// The scripts of a gateway, each in its thread, bundled again when one of its files has changed.
import { statSync } from "node:fs";
import type { ScriptCall } from "../plan.ts";
import { type Bundle, bundleScript } from "./bundle.ts";
import { NOTHING_DONE, type ScriptHost, type ScriptInput, type ScriptOutcome, type ScriptTurn } from "./host.ts";
import { ScriptThread, type ThreadWorld } from "./thread.ts";

interface Loaded {
  readonly bundle: Bundle;
  /** Its files as they were when they were bundled. */
  stamp: string;
  thread: ScriptThread;
}

export class ScriptThreads implements ScriptHost {
  private readonly world: ThreadWorld;
  private readonly loaded = new Map<string, Loaded>();
  /** Bundling takes some 20 ms: whoever comes meanwhile waits for the same one. */
  private readonly loading = new Map<string, Promise<Loaded>>();
  private closed = false;

  constructor(world: ThreadWorld) {
    this.world = world;
  }

  takes(file: string, turn: ScriptTurn): boolean {
    return this.loaded.get(file)?.thread.turns?.includes(turn) ?? true;
  }

  async run(call: ScriptCall, input: ScriptInput): Promise<ScriptOutcome> {
    try {
      const { thread } = await this.load(call.file);
      return await thread.run(call, input);
    } catch (error) {
      return { ...NOTHING_DONE, error: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.loading.values());
    for (const { thread } of this.loaded.values()) thread.stop("waylay ends");
    if (this.loaded.size > 0) (await import("esbuild")).stop();
    this.loaded.clear();
  }

  private async load(file: string): Promise<Loaded> {
    const now = this.loaded.get(file);
    if (now !== undefined && now.stamp === stampOf(now.bundle.inputs)) {
      if (!now.thread.lives) now.thread = this.start(file, now.bundle); // ended at its limit, or broke
      return now;
    }
    const running = this.loading.get(file);
    if (running !== undefined) return running;
    const loading = this.bundle(file).finally(() => this.loading.delete(file));
    this.loading.set(file, loading);
    return loading;
  }

  private async bundle(file: string): Promise<Loaded> {
    const before = this.loaded.get(file);
    const watched = before?.bundle.inputs ?? [file];
    const begun = stampOf(watched);
    const bundle = await bundleScript(file).catch((error: unknown) => {
      if (before === undefined) throw error;
      this.world.say(`${error instanceof Error ? error.message : String(error)}; the last good script stays in force`);
      return null;
    });
    if (this.closed) throw new Error("waylay ends");
    if (bundle === null) {
      before!.stamp = begun; // there is one, or it had been thrown
      return before!;
    }
    // What was saved while it was being read is read again.
    const stamp = stampOf(watched) === begun ? stampOf(bundle.inputs) : "";
    const loaded = { bundle, stamp, thread: this.start(file, bundle) };
    this.loaded.set(file, loaded);
    // Exchanges that are in it go on with the old one.
    void before?.thread.retire();
    return loaded;
  }

  private start(file: string, { code }: Bundle): ScriptThread {
    return new ScriptThread({ code, file }, this.world);
  }
}

/** Changes with every save. A stat takes some microseconds, and a script has a few files. */
function stampOf(inputs: readonly string[]): string {
  return inputs
    .map(path => {
      const about = statSync(path, { throwIfNoEntry: false });
      return about === undefined ? "gone" : `${about.mtimeMs}:${about.size}:${about.ino}`;
    })
    .join();
}
