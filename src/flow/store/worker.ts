// The store's thread: takes messages as they come, writes all that wait in one transaction, and answers what is settled. What cannot
// be written is given up and said; the thread goes on.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type Database from "libsql";
import type { BatchMemory } from "../batch.ts";
import { applyEdit } from "./edits.ts";
import { storeError } from "./error.ts";
import { Guard } from "./guard.ts";
import { claim, release } from "./owner.ts";
import type { FromStore, Retention, StoreSetup, ToStore } from "./protocol.ts";
import { pruneSessions } from "./retention.ts";
import { openForWriting } from "./schema.ts";
import { Trouble } from "./trouble.ts";
import { SessionWriter } from "./writer.ts";

/** By then the proxy is up and has answered its first requests. */
const PRUNE_AFTER_MS = 2000;
/** Bytes written in one transaction at most, so that what has been written is not held up by what comes. */
const TRANSACTION_BYTES = 8 << 20;

const port = parentPort!; // this file is only ever run in a worker
const { file, diskFreeBytes, retention } = workerData as StoreSetup;

class StoreThread {
  private readonly db: Database.Database;
  private readonly writer: SessionWriter;
  private readonly guard: Guard;
  private readonly trouble = new Trouble(monotonicMs, message => tell({ kind: "problem", message }));
  /** Memories of the transaction that runs: they go back when it is over. */
  private memories: BatchMemory[] = [];
  /** Edits of the transaction that runs: they are told when it is over. */
  private edited: Extract<FromStore, { kind: "edited" }>[] = [];
  private settled = 0;

  constructor() {
    this.db = openForWriting(file);
    claim(this.db, file, process.pid);
    this.writer = new SessionWriter(this.db);
    this.guard = new Guard(file, diskFreeBytes, monotonicMs);
  }

  start(): void {
    port.on("message", (message: ToStore) => this.take(message));
    if (retention !== null) setTimeout(() => prune(retention), PRUNE_AFTER_MS).unref();
    tell({ kind: "open", nextFlowId: this.writer.nextFlowId, nextConnId: this.writer.nextConnId });
  }

  /** Takes `first` and whatever waits behind it. */
  private take(first: ToStore): void {
    let last: ToStore | undefined = first;
    let written = this.mayWrite();
    try {
      if (written) this.writer.begin();
      for (
        let bytes = 0;
        last !== undefined && last.kind !== "close";
        last = bytes < TRANSACTION_BYTES ? next() : undefined
      ) {
        bytes += this.settle(last, written);
      }
      if (written) {
        this.writer.commit();
        this.trouble.succeeded(`recording to ${file} goes on`);
      }
    } catch (error) {
      written = false;
      this.trouble.failed(`recording failed: ${storeError(file, error).message}`);
      this.writer.rollback();
    }
    for (const { seq, ids } of this.edited) tell({ kind: "edited", seq, ids: written ? ids : null });
    this.edited = [];
    if (this.settled > 0) {
      tell({ kind: "done", seq: this.settled, memories: this.memories }, this.memories);
      this.settled = 0;
      this.memories = [];
    }
    if (last?.kind === "close") this.close();
  }

  /** Writes a message, or gives it up; answers its size. */
  private settle(message: Exclude<ToStore, { kind: "close" }>, write: boolean): number {
    this.settled = message.seq;
    if (message.kind === "piece") {
      if (write) this.writer.piece(message.key, message.bytes);
      return message.bytes.length;
    }
    if (message.kind === "edit") {
      const ids = write ? applyEdit(this.db, message.edit) : null;
      this.edited.push({ kind: "edited", seq: message.seq, ids });
      return 0;
    }
    const { memory, count, used, texts, conns } = message;
    this.memories.push(memory);
    if (write) {
      this.writer.conns(conns);
      this.writer.flows(memory, count, used, texts);
    }
    return used;
  }

  /** False while the disk is too full, the file gone, or the last failure too fresh. */
  private mayWrite(): boolean {
    const objection = this.guard.objection();
    if (objection !== null) this.trouble.failed(objection);
    return objection === null && !this.trouble.pausing;
  }

  private close(): void {
    try {
      release(this.db);
      this.db.close();
    } catch (error) {
      this.trouble.failed(`the session was not closed cleanly: ${storeError(file, error).message}`);
    }
    port.close();
  }
}

function prune({ folder, maxBytes }: Retention): void {
  try {
    const removed = pruneSessions(folder, maxBytes, file);
    if (removed.length === 0) return;
    const sessions = removed.length === 1 ? "the oldest session was" : `the ${removed.length} oldest sessions were`;
    tell({ kind: "problem", message: `${sessions} removed: ${folder} may take ${maxBytes / 1e9} GB` });
  } catch (error) {
    tell({ kind: "problem", message: `old sessions in ${folder} could not be removed: ${String(error)}` });
  }
}

function monotonicMs(): number {
  return performance.now();
}

function next(): ToStore | undefined {
  return receiveMessageOnPort(port)?.message;
}

function tell(message: FromStore, memories: readonly BatchMemory[] = []): void {
  port.postMessage(
    message,
    memories.flatMap(({ numbers, bytes }) => [numbers.buffer, bytes.buffer]),
  );
}

try {
  new StoreThread().start();
} catch (error) {
  const { code, message } = storeError(file, error);
  tell({ kind: "refused", code, message });
}
