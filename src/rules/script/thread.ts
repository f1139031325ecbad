// One script in one thread: started when it is first asked, ended at its time limit or when it breaks, and started anew by whoever
// asks next. State that the script keeps lives as long as the thread.
import { Worker } from "node:worker_threads";
import type { ScriptCall } from "../plan.ts";
import { NOTHING_DONE, type ScriptInput, type ScriptOutcome, type ScriptStore, type ScriptTurn } from "./host.ts";
import type { FromThread, StoreQuestion, ThreadData, ToThread } from "./protocol.ts";

/** A script that holds more than this has a leak; the proxy's own heap is another. */
const HEAP_MB = 256;
/** For loading the module, before the first turn; milliseconds. */
const START_MS = 10_000;

interface Waiting {
  readonly timer: NodeJS.Timeout;
  resolve(outcome: ScriptOutcome): void;
}

export interface ThreadWorld {
  readonly store: ScriptStore;
  /** A line for the person who runs waylay. */
  say(line: string): void;
}

export class ScriptThread {
  /** The turns that the script has; null until it is loaded. */
  turns: readonly ScriptTurn[] | null = null;
  private readonly worker: Worker;
  private readonly world: ThreadWorld;
  private readonly name: string;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private why: string | null = null;
  private readonly loaded: Promise<void>;
  private markLoaded: () => void = () => undefined;

  constructor(data: ThreadData, world: ThreadWorld) {
    this.world = world;
    this.name = data.file.slice(data.file.lastIndexOf("/") + 1);
    this.loaded = new Promise(resolve => {
      this.markLoaded = resolve;
    });
    this.worker = new Worker(new URL("./boot.mjs", import.meta.url), {
      workerData: data,
      execArgv: [],
      // Standard output belongs to waylay: a script's lines would end up between its own.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    this.worker.unref();
    for (const stream of [this.worker.stdout, this.worker.stderr])
      stream.on("data", (text: Buffer) => this.print(text));
    this.worker.on("message", (message: FromThread) => this.hear(message));
    this.worker.on("error", error => this.end(`its thread broke: ${error.message}`));
    this.worker.on("exit", () => this.end("it ended its own thread"));
    const late = setTimeout(() => this.stop(`it took more than ${START_MS / 1000} s to load`), START_MS);
    late.unref();
    void this.loaded.then(() => clearTimeout(late));
  }

  /** False once it has ended; somebody must start another. */
  get lives(): boolean {
    return this.why === null;
  }

  async run(call: ScriptCall, input: ScriptInput): Promise<ScriptOutcome> {
    await this.loaded;
    if (this.why !== null) return failed(this.why);
    if (!this.turns?.includes(input.turn)) return NOTHING_DONE;
    const id = ++this.lastId;
    return new Promise(resolve => {
      const timer = setTimeout(() => this.stop(`it took more than ${call.timeoutMs} ms`), call.timeoutMs);
      this.waiting.set(id, { timer, resolve });
      this.worker.postMessage({ kind: "run", id, rule: call.rule, input } satisfies ToThread);
    });
  }

  /** Ends it; those who wait are told why. */
  stop(why: string): void {
    this.end(why);
    void this.worker.terminate();
  }

  /** Ends it once nobody waits: for a script that has changed. */
  async retire(): Promise<void> {
    while (this.waiting.size > 0 && this.lives) await new Promise(resolve => setTimeout(resolve, 20));
    this.stop("it has changed");
  }

  private hear(message: FromThread): void {
    switch (message.kind) {
      case "ready":
        this.turns = message.turns;
        return this.markLoaded();
      case "broken":
        return this.stop(message.error);
      case "done": {
        const waiting = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        clearTimeout(waiting?.timer);
        return waiting?.resolve(message.outcome);
      }
      case "ask":
        void this.answer(message.question, message.what);
    }
  }

  private async answer(question: number, what: StoreQuestion): Promise<void> {
    const told = await this.lookUp(what).then(
      result => ({ result, error: null }),
      (error: unknown) => ({ result: null, error: error instanceof Error ? error.message : String(error) }),
    );
    if (this.lives) this.worker.postMessage({ kind: "told", question, ...told } satisfies ToThread);
  }

  private lookUp(what: StoreQuestion): Promise<unknown> {
    const { store } = this.world;
    if (what.kind === "list") return store.list(what.filter, what.limit);
    return what.kind === "get" ? store.get(what.flow) : store.body(what.flow, what.side);
  }

  private end(why: string): void {
    if (this.why !== null) return;
    this.why = why;
    this.markLoaded();
    for (const { timer, resolve } of this.waiting.values()) {
      clearTimeout(timer);
      resolve(failed(why));
    }
    this.waiting.clear();
  }

  private print(text: Buffer): void {
    for (const line of text.toString("utf8").split("\n")) if (line !== "") this.world.say(`${this.name}: ${line}`);
  }
}

function failed(error: string): ScriptOutcome {
  return { ...NOTHING_DONE, error };
}
