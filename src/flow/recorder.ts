// The recorder: gives the engine a tap for each flow, bounds what all flows together hold in the heap, and passes on what is over to the
// sink and to whoever watches. It keeps nothing of a finished flow.
import type { Feed } from "./feed.ts";
import type { BodyBounds } from "./message-tap.ts";
import type { ConnFacts, FlowSummary } from "./model.ts";
import { summaryOf } from "./row.ts";
import type { FlowSink } from "./sink.ts";
import { FlowTap } from "./tap.ts";

export interface RecorderOptions {
  /** Content bytes recorded of each message; more is counted only. */
  readonly bodyLimit: number;
  /** Content bytes of one message that may wait in the heap for its end. */
  readonly spillBytes: number;
  /** Epoch milliseconds with fractions. */
  readonly clock: () => number;
  /** The id of the first flow: one more than the last in the session. */
  readonly firstFlowId?: number;
  /** Content bytes of all messages that may wait in the heap; beyond it the one that grows is spilled. */
  readonly heldLimit?: number;
  /** Called at most once: bodies are recorded incompletely because the store does not keep up. */
  readonly onBehind?: () => void;
}

/** A flow that runs longer is written as `active`. */
const ACTIVE_AFTER_MS = 1000;
/** How often running flows are looked at. */
const SWEEP_MS = 500;
const HELD_LIMIT = 64 << 20;

export class Recorder implements BodyBounds {
  readonly sink: FlowSink;
  readonly bodyLimit: number;
  readonly spillBytes: number;
  readonly heldLimit: number;
  held = 0;
  /** Epoch milliseconds. */
  readonly now: () => number;

  private readonly feed: Feed;
  private readonly onBehind: (() => void) | undefined;
  private behindTold = false;
  private nextId: number;
  private readonly conns = new Map<number, ConnFacts>();
  /** Flows that run and are not written yet, oldest first. */
  private readonly young = new Set<FlowTap>();
  /** Flows that run and are written as `active`. */
  private readonly old = new Set<FlowTap>();
  private sweeper: NodeJS.Timeout | null = null;

  constructor(sink: FlowSink, feed: Feed, options: RecorderOptions) {
    this.sink = sink;
    this.feed = feed;
    this.bodyLimit = options.bodyLimit;
    this.spillBytes = options.spillBytes;
    this.heldLimit = options.heldLimit ?? HELD_LIMIT;
    this.now = options.clock;
    this.onBehind = options.onBehind;
    this.nextId = options.firstFlowId ?? 1;
  }

  /** Tells of a connection before the first flow that names it, and again when more is known of it (TLS done). */
  conn(facts: ConnFacts): void {
    this.conns.set(facts.id, facts);
    this.sink.conn(facts);
  }

  /** The connection is closed and no flow to come will name it. */
  connClosed(id: number): void {
    this.conns.delete(id);
  }

  factsOf(id: number): ConnFacts | undefined {
    return this.conns.get(id);
  }

  /** A flow begins now. `mode` is the listener's, as people write it. */
  begin(clientConn: number, mode: string): FlowTap {
    const tap = new FlowTap(this, this.nextId++, this.now(), clientConn, mode);
    this.young.add(tap);
    if (this.sweeper === null) this.sweepLater();
    return tap;
  }

  /** How many flows run. */
  get running(): number {
    return this.young.size + this.old.size;
  }

  /** The flows that run, as they are now. */
  summaries(): FlowSummary[] {
    return [...this.old, ...this.young].map(tap => summaryOf(tap, tap.client, tap.server));
  }

  /** A flow that runs. */
  find(id: number): FlowTap | undefined {
    for (const tap of this.young) if (tap.id === id) return tap;
    for (const tap of this.old) if (tap.id === id) return tap;
    return undefined;
  }

  /** Hands the state of a running flow to the sink, so that it can be read before its end. */
  write(tap: FlowTap): void {
    this.sink.flow(tap);
  }

  /** The engine knows method and URL: the flow is worth announcing. */
  started(tap: FlowTap): void {
    if (this.feed.watched) this.feed.tell("flow.started", tap, tap.client, tap.server);
  }

  /** Called by the tap. */
  changed(tap: FlowTap): void {
    if (this.feed.watched) this.feed.tell("flow.updated", tap, tap.client, tap.server);
    if (this.old.has(tap) && tap.scrubber === null) this.sink.flow(tap);
  }

  /** Called by the tap. */
  finished(tap: FlowTap): void {
    tap.endedAt = this.now();
    if (!this.young.delete(tap)) this.old.delete(tap);
    if (tap.forgotten) return tap.release();
    tap.scrub();
    this.sink.flow(tap);
    if (this.feed.watched) this.feed.tell("flow.completed", tap, tap.client, tap.server);
    tap.release();
  }

  /** Called by the taps: the store had no room for a body. */
  behind(): void {
    if (this.behindTold) return;
    this.behindTold = true;
    this.onBehind?.();
  }

  /** Nothing more is begun; the timer stops. Flows that still run are written as they are. */
  close(): void {
    if (this.sweeper !== null) clearTimeout(this.sweeper);
    this.sweeper = null;
    for (const tap of [...this.young, ...this.old]) {
      if (tap.forgotten) continue;
      tap.scrub();
      this.sink.flow(tap);
    }
  }

  private sweepLater(): void {
    this.sweeper = setTimeout(() => this.sweep(), SWEEP_MS);
    this.sweeper.unref();
  }

  /** Writes flows that have become old, and what the old ones took in since: a stream of hours is on disk up to its last second. */
  private sweep(): void {
    for (const tap of this.old) tap.spill();
    const due = this.now() - ACTIVE_AFTER_MS;
    for (const tap of this.young) {
      if (tap.startedAt > due) break;
      this.young.delete(tap);
      if (tap.forgotten) continue;
      this.old.add(tap);
      if (tap.scrubber !== null) continue;
      tap.spill();
      this.sink.flow(tap);
      if (this.feed.watched) this.feed.tell("flow.updated", tap, tap.client, tap.server);
    }
    if (this.running > 0) this.sweepLater();
    else this.sweeper = null;
  }
}
