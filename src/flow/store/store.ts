// The store as the recorder sees it: gathers finished flows into batches and hands them to the thread that writes them. A flow is on
// disk a tenth of a second and one transaction after its end; what the thread cannot take in time is bounded here.
import { Worker } from "node:worker_threads";
import { BATCH_BYTES, Batch, type BatchMemory, newBatchMemory } from "../batch.ts";
import type { ConnFacts } from "../model.ts";
import { copyAll, recordSize } from "../record.ts";
import type { FlowSink, Slice } from "../sink.ts";
import type { FlowTap } from "../tap.ts";
import type { Edit } from "./edits.ts";
import { StoreError } from "./error.ts";
import type { FromStore, Retention, StoreSetup, ToStore } from "./protocol.ts";

export interface StoreOptions {
  /** The session; made if it does not exist, continued if it does. */
  readonly file: string;
  /** Recording stops while the disk has less free bytes than this. */
  readonly diskFreeBytes?: number;
  /** Old sessions in this folder are removed, soon after the start and in the store's thread, until the rest fits. */
  readonly retention?: Retention;
  /** Bytes that may wait for the thread; beyond it flows go without bodies, beyond twice as many unrecorded. */
  readonly queueBytes?: number;
  /** Hears, once each time, that recording stopped, lost something, or goes on. The proxy goes on in any case. */
  readonly onProblem: (message: string) => void;
}

/** How long finished flows are gathered; a flow must be on disk within 500 ms. */
const GATHER_MS = 100;
const QUEUE_BYTES = 64 << 20;
/** What a flow weighs in the queue beyond its bytes. */
const FLOW_BYTES = 512;
/** Batch memories kept for the next ones. */
const POOL = 4;

/** Opens a session for recording. Rejects with a StoreError if it cannot be used. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const setup: StoreSetup = {
    file: options.file,
    diskFreeBytes: options.diskFreeBytes ?? 0,
    retention: options.retention ?? null,
  };
  const worker = new Worker(new URL("./boot.mjs", import.meta.url), {
    workerData: setup,
    // The flags of the main thread (loaders above all) are not the worker's.
    execArgv: [],
    // Its garbage is short-lived: a young generation of 48 MB, which V8 would grow to, makes nothing faster.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const opened = await new Promise<Extract<FromStore, { kind: "open" }>>((resolve, reject) => {
    worker.on("error", reject);
    worker.once("message", (message: FromStore) => {
      if (message.kind === "open") resolve(message);
      else reject(message.kind === "refused" ? new StoreError(message.code, message.message) : new Error(message.kind));
    });
  });
  // Not removeAllListeners: Node's own are among them, and without those no message is heard any more.
  worker.removeAllListeners("error");
  return new Store(worker, options, opened.nextFlowId, opened.nextConnId);
}

export class Store implements FlowSink {
  readonly file: string;
  /** The first ids that are free in this session. */
  readonly nextFlowId: number;
  readonly nextConnId: number;

  private readonly worker: Worker;
  private readonly queueBytes: number;
  private readonly onProblem: (message: string) => void;
  private batch: Batch;
  private conns: ConnFacts[] = [];
  private readonly pool: BatchMemory[] = [];
  private timer: NodeJS.Timeout | null = null;
  private lastSeq = 0;
  private settledSeq = 0;
  /** Posted and not yet settled: seq and size of each message, oldest first. */
  private readonly posted: { seq: number; bytes: number }[] = [];
  private queued = 0;
  private losing = false;
  private readonly waiting: { seq: number; resolve: () => void }[] = [];
  private readonly edits = new Map<number, (ids: readonly number[] | null) => void>();
  private closing = false;
  private ended = false;

  constructor(worker: Worker, options: StoreOptions, nextFlowId: number, nextConnId: number) {
    this.worker = worker;
    this.file = options.file;
    this.queueBytes = options.queueBytes ?? QUEUE_BYTES;
    this.onProblem = options.onProblem;
    this.nextFlowId = nextFlowId;
    this.nextConnId = nextConnId;
    this.batch = new Batch(newBatchMemory());
    worker.on("message", (message: FromStore) => this.hear(message));
    worker.on("error", error => this.end(`recording stopped: the store failed: ${error.message}`));
    worker.on("exit", () => this.end(null));
    // What keeps the process alive is the proxy.
    worker.unref();
  }

  conn(facts: ConnFacts): void {
    this.conns.push(facts);
    this.postLater();
  }

  flow(tap: FlowTap): void {
    if (this.ended || this.isLosing()) return;
    if (this.queued > this.queueBytes) tap.drop();
    if (!this.batch.add(tap)) {
      this.post();
      this.batch = new Batch(this.memoryFor(recordSize(tap)));
      if (!this.batch.add(tap)) throw new Error("a new batch has no space for a flow");
    }
    this.postLater();
  }

  piece(key: number, chunks: readonly Slice[], bytes: number): void {
    const copy = new Uint8Array(bytes);
    copyAll(chunks, copy, 0);
    const seq = ++this.lastSeq;
    this.send({ kind: "piece", seq, key, bytes: copy }, bytes, [copy.buffer]);
  }

  room(bytes: number): boolean {
    return !this.ended && this.queued + bytes <= this.queueBytes;
  }

  /** Resolves when everything told until now is on disk (or given up). */
  flush(): Promise<void> {
    this.post();
    const seq = this.lastSeq;
    if (this.ended || this.settledSeq >= seq) return Promise.resolve();
    this.worker.ref();
    return new Promise(resolve => this.waiting.push({ seq, resolve }));
  }

  /** Makes an edit after all that was told until now. Answers the ids of the flows that it found; null if it could not be made. */
  edit(edit: Edit): Promise<readonly number[] | null> {
    this.post();
    if (this.ended) return Promise.resolve(null);
    const seq = ++this.lastSeq;
    this.send({ kind: "edit", seq, edit }, 0, []);
    this.worker.ref();
    return new Promise(resolve => this.edits.set(seq, resolve));
  }

  /** Writes everything, closes the file, ends the thread. */
  async close(): Promise<void> {
    this.post();
    if (this.ended) return;
    this.closing = true;
    const exited = new Promise<void>(resolve => this.worker.once("exit", () => resolve()));
    this.worker.ref();
    this.worker.postMessage({ kind: "close" } satisfies ToStore);
    await exited;
  }

  private postLater(): void {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => this.post(), GATHER_MS);
    this.timer.unref();
  }

  /** Hands over what was gathered. */
  private post(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { batch, conns } = this;
    if (batch.count === 0 && conns.length === 0) return;
    const { memory, count, used, texts } = batch;
    const facts: (number | string)[] = [];
    for (const conn of conns) facts.push(conn.id, JSON.stringify(conn));
    this.batch = new Batch(this.memoryFor(0));
    this.conns = [];
    const seq = ++this.lastSeq;
    const bytes = used + (count + conns.length) * FLOW_BYTES;
    this.send({ kind: "batch", seq, memory, count, used, texts, conns: facts }, bytes, [
      memory.numbers.buffer,
      memory.bytes.buffer,
    ]);
  }

  private send(message: ToStore & { seq: number }, bytes: number, transfer: ArrayBuffer[]): void {
    if (this.ended) return;
    this.queued += bytes;
    this.posted.push({ seq: message.seq, bytes });
    this.worker.postMessage(message, transfer);
  }

  private memoryFor(recordBytes: number): BatchMemory {
    if (recordBytes > BATCH_BYTES) return newBatchMemory(recordBytes);
    return this.pool.pop() ?? newBatchMemory();
  }

  /** True while the queue is so long that whole flows are given up. */
  private isLosing(): boolean {
    if (this.queued <= 2 * this.queueBytes) {
      this.losing = false;
    } else if (!this.losing) {
      this.losing = true;
      this.onProblem("flows are being lost: the disk does not keep up with recording");
    }
    return this.losing;
  }

  private hear(message: FromStore): void {
    if (message.kind === "problem") this.onProblem(message.message);
    if (message.kind === "edited") this.settleEdit(message.seq, message.ids);
    if (message.kind !== "done") return;
    this.settledSeq = message.seq;
    while (this.posted.length > 0 && this.posted[0]!.seq <= message.seq) this.queued -= this.posted.shift()!.bytes;
    for (const memory of message.memories) {
      // One made for a single large flow is not worth keeping.
      if (this.pool.length < POOL && memory.bytes.length === BATCH_BYTES) this.pool.push(memory);
    }
    this.wake();
  }

  private wake(): void {
    while (this.waiting.length > 0 && (this.ended || this.waiting[0]!.seq <= this.settledSeq))
      this.waiting.shift()!.resolve();
    if (this.waiting.length === 0 && this.edits.size === 0 && !this.closing) this.worker.unref();
  }

  private settleEdit(seq: number, ids: readonly number[] | null): void {
    this.edits.get(seq)?.(ids);
    this.edits.delete(seq);
  }

  private end(problem: string | null): void {
    if (this.ended) return;
    this.ended = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (problem !== null) this.onProblem(problem);
    for (const seq of [...this.edits.keys()]) this.settleEdit(seq, null);
    this.wake();
  }
}
