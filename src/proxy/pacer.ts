// A slow line in one direction: bytes wait their turn, and whoever sends more than fits is stopped.

/** How often bytes are let go, milliseconds: fine enough to look like a slow line, coarse enough to cost nothing. */
const TICK_MS = 20;
/** Bytes that may wait; beyond it the sender is stopped. */
const QUEUE_BYTES = 128 * 1024;

interface Waiting {
  readonly buf: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The end of the line. */
export interface PacedEnd {
  send(buf: Buffer, start: number, end: number): void;
  /** What was sent leaves; false: nothing more is taken until `resume`. */
  flush(): boolean;
  /** There is room for more again. */
  room(): void;
}

/** Lets bytes through no faster than a slow line would, the first of them after its latency. */
export class Pacer {
  private readonly bytesPerTick: number;
  private readonly to: PacedEnd;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private timer: NodeJS.Timeout | null = null;
  private blocked = false;
  private onIdle: (() => void) | null = null;

  /** `perSecond`: bytes; 0 is no bound. */
  constructor(perSecond: number, latencyMs: number, to: PacedEnd) {
    this.bytesPerTick = perSecond > 0 ? Math.max(1, Math.round((perSecond * TICK_MS) / 1000)) : Infinity;
    this.to = to;
    if (latencyMs > 0) this.wait(latencyMs);
  }

  /** Nothing waits, and the latency is over. */
  get idle(): boolean {
    return this.timer === null && this.queue.length === 0;
  }

  /** False asks to stop until there is room. */
  push(buf: Buffer, start: number, end: number): boolean {
    this.queue.push({ buf, start, end });
    this.queuedBytes += end - start;
    if (this.timer === null && !this.blocked) this.wait(TICK_MS);
    return this.queuedBytes < QUEUE_BYTES;
  }

  /** The end takes bytes again. */
  resume(): void {
    if (!this.blocked) return;
    this.blocked = false;
    if (this.timer === null) this.wait(TICK_MS);
  }

  /** Calls back once everything has been let go, at once if it has. */
  whenIdle(call: () => void): void {
    if (this.idle) call();
    else this.onIdle = call;
  }

  /** Forgets what waits: the exchange is over. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.blocked = true;
    this.queue = [];
    this.queuedBytes = 0;
    this.onIdle = null;
  }

  private wait(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.tick();
    }, afterMs);
  }

  private tick(): void {
    let allowance = this.bytesPerTick;
    while (allowance > 0 && this.queue.length > 0) {
      const { buf, start, end } = this.queue[0] as Waiting; // there is one
      const size = Math.min(allowance, end - start);
      this.to.send(buf, start, start + size);
      allowance -= size;
      this.queuedBytes -= size;
      if (start + size === end) this.queue.shift();
      else this.queue[0] = { buf, start: start + size, end };
    }
    this.blocked = !this.to.flush();
    if (this.queue.length > 0 && !this.blocked) this.wait(TICK_MS);
    if (this.queuedBytes < QUEUE_BYTES) this.to.room();
    if (!this.idle) return;
    const { onIdle } = this;
    this.onIdle = null;
    onIdle?.();
  }
}
