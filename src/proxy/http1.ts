import type { Conn, ConnHandler } from "../net/conn.ts";
import type { WireError } from "../wire/error.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { CONTENT, END, FAULT, FRAMING, HEAD, Http1Reader, NEED, TRAILERS } from "../wire/http1/reader.ts";
import { type Answer, answerHead, explain } from "./answers.ts";
import type { ClientStream, Ending } from "./client-stream.ts";
import type { Entry } from "./entry.ts";
import type { Exchange } from "./exchange.ts";
import { exchangeFor } from "./exchange-for.ts";
import { connFacts } from "./facts.ts";
import type { Failure } from "./failures.ts";
import { addResponseHead } from "./forward.ts";
import { leniencyFor } from "./leniency.ts";
import { Outbox } from "./outbox.ts";
import { type Route, routeRequest } from "./route.ts";

/**
 * A client that has ended its side and waits may have left altogether; nothing tells the two apart. After this time the
 * origin is told, as it would be without us, and decides. Milliseconds.
 */
const END_HELD_BACK_MS = 1_000;

/** A client's HTTP/1 connection: one exchange after another, in order (RFC 9112 §9.3.2). */
export class Http1Session implements ConnHandler, ClientStream {
  readonly conn: Conn;
  readonly entry: Entry;
  readonly bare = false;
  private readonly reader: Http1Reader;
  private readonly out = new Outbox();
  private exchange: Exchange | null = null;
  private route: Route | null = null;
  /** Inside `pump`: what an exchange calls back must not start another. */
  private pumping = false;
  /** The client takes no more request bytes than its upstream connection does. */
  private held = false;
  private inputEnded = false;
  private closing = false;
  private awaitingHead = false;
  private readonly onIdle = () => this.conn.linger();
  private readonly onSlowHead = () => this.slowHead();
  private readonly onEndHeldBack = () => this.exchange?.onClientEnded();

  constructor(entry: Entry, conn: Conn) {
    this.entry = entry;
    this.conn = conn;
    this.reader = new Http1Reader(
      "request",
      entry.services.httpLimits,
      leniencyFor(entry.onlyHost, entry.services.config.lenient),
    );
    entry.services.recorder.conn(connFacts(conn));
    conn.handler = this;
    conn.deadline(entry.services.config.limits.idleMs, this.onIdle);
  }

  // ---- the connection

  onData(chunk: Buffer): void {
    this.reader.push(chunk);
    this.pump();
  }

  onEnd(): void {
    this.inputEnded = true;
    this.reader.eof();
    this.pump();
    // An answer may still be on its way: a client may end its side and wait (RFC 9112 §9.6).
    if (this.exchange === null && !this.closing) this.close();
  }

  onDrain(): void {
    if (this.exchange === null) this.pump();
    else this.exchange.onClientDrain();
  }

  onClose(error: NodeJS.ErrnoException | null): void {
    this.closing = true;
    const { exchange } = this;
    this.exchange = null;
    exchange?.onClientGone(error);
    this.entry.close();
  }

  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (!this.closing && this.step());
    this.pumping = false;
    this.exchange?.flushRequest();
    if (!this.closing) this.arrange();
  }

  /** What is unread stays so for now: its turn comes when the answers before it are made, and taken by the client. */
  private get waiting(): boolean {
    return this.exchange === null ? this.conn.needsDrain : !this.exchange.ready;
  }

  /** Takes one event; false when there is none to take now. */
  private step(): boolean {
    const { reader, exchange } = this;
    if (this.waiting) return false;
    const event = reader.next();
    switch (event) {
      case NEED:
        return false;
      case HEAD:
        this.begin(reader.head as RequestHead); // a request reader yields nothing else
        return true;
      case CONTENT:
      case FRAMING:
      case TRAILERS:
        exchange?.onRequestBytes(event, reader.buf, reader.start, reader.end);
        return true;
      case END:
        exchange?.onRequestEnd();
        return true;
      case FAULT:
        this.fault(reader.fault as WireError); // set whenever FAULT is returned
        return false;
      default:
        return false;
    }
  }

  private begin(head: RequestHead): void {
    this.conn.noDeadline();
    this.awaitingHead = false;
    const { reader, entry } = this;
    const destination = routeRequest(entry, head, this.route);
    if (destination.kind === "connect") {
      const { host, port } = destination;
      return entry.services.stages.connect(entry, this.conn, head, host, port, this.takeOver());
    }
    const exchange = exchangeFor(this, head, reader.framing, destination);
    this.exchange = exchange;
    exchange.run(destination);
    this.route = exchange.route;
    // A request without content is whole with its head, even while its connection is still being made.
    if (this.exchange === exchange && reader.framing.bodiless && reader.next() === END) exchange.onRequestEnd();
  }

  /** Between chunks: how long to wait, and whether to read on. */
  private arrange(): void {
    const { conn, reader } = this;
    if (this.exchange === null) {
      const { limits } = this.entry.services.config;
      if (!reader.messageStarted || conn.needsDrain) {
        this.awaitingHead = false;
        conn.deadline(limits.idleMs, this.onIdle);
      } else if (!this.awaitingHead) {
        this.awaitingHead = true;
        conn.deadline(limits.headMs, this.onSlowHead);
      }
    } else if (this.inputEnded && reader.buffered === 0) conn.deadline(END_HELD_BACK_MS, this.onEndHeldBack);
    const { bufferBytes } = this.entry.services.config.limits;
    if (this.held || (this.waiting && reader.buffered > bufferBytes)) conn.pause();
    else conn.resume();
  }

  private fault(fault: WireError): void {
    if (this.exchange !== null) return this.exchange.onRequestFault(fault);
    if (this.inputEnded && this.reader.start === this.reader.end) return this.close();
    this.refuse({ code: "request-malformed", message: fault.message, defect: fault.code, status: fault.status });
  }

  private slowHead(): void {
    const { headMs } = this.entry.services.config.limits;
    this.refuse({ code: "head-timeout", message: `the head was not whole within ${headMs / 1000} s` });
  }

  /** A head that never became a request: its raw bytes are kept, the client is told, and nothing more is taken. */
  private refuse(failure: Failure): void {
    const { reader } = this;
    const tap = this.entry.services.recorder.begin(this.conn.id, this.entry.mode.text);
    tap.scheme = this.entry.secure ? "https" : "http";
    tap.host = this.entry.tunnel?.host ?? "";
    tap.port = this.entry.tunnel?.port ?? 0;
    tap.requestHead(reader.buf, reader.start, reader.end);
    tap.error(failure.defect ?? failure.code, failure.message);
    if (failure.defect !== undefined) tap.defect(failure.defect);
    const answer = explain(failure, "", false);
    const sent = this.sendAnswer(answer, false, true);
    tap.responseHead(sent, 0, sent.length, answer.status, answer.reason);
    tap.responseContent(answer.content, 0, answer.content.length);
    tap.finish("error");
    this.close();
  }

  // ---- what the exchange does with its client

  sendHead(head: ResponseHead, dechunk: boolean): void {
    addResponseHead(this.out, head, dechunk);
  }

  sendBytes(buf: Buffer, start: number, end: number): void {
    this.out.add(buf, start, end);
  }

  /** HTTP/1.0 has none. */
  sendTrailers(): void {}

  flush(): boolean {
    return this.conn.closed || this.out.flush(this.conn);
  }

  sendAnswer(answer: Answer, headOnly: boolean, close: boolean): Buffer {
    const head = answerHead(answer, close);
    this.out.addAll(head);
    if (!headOnly) this.out.addAll(answer.content);
    this.flush();
    return head;
  }

  resumeRequest(): void {
    this.held = false;
    this.pump();
  }

  pauseRequest(): void {
    this.held = true;
    this.conn.pause();
  }

  over(ending: Ending): void {
    this.exchange = null;
    this.held = false;
    this.flush();
    if (ending === "reset") {
      this.closing = true;
      this.conn.reset();
    } else if (ending !== "keep" || (this.inputEnded && this.reader.buffered === 0)) {
      this.close();
    } else {
      this.pump();
    }
  }

  takeOver(): Buffer {
    this.exchange = null;
    this.closing = true;
    this.conn.noDeadline();
    this.conn.resume();
    return this.reader.takeRest();
  }

  private close(): void {
    this.closing = true;
    this.exchange = null;
    this.entry.close();
    this.conn.linger();
  }
}
