// One record a connection: what the engine knows of a peer, and the only way in which it touches a socket.
// The net room owns sockets, TLS and names; it knows nothing of HTTP, rules or flows.
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Deadlines } from "./deadlines.ts";

/** Who is at the other end. */
export type Leg = "client" | "server";

/** What a protocol stage wants to hear of its connection. One object is in charge at a time; stages hand over. */
export interface ConnHandler {
  onData(chunk: Buffer): void;
  /** The peer ended its side (FIN or close_notify); writing may still go on. */
  onEnd(): void;
  /** The write buffer ran empty after `write` had returned false. */
  onDrain(): void;
  /** The connection is gone, with the error that ended it, if one did. Always the last call. */
  onClose(error: NodeJS.ErrnoException | null): void;
}

/** Facts of the TLS session on a connection. */
export interface TlsFacts {
  version: string;
  cipher: string;
  alpn: string | null;
  sni: string | null;
  resumed: boolean;
  /** Set when the peer's certificate was not verified: the reason it would have been refused for, or "". */
  insecure?: string;
}

/** Hears what becomes of connections. */
export interface ConnWatcher {
  /** The connection is gone; its handler has been told before. */
  onClosed(conn: Conn): void;
  /** A handler threw: a fault of ours. The connection is ended, and the others live on. */
  onBug(conn: Conn, error: unknown): void;
}

/** Takes no notice: between stages, and while a connection is being thrown away. */
export const DISCARD: ConnHandler = {
  onData() {},
  onEnd() {},
  onDrain() {},
  onClose() {},
};

/** How long a closing connection may take nothing of what is still to be written before it is cut. */
const STALLED_MS = 30_000;
/** How many bytes a closing connection may still send before it is cut. */
const LINGER_BYTES = 4 << 20;

/**
 * How much a socket takes before `write` asks to stop. Node's own 16 KiB is one TLS record: a body would be paused and
 * resumed for each of them (100 MB through TLS on both sides: 247 ms of the main thread, with this 215). An object to be
 * spread: Node takes the option wherever it makes a socket, its types know it only for servers.
 */
export const WRITE_AHEAD = { highWaterMark: 256 * 1024 } as const;

export class Conn {
  readonly id: number;
  readonly leg: Leg;
  readonly openedAt: number;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Server leg: the host name that was dialled. */
  name = "";
  tls: TlsFacts | null = null;
  handler: ConnHandler = DISCARD;
  closed = false;
  error: NodeJS.ErrnoException | null = null;
  /** When `onDeadline` is due, on the clock of `Deadlines`; 0 means never. */
  deadlineAt = 0;
  onDeadline: (() => void) | null = null;

  private socket: Socket;
  /** The TCP or Unix socket below, TLS or not. */
  private transport: Socket | null = null;
  private readonly deadlines: Deadlines;
  private readonly watcher: ConnWatcher;
  private detach: (() => void) | null = null;

  constructor(id: number, leg: Leg, socket: Socket, deadlines: Deadlines, openedAt: number, watcher: ConnWatcher) {
    this.id = id;
    this.leg = leg;
    this.openedAt = openedAt;
    this.address = plainAddress(socket.remoteAddress ?? "");
    this.port = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress ?? "");
    this.localPort = socket.localPort ?? 0;
    this.socket = socket;
    this.deadlines = deadlines;
    this.watcher = watcher;
    deadlines.add(this);
    this.attach(socket);
  }

  /** Hands bytes to the kernel; false asks the caller to stop until `onDrain`. */
  write(bytes: Buffer): boolean {
    return this.socket.write(bytes);
  }

  /** Several pieces as one write where the transport allows it. */
  writeAll(pieces: readonly Buffer[]): boolean {
    this.socket.cork();
    let ready = true;
    for (let i = 0; i < pieces.length; i++) ready = this.socket.write(pieces[i]);
    this.socket.uncork();
    return ready;
  }

  get needsDrain(): boolean {
    return this.socket.writableNeedDrain;
  }

  pause(): void {
    if (!this.socket.isPaused()) this.socket.pause();
  }

  resume(): void {
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** Ends our side; the peer may go on. */
  end(): void {
    if (!this.closed) this.socket.end();
  }

  /** Gone at once, without a word. */
  destroy(): void {
    if (!this.closed) this.socket.destroy();
  }

  /**
   * Tells the peer by a reset that the exchange failed; under TLS it is the TCP connection below that is reset. Done in
   * the next turn: closing the transport inside a callback of the TLS layer on it (the end of its handshake, say) frees
   * what that callback still uses, and takes the process down (Node 20).
   */
  reset(): void {
    if (this.closed) return;
    this.pause();
    setImmediate(() => {
      if (this.closed) return;
      const { transport, socket } = this;
      // A Unix socket knows no reset (Node throws), and neither does an end of a pipe inside the process.
      if (transport !== null && !transport.destroyed && this.address !== "") transport.resetAndDestroy?.();
      socket.destroy();
    });
  }

  /**
   * Ends our side and drains what still comes for a bounded time, so that the last answer is not lost to a reset. A slow
   * reader is waited for as long as it reads: the time begins when everything has been handed over.
   */
  linger(): void {
    if (this.closed) return;
    let left = LINGER_BYTES;
    this.handler = {
      onData: chunk => {
        left -= chunk.length;
        if (left < 0) this.destroy();
      },
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    };
    this.socket.end();
    this.resume();
    this.waitForReader(this.socket.writableLength, 0);
  }

  private waitForReader(unsent: number, stalledMs: number): void {
    const { lingerMs } = this.deadlines;
    this.deadline(lingerMs, () => {
      const left = this.socket.writableLength;
      const stalled = left < unsent ? 0 : stalledMs + lingerMs;
      if (unsent === 0 || stalled >= STALLED_MS) this.destroy();
      else this.waitForReader(left, stalled);
    });
  }

  /**
   * A connection that is not read from hears nothing of its peer's reset. An empty write costs nothing on the wire and
   * fails if there was one; below TLS, whose layer would keep that to itself (Node 20).
   */
  probe(): void {
    const { socket, transport } = this;
    if (socket.isPaused() && socket.writableLength === 0 && transport?.writable) transport.write(NO_BYTES);
  }

  /** Puts bytes back that were read but belong to the next stage; they come again once it resumes. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.socket.pause();
    this.socket.unshift(bytes);
  }

  /** Calls `due` once unless another deadline or `noDeadline` comes first. Coarse: up to half a second late. */
  deadline(afterMs: number, due: () => void): void {
    this.deadlineAt = this.deadlines.now() + afterMs;
    this.onDeadline = due;
  }

  /** Called by `Deadlines` when the time is up. */
  due(): void {
    this.deadlineAt = 0;
    this.guarded(() => this.onDeadline?.());
  }

  noDeadline(): void {
    this.deadlineAt = 0;
  }

  /**
   * Takes the socket away to wrap it in TLS: `rest` (bytes read but not used) is put back, `wrap` makes the new socket.
   * From here on the connection speaks through that one.
   */
  rewrap(rest: Buffer, wrap: (raw: Socket) => TLSSocket): TLSSocket {
    const raw = this.socket;
    raw.pause();
    this.detach?.();
    // The TLS layer takes over the handle; what the plain socket still has to say comes through it.
    raw.on("error", (error: NodeJS.ErrnoException) => {
      this.error ??= error;
    });
    if (rest.length > 0) raw.unshift(rest);
    const wrapped = wrap(raw);
    this.socket = wrapped;
    this.attach(wrapped);
    return wrapped;
  }

  private attach(socket: Socket): void {
    const onData = (chunk: Buffer) => {
      try {
        this.handler.onData(chunk);
      } catch (error) {
        this.bug(error);
      }
    };
    const onEnd = () => this.guarded(() => this.handler.onEnd());
    const onDrain = () => this.guarded(() => this.handler.onDrain());
    const onError = (error: NodeJS.ErrnoException) => {
      this.error = error;
    };
    const onClose = () => {
      if (this.closed) return;
      this.closed = true;
      this.deadlineAt = 0;
      this.onDeadline = null;
      this.deadlines.remove(this);
      const handler = this.handler;
      this.handler = DISCARD;
      this.guarded(() => handler.onClose(this.error));
      this.watcher.onClosed(this);
    };
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("drain", onDrain);
    socket.on("error", onError);
    socket.on("close", onClose);
    if (this.transport === null) this.transport = socket;
    this.detach = () => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("drain", onDrain);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
  }

  private guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.bug(error);
    }
  }

  private bug(error: unknown): void {
    this.watcher.onBug(this, error);
    this.destroy();
  }
}

const NO_BYTES = Buffer.alloc(0);

/** IPv4 addresses that a dual-stack socket shows as `::ffff:a.b.c.d` are IPv4 to people. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
