// The archive's thread: jobs take turns, a slice each, so that what is asked last is not answered last.
import { parentPort, workerData } from "node:worker_threads";
import { openSession, type Session } from "../../flow/store/session.ts";
import { JOBS } from "./jobs.ts";
import type { FromArchive, ToArchive } from "./protocol.ts";

/** How long one job may go on while others wait, milliseconds. */
const TURN_MS = 10;

const port = parentPort!; // this file is only ever run in a worker

class ArchiveThread {
  private readonly file: string;
  private session: Session | null = null;
  private readonly jobs = new Map<number, Generator<void, unknown>>();
  private busy = false;

  constructor(file: string) {
    this.file = file;
  }

  take(message: ToArchive): void {
    if (message.kind === "cancel") {
      this.jobs.delete(message.id);
      return;
    }
    try {
      this.session ??= openSession(this.file, { nowMs: Date.now });
      const start = JOBS[message.job] as (session: Session, params: never) => Generator<void, unknown>;
      this.jobs.set(message.id, start(this.session, message.params as never)); // Archive.run has typed them
    } catch (error) {
      tell({ kind: "failed", id: message.id, message: textOf(error) });
    }
    if (!this.busy) this.work();
  }

  /** Every job's turn, then a look at what else was asked. */
  private work(): void {
    for (const [id, job] of this.jobs) this.turn(id, job);
    this.busy = this.jobs.size > 0;
    if (this.busy) setImmediate(() => this.work());
  }

  private turn(id: number, job: Generator<void, unknown>): void {
    const until = performance.now() + TURN_MS;
    try {
      do {
        const step = job.next();
        if (!step.done) continue;
        this.jobs.delete(id);
        tell({ kind: "done", id, result: step.value });
        return;
      } while (performance.now() < until);
    } catch (error) {
      this.jobs.delete(id);
      tell({ kind: "failed", id, message: textOf(error) });
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(message: FromArchive): void {
  port.postMessage(message);
}

const thread = new ArchiveThread(workerData as string);
port.on("message", (message: ToArchive) => thread.take(message));
