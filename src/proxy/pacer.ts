import type { Throttle } from "../rules/plan.ts";

/** How often bytes are let go, milliseconds: fine enough to look like a slow line, coarse enough to cost nothing. */
const TICK_MS = 20;
/** Bytes that may wait; beyond it the sender is stopped. */
const QUEUE_BYTES = 128 * 1024;

interface Waiting {
  readonly buf: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Lets bytes through no faster than a slow line would, the first of them after its latency. */
export class Pacer {
  private readonly bytesPerTick: number;
  private readonly send: (buf: Buffer, start: number, end: number) => void;
  private readonly flush: () => void;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private timer: NodeJS.Timeout | null = null;
  private onIdle: (() => void) | null = null;
  private onRoom: (() => void) | null = null;

  constructor(
    perSecond: number,
    throttle: Throttle,
    random: () => number,
    send: (buf: Buffer, start: number, end: number) => void,
    flush: () => void,
  ) {
    this.bytesPerTick = perSecond > 0 ? Math.max(1, Math.round((perSecond * TICK_MS) / 1000)) : Infinity;
    this.send = send;
    this.flush = flush;
    const latencyMs = throttle.latencyMs + throttle.jitterMs * random();
    if (latencyMs > 0) this.timer = setTimeout(() => this.tick(), latencyMs);
  }

  /** False asks to stop until the callback of `whenRoom`. */
  push(buf: Buffer, start: number, end: number): boolean {
    this.queue.push({ buf, start, end });
    this.queuedBytes += end - start;
    this.timer ??= setTimeout(() => this.tick(), TICK_MS);
    return this.queuedBytes < QUEUE_BYTES;
  }

  whenRoom(call: () => void): void {
    this.onRoom = call;
  }

  /** Calls back once everything has been let go, at once if it has. */
  whenIdle(call: () => void): void {
    if (this.timer === null) call();
    else this.onIdle = call;
  }

  /** Forgets what waits: the exchange is over. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.queue = [];
    this.queuedBytes = 0;
  }

  private tick(): void {
    this.timer = null;
    let allowance = this.bytesPerTick;
    while (allowance > 0 && this.queue.length > 0) {
      const { buf, start, end } = this.queue[0] as Waiting;
      const size = Math.min(allowance, end - start);
      this.send(buf, start, start + size);
      allowance -= size;
      this.queuedBytes -= size;
      if (start + size === end) this.queue.shift();
      else this.queue[0] = { buf, start: start + size, end };
    }
    this.flush();
    if (this.queue.length > 0) {
      this.timer = setTimeout(() => this.tick(), TICK_MS);
      if (this.queuedBytes < QUEUE_BYTES) this.onRoom?.();
      return;
    }
    this.onRoom?.();
    const { onIdle } = this;
    this.onIdle = null;
    onIdle?.();
  }
}
