import type { Conn } from "./conn.ts";

/** Coarse enough to cost nothing, fine enough for limits that are counted in seconds. Milliseconds. */
const SWEEP_MS = 500;

/**
 * One timer for all connections: a connection that is opened and abandoned leaves no timer of its own behind, and
 * setting a deadline on the hot path is one store.
 */
export class Deadlines {
  private readonly conns = new Set<Conn>();
  private readonly clock: () => number;
  private timer: NodeJS.Timeout | null = null;
  /** How long a closing connection is still read from, so that a reset does not destroy the answer (RFC 9112 §9.6). */
  readonly lingerMs: number;

  /** `clock` is monotonic, in milliseconds. */
  constructor(clock: () => number, lingerMs: number) {
    this.clock = clock;
    this.lingerMs = lingerMs;
  }

  now(): number {
    return this.clock();
  }

  get size(): number {
    return this.conns.size;
  }

  add(conn: Conn): void {
    this.conns.add(conn);
    if (this.timer === null) {
      this.timer = setInterval(() => this.sweep(), SWEEP_MS);
      this.timer.unref();
    }
  }

  remove(conn: Conn): void {
    this.conns.delete(conn);
    if (this.conns.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  /** Every connection that is open now, for closing down. */
  *open(): IterableIterator<Conn> {
    yield* this.conns;
  }

  private sweep(): void {
    const now = this.clock();
    for (const conn of this.conns) {
      conn.probe();
      if (conn.deadlineAt === 0 || conn.deadlineAt > now) continue;
      conn.due();
    }
  }
}
