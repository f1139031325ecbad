import { type Conn, type ConnHandler, DISCARD } from "../net/conn.ts";
import type { WireError } from "../wire/error.ts";
import type { Framing } from "../wire/http1/framing.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import { CONTENT, END, FAULT, FRAMING, HEAD, type Http1Reader, NEED, TRAILERS } from "../wire/http1/reader.ts";
import { Outbox } from "./outbox.ts";
import type { Route } from "./route.ts";

/** Whoever has leased an upstream connection hears of its response. */
export interface UpstreamUser {
  /** An interim or the final head. */
  onResponseHead(head: ResponseHead, framing: Framing): void;
  /** Bytes of the message after its head, as they came; `event` is CONTENT, FRAMING or TRAILERS. */
  onResponseBytes(event: number, buf: Buffer, start: number, end: number): void;
  /** The final response is whole. */
  onResponseEnd(): void;
  /** What has arrived so far has been told: time to write it on. */
  onResponseFlush(): void;
  /** The connection takes request bytes again. */
  onUpstreamDrain(): void;
  /** The response is no HTTP that can be carried. */
  onResponseFault(fault: WireError): void;
  /** The connection ended before the response did; null is an orderly end. */
  onUpstreamGone(error: NodeJS.ErrnoException | null): void;
}

/** A connection to an origin (or to a proxy on the way), used for one exchange after another. */
export class Upstream implements ConnHandler {
  readonly conn: Conn;
  readonly route: Route;
  readonly reader: Http1Reader;
  readonly out = new Outbox();
  /** Exchanges that it has served to the end. */
  served = 0;
  /** A byte of the present response has been seen. */
  answered = false;
  private user: UpstreamUser | null = null;
  private interim = false;
  private readonly onIdleGone: (upstream: Upstream) => void;

  /** `onIdleGone` is called when the connection dies while nobody uses it. */
  constructor(conn: Conn, route: Route, reader: Http1Reader, onIdleGone: (upstream: Upstream) => void) {
    this.conn = conn;
    this.route = route;
    this.reader = reader;
    this.onIdleGone = onIdleGone;
    conn.handler = this;
  }

  /** Whether it has carried an exchange before this one. */
  get reused(): boolean {
    return this.served > 0;
  }

  lease(user: UpstreamUser, method: string): void {
    this.user = user;
    this.answered = false;
    this.conn.noDeadline();
    this.reader.expect(method);
  }

  /** The exchange is over; the connection stays for another. */
  release(): void {
    this.user = null;
    this.served++;
  }

  flush(): boolean {
    return this.conn.closed || this.out.flush(this.conn);
  }

  destroy(): void {
    this.user = null;
    this.conn.handler = DISCARD;
    this.conn.destroy();
  }

  reset(): void {
    this.user = null;
    this.conn.handler = DISCARD;
    this.conn.reset();
  }

  onData(chunk: Buffer): void {
    if (this.user === null) {
      // An answer that nobody asked for: the next request must not get it (RFC 9112 §9.2).
      this.onIdleGone(this);
      this.destroy();
      return;
    }
    this.answered = true;
    this.reader.push(chunk);
    this.pump();
  }

  onEnd(): void {
    if (this.user === null) {
      this.onIdleGone(this);
      this.destroy();
      return;
    }
    if (this.answered) {
      this.reader.eof();
      this.pump();
    }
    if (this.user !== null) this.gone(null);
  }

  onDrain(): void {
    this.user?.onUpstreamDrain();
  }

  onClose(error: NodeJS.ErrnoException | null): void {
    if (this.user === null) this.onIdleGone(this);
    else this.gone(error);
  }

  private gone(error: NodeJS.ErrnoException | null): void {
    const user = this.user;
    this.user = null;
    user?.onUpstreamGone(error);
    this.destroy();
  }

  private pump(): void {
    const { reader } = this;
    for (;;) {
      const user = this.user;
      if (user === null) return;
      const event = reader.next();
      switch (event) {
        case NEED:
          user.onResponseFlush();
          return;
        case HEAD: {
          const head = reader.head as ResponseHead; // a response reader yields nothing else
          this.interim = head.status < 200 && head.status !== 101;
          user.onResponseHead(head, reader.framing);
          break;
        }
        case CONTENT:
        case FRAMING:
        case TRAILERS:
          user.onResponseBytes(event, reader.buf, reader.start, reader.end);
          break;
        case END:
          if (!this.interim) user.onResponseEnd();
          break;
        case FAULT:
          user.onResponseFault(reader.fault as WireError); // set whenever FAULT is returned
          return;
      }
    }
  }
}
