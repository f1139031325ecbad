// The recorded session, read without holding up the proxy: SQLite's calls are synchronous, so they are made in a thread of their own.
// The thread starts with the first question, and again after it failed.
import { Worker } from "node:worker_threads";
import type { JobName, JobParams, JobResult } from "./jobs.ts";
import type { FromArchive, ToArchive } from "./protocol.ts";

/** What went wrong while reading, in one line. */
export class ArchiveError extends Error {}

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

export class Archive {
  readonly file: string;
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Asks the thread. Jobs take turns, so that a long search does not hold up a short question. Rejects with ArchiveError. */
  run<N extends JobName>(job: N, params: JobParams<N>, signal?: AbortSignal): Promise<JobResult<N>> {
    if (signal?.aborted) return Promise.reject(new ArchiveError("given up"));
    const id = ++this.lastId;
    const worker = this.thread();
    worker.ref();
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        worker.postMessage({ kind: "cancel", id } satisfies ToArchive);
        this.settle(id)?.reject(new ArchiveError("given up"));
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.waiting.set(id, {
        resolve: result => {
          signal?.removeEventListener("abort", giveUp);
          resolve(result);
        },
        reject,
      });
      worker.postMessage({ kind: "run", id, job, params } satisfies ToArchive);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.fail(new ArchiveError("the session is closed"));
    await worker?.terminate();
  }

  private thread(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL("./boot.mjs", import.meta.url), { workerData: this.file, execArgv: [] });
    worker.on("message", (message: FromArchive) => this.hear(message));
    // Out of memory over a body of gigabytes, say: those who wait hear of it, and the next question starts anew.
    worker.on("error", error => this.fail(new ArchiveError(`reading the session failed: ${error.message}`)));
    this.worker = worker;
    return worker;
  }

  private hear(message: FromArchive): void {
    const waiting = this.settle(message.id);
    if (message.kind === "done")
      waiting?.resolve(message.result as never); // the job of this id made it
    else waiting?.reject(new ArchiveError(message.message));
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }

  private fail(error: ArchiveError): void {
    this.worker = null;
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(error);
  }
}
