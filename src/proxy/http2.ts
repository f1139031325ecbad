// A client's HTTP/2 connection: many exchanges at once, each on a stream of its own. What the streams have to say in one
// turn of the event loop leaves in one write.

import { HTTP_2 } from "../flow/row.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { Conn, ConnHandler } from "../net/conn.ts";
import { WireError } from "../wire/error.ts";
import { requestFraming } from "../wire/http1/framing.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { parseRequestHead } from "../wire/http1/head-parser.ts";
import { errorName, NO_ERROR, PROTOCOL_ERROR } from "../wire/http2/codes.ts";
import { Http2Connection } from "../wire/http2/connection.ts";
import type { Http2Error } from "../wire/http2/error.ts";
import { MALFORMED as MALFORMED_TEXT, type Malformed } from "../wire/http2/fields.ts";
import type { FieldOut, Http2Stream } from "../wire/http2/stream.ts";
import { DATA, END, FAULT, GOAWAY, HEADERS, MALFORMED, NEED, RESET, TRAILERS } from "../wire/http2/streams.ts";
import type { Entry } from "./entry.ts";
import { exchangeFor } from "./exchange-for.ts";
import { connFacts } from "./facts.ts";
import { recordedFields, requestHeadBytes } from "./http2-head.ts";
import { Http2ClientStream } from "./http2-stream.ts";
import { type Route, routeRequest } from "./route.ts";

/** Content framed before the socket is asked whether it wants more. */
const TURN_BYTES = 64 * 1024;
/** Below this, pieces are copied into one write. */
const COPY_BELOW_BYTES = 16 * 1024;
/** A client that has ended its side may still wait for answers, or be gone: after this the origins are told. Milliseconds. */
const END_HELD_BACK_MS = 1_000;
/** Frames that wait for a client that does not read: beyond this, it is not read from either. */
const UNSENT_BYTES_MAX = 64 * 1024;

export class Http2Session implements ConnHandler {
  readonly conn: Conn;
  readonly entry: Entry;
  readonly connection: Http2Connection;
  private readonly streams = new Map<Http2Stream, Http2ClientStream>();
  /** Streams whose requests have got on since they were last written. */
  private readonly touched = new Set<Http2ClientStream>();
  /** Streams that are answered while their requests still come. */
  private readonly answeredEarly = new Set<Http2Stream>();
  private route: Route | null = null;
  private writeDue = false;
  private inputEnded = false;
  private closing = false;
  private awaitingHead = false;
  private readonly onIdle = () => this.close();
  private readonly onEndHeldBack = () => this.tellEnd();
  private readonly write = () => this.writeNow();

  constructor(entry: Entry, conn: Conn) {
    this.entry = entry;
    this.conn = conn;
    const { services } = entry;
    // Most clients are on this very machine, where bytes are cheaper than the work of saving them.
    this.connection = new Http2Connection("server", services.config.limits, false);
    services.recorder.conn(connFacts(conn));
    conn.handler = this;
    conn.deadline(services.config.limits.idleMs, this.onIdle);
    this.writeSoon();
  }

  // ---- the connection

  onData(chunk: Buffer): void {
    if (this.closing) return;
    this.connection.push(chunk, this.entry.services.now());
    while (this.step());
    for (const stream of this.touched) stream.flushRequest();
    this.touched.clear();
    this.writeSoon();
    this.arrange();
  }

  onEnd(): void {
    this.inputEnded = true;
    // Whole requests may still be answered; the others never will be whole.
    for (const [stream, client] of [...this.streams]) {
      if (stream.remoteEnded) continue;
      this.streams.delete(stream);
      client.onGone(null);
    }
    this.arrange();
  }

  private tellEnd(): void {
    for (const client of this.streams.values()) client.onEnded();
  }

  onDrain(): void {
    this.writeNow();
  }

  onClose(error: NodeJS.ErrnoException | null): void {
    this.closing = true;
    this.abandon(error);
    this.entry.close();
  }

  /** Takes one event; false when there is none. */
  private step(): boolean {
    const { connection } = this;
    const event = connection.next();
    if (event === NEED || this.closing) return false;
    if (event === HEADERS) this.begin();
    else if (event === MALFORMED)
      this.refused(connection.malformed as Malformed); // set with MALFORMED
    else if (event === FAULT)
      this.fault(connection.fault as Http2Error); // set with FAULT
    else if (event !== GOAWAY) this.toStream(event);
    return true;
  }

  private toStream(event: number): void {
    const { connection } = this;
    const { stream } = connection;
    const client = this.streams.get(stream);
    if (client === undefined) {
      // Its exchange is over: what still comes is for nobody.
      if (event === DATA) connection.consumed(stream, connection.end - connection.start);
      return;
    }
    switch (event) {
      case DATA:
        return client.onContent(connection.buf, connection.start, connection.end);
      case TRAILERS:
        return client.onTrailers(connection.fields);
      case END:
        return client.onEnd();
      case RESET:
        this.streams.delete(stream);
        return client.onReset(connection.code, connection.byPeer, connection.malformed);
    }
  }

  private begin(): void {
    const { connection, entry } = this;
    const { stream, fields, request } = connection;
    if (request === null) return;
    const absolute = entry.tunnel === null && entry.mode.kind !== "reverse";
    let head: RequestHead;
    try {
      const bytes = requestHeadBytes(fields, request, absolute, stream.remoteEnded);
      head = parseRequestHead(bytes, 0, bytes.length, entry.services.httpLimits);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      connection.reset(stream, PROTOCOL_ERROR);
      return this.record(error.code, error.message);
    }
    const framing = requestFraming(head);
    const client = new Http2ClientStream(this, stream, head.method, framing);
    this.streams.set(stream, client);
    const exchange = exchangeFor(client, head, framing);
    const { tap } = exchange;
    tap.clientVersion = HTTP_2;
    tap.request.headBuf = null;
    tap.request.fields = recordedFields(fields);
    client.begin(exchange, () => {
      const destination = routeRequest(entry, head, this.route);
      if (destination.kind === "connect") {
        exchange.run({ kind: "refuse", code: "connect-not-here", message: "CONNECT inside HTTP/2 is not taken yet" });
      } else exchange.run(destination);
    });
    this.route = exchange.route;
    this.touched.add(client);
  }

  /** A request that never became one: what came of it is kept. */
  private refused(malformed: Malformed): void {
    this.record(malformed, MALFORMED_TEXT[malformed]);
  }

  private record(code: string, message: string): void {
    const { fields } = this.connection;
    const value = (name: string) => fields.find(field => field.name === name)?.value ?? "";
    const tap = this.beginFlow();
    tap.method = value(":method");
    tap.path = value(":path");
    tap.request.fields = recordedFields(fields);
    tap.error(code, message);
    tap.defect(code);
    tap.finish("error");
  }

  /** The client broke the protocol itself: no stream can be told from another any more. */
  private fault(fault: Http2Error): void {
    const tap = this.beginFlow();
    tap.error("h2-connection-error", `${errorName(fault.code)}: ${fault.message}`);
    tap.finish("error");
    this.end();
  }

  private beginFlow(): FlowTap {
    const { entry } = this;
    const tap = entry.services.recorder.begin(this.conn.id, entry.mode.text);
    tap.clientVersion = HTTP_2;
    tap.scheme = entry.secure ? "https" : "http";
    tap.host = entry.tunnel?.host ?? "";
    tap.port = entry.tunnel?.port ?? 0;
    return tap;
  }

  // ---- what streams ask for

  consumed(stream: Http2Stream, bytes: number): void {
    this.connection.consumed(stream, bytes);
    this.writeSoon();
  }

  touch(client: Http2ClientStream): void {
    this.touched.add(client);
  }

  /** The answer is whole. */
  finish(stream: Http2Stream, trailers: readonly FieldOut[] | null): void {
    const { connection } = this;
    connection.sendEnd(stream, trailers);
    connection.consumed(stream, stream.unread);
    this.streams.delete(stream);
    if (!stream.remoteEnded) this.answeredEarly.add(stream);
    this.writeSoon();
  }

  /** The answer broke off: what there is of it goes out, then the client is shown that it is not whole. */
  breakOff(stream: Http2Stream, code: number): void {
    this.writeNow();
    this.connection.reset(stream, code);
    this.streams.delete(stream);
    this.writeSoon();
  }

  writeSoon(): void {
    if (this.writeDue || this.closing) return;
    this.writeDue = true;
    setImmediate(this.write);
  }

  // ---- writing

  private writeNow(): void {
    this.writeDue = false;
    const { connection, conn } = this;
    if (this.closing || conn.closed) return;
    while (!conn.needsDrain) {
      connection.pump(TURN_BYTES);
      if (!this.send()) break;
    }
    for (const client of this.streams.values()) client.onDrained();
    if (this.answeredEarly.size > 0) this.refuseRest();
    this.arrange();
  }

  /** RFC 9113 §8.1: whoever has answered need not read the rest of the request, and says so. */
  private refuseRest(): void {
    for (const stream of this.answeredEarly) {
      if (!stream.localEnded) continue;
      this.answeredEarly.delete(stream);
      this.connection.reset(stream, NO_ERROR);
      this.writeSoon();
    }
  }

  /** Writes what is framed; false when there is nothing, or no room for more. */
  private send(): boolean {
    const { out } = this.connection;
    const { sizeBytes } = out;
    if (sizeBytes === 0) return false;
    const pieces = out.take();
    if (pieces.length === 1) return this.conn.write(pieces[0]);
    return sizeBytes <= COPY_BELOW_BYTES
      ? this.conn.write(Buffer.concat(pieces, sizeBytes))
      : this.conn.writeAll(pieces);
  }

  // ---- time, and the end

  private arrange(): void {
    const { conn, connection } = this;
    if (this.closing) return;
    const { limits } = this.entry.services.config;
    if (connection.streams.size > 0) {
      this.awaitingHead = false;
      if (this.inputEnded) conn.deadline(END_HELD_BACK_MS, this.onEndHeldBack);
      else conn.noDeadline();
    } else if (this.inputEnded) return this.close();
    else if (!connection.midFrame) {
      this.awaitingHead = false;
      conn.deadline(limits.idleMs, this.onIdle);
    } else if (!this.awaitingHead) {
      this.awaitingHead = true;
      conn.deadline(limits.headMs, this.onIdle);
    }
    if (conn.needsDrain && connection.out.sizeBytes > UNSENT_BYTES_MAX) conn.pause();
    else conn.resume();
  }

  private close(): void {
    if (this.closing) return;
    this.connection.goAway(NO_ERROR);
    this.end();
  }

  private end(): void {
    this.send();
    this.closing = true;
    this.abandon(null);
    this.entry.close();
    this.conn.linger();
  }

  private abandon(error: NodeJS.ErrnoException | null): void {
    const clients = [...this.streams.values()];
    this.streams.clear();
    for (const client of clients) client.onGone(error);
  }
}
