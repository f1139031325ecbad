import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { Conn, type ConnWatcher } from "./conn.ts";
import type { Deadlines } from "./deadlines.ts";

/** A connection inside the process: the engine's end as a client's connection, and the end that plays the client. */
export interface LocalConn {
  readonly conn: Conn;
  readonly client: Duplex;
}

export function localConn(id: number, deadlines: Deadlines, openedAt: number, watcher: ConnWatcher): LocalConn {
  const [near, far] = pipe();
  // A Conn uses of a socket what every Duplex has; it asks before it resets one.
  return { conn: new Conn(id, "client", far as Socket, deadlines, openedAt, watcher), client: near };
}

/** Two ends: what is written to one is read from the other. */
function pipe(): readonly [Duplex, Duplex] {
  const a = new End();
  const b = new End();
  a.peer = b;
  b.peer = a;
  return [a, b];
}

class End extends Duplex {
  peer: End | null = null;
  private whenRead: (() => void) | null = null;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const { whenRead } = this;
    this.whenRead = null;
    whenRead?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { peer } = this;
    if (peer === null || peer.destroyed)
      return done(Object.assign(new Error("the other end is gone"), { code: "EPIPE" }));
    if (peer.push(chunk)) process.nextTick(done);
    else peer.whenRead = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { peer, whenRead } = this;
    this.peer = null;
    this.whenRead = null;
    whenRead?.();
    if (peer !== null && !peer.destroyed) process.nextTick(() => peer.destroy());
    done(error);
  }
}
