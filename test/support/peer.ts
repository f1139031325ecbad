// One end of a raw connection in a test's hands: says exactly the bytes it is told to, and keeps exactly what it hears.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** How long a test waits for what must come; nothing is asserted to be faster. */
export const PATIENCE_MS = 5_000;

export class Peer {
  readonly socket: Socket;
  /** Everything heard so far. */
  heard: Buffer = Buffer.alloc(0);
  /** It ended its side. */
  ended = false;
  closed = false;
  /** What speaks TLS on this connection, if something does. */
  inside: Peer | null = null;
  error: NodeJS.ErrnoException | null = null;
  private taken = 0;
  private wake: () => void = () => undefined;

  constructor(socket: Socket | TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.heard = this.heard.length === 0 ? chunk : Buffer.concat([this.heard, chunk]);
      this.wake();
    });
    socket.on("end", () => {
      this.ended = true;
      this.wake();
    });
    socket.on("error", error => {
      this.error = error;
    });
    socket.on("close", () => {
      this.closed = true;
      this.wake();
    });
  }

  get text(): string {
    return this.heard.toString("latin1");
  }

  /** The other side cut the connection instead of ending it. */
  get wasReset(): boolean {
    return this.error?.code === "ECONNRESET" || this.error?.code === "EPIPE";
  }

  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return this;
  }

  end(): this {
    this.socket.end();
    return this;
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    // Node 20 crashes when the connection below goes in the same turn before the TLS on it.
    if (this.inside === null) this.socket.destroy();
    else this.inside.close();
  }

  /** What is heard, up to and with the first place that matches; the next call goes on behind it. */
  async until(what: string | RegExp): Promise<string> {
    for (;;) {
      const fresh = this.heard.toString("latin1", this.taken);
      const at = typeof what === "string" ? fresh.indexOf(what) : fresh.search(what);
      if (at >= 0) {
        const length = typeof what === "string" ? what.length : (what.exec(fresh)?.[0].length ?? 0);
        this.taken += at + length;
        return fresh.slice(0, at + length);
      }
      if (this.ended || this.closed) throw new Error(`ended without ${what}, after ${JSON.stringify(fresh)}`);
      await this.change(() => `${what}, after ${JSON.stringify(fresh.slice(-400))}`);
    }
  }

  /** One head, its empty line included. */
  head(): Promise<string> {
    return this.until("\r\n\r\n");
  }

  async take(count: number): Promise<string> {
    while (this.heard.length - this.taken < count) {
      if (this.ended || this.closed) throw new Error(`ended ${count} bytes too early, after ${this.text.slice(-200)}`);
      await this.change(() => `${count} bytes; there are ${this.heard.length - this.taken}`);
    }
    const bytes = this.heard.toString("latin1", this.taken, this.taken + count);
    this.taken += count;
    return bytes;
  }

  /** One answer whose content has a length: its head and its content. */
  async answer(): Promise<{ status: number; head: string; content: string }> {
    const head = await this.head();
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    return { status: Number(head.slice(9, 12)), head, content: await this.take(length) };
  }

  /** Everything that is still to be heard until the other side ends or cuts. */
  async rest(): Promise<string> {
    while (!this.ended && !this.closed) await this.change(() => `an end, after ${this.text.slice(-400)}`);
    const rest = this.heard.toString("latin1", this.taken);
    this.taken = this.heard.length;
    return rest;
  }

  /** The other side has ended, in whatever way; ours may still stand. */
  async left(withinMs = PATIENCE_MS): Promise<this> {
    const until = Date.now() + withinMs;
    while (!this.ended && !this.closed) await this.change(() => "the other side to leave", until - Date.now());
    return this;
  }

  /** The connection is gone altogether. */
  async gone(withinMs = PATIENCE_MS): Promise<this> {
    const until = Date.now() + withinMs;
    while (!this.closed) await this.change(() => "the connection to be gone", until - Date.now());
    return this;
  }

  private change(wanted: () => string, withinMs = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${wanted()}`)), withinMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Waits until something holds that nobody tells. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = PATIENCE_MS): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`waited in vain for ${holds}`);
    await pause(10);
  }
}
