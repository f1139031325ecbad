// A client's HTTP/2 stream, as an exchange sees it: the content is framed for HTTP/1 on its way in, and bare on its way out.

import type { Conn } from "../net/conn.ts";
import { CHUNKED, type Framing, LENGTH, responseFraming } from "../wire/http1/framing.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import { parseResponseHead } from "../wire/http1/head-parser.ts";
import { CONTENT, FRAMING, TRAILERS } from "../wire/http1/reader.ts";
import { CHUNK_END, chunkStart } from "../wire/http1/writer.ts";
import { errorName, INTERNAL_ERROR } from "../wire/http2/codes.ts";
import { MALFORMED, type Malformed } from "../wire/http2/fields.ts";
import type { HpackField } from "../wire/http2/hpack/field.ts";
import type { FieldOut, Http2Stream, Slice } from "../wire/http2/stream.ts";
import { type Answer, answerHead } from "./answers.ts";
import type { ClientStream, Ending } from "./client-stream.ts";
import type { Entry } from "./entry.ts";
import type { Exchange } from "./exchange.ts";
import type { Http2Session } from "./http2.ts";
import { responseFields, trailerBytes, trailerFields } from "./http2-head.ts";

/** Content that waits for the client's window: beyond this the server is not read from. */
const QUEUED_BYTES_MAX = 64 * 1024;

export class Http2ClientStream implements ClientStream {
  readonly conn: Conn;
  readonly entry: Entry;
  readonly bare = true;
  readonly stream: Http2Stream;
  private readonly session: Http2Session;
  private readonly method: string;
  private readonly chunked: boolean;
  private exchange: Exchange | null = null;
  /** Content that came before the exchange could take it: at most a window of it. */
  private readonly waiting: Slice[] = [];
  private held = false;
  private inputEnded = false;
  private endTold = false;
  private trailersIn: readonly HpackField[] = [];
  private trailersOut: FieldOut[] | null = null;
  /** Content bytes of the answer still to come, where its length is known. */
  private left = -1;
  private stopped = false;

  constructor(session: Http2Session, stream: Http2Stream, method: string, framing: Framing) {
    this.session = session;
    this.conn = session.conn;
    this.entry = session.entry;
    this.stream = stream;
    this.method = method;
    this.chunked = framing.kind === CHUNKED;
    // A request without content is whole with its head: its end is told by begin().
    this.endTold = framing.bodiless;
  }

  begin(exchange: Exchange, run: () => void): void {
    this.exchange = exchange;
    run();
    if (this.endTold) this.exchange?.onRequestEnd();
  }

  // ---- what comes from the client

  onContent(buf: Buffer, start: number, end: number): void {
    if (this.exchange === null) return this.session.consumed(this.stream, end - start);
    this.waiting.push({ buf, start, end });
    this.feed();
  }

  onTrailers(fields: readonly HpackField[]): void {
    this.trailersIn = fields;
  }

  onEnd(): void {
    this.inputEnded = true;
    this.feed();
  }

  /** The stream was reset, by the client or for what the client did. */
  onReset(code: number, byPeer: boolean, malformed: Malformed | null): void {
    const { exchange } = this;
    this.exchange = null;
    if (malformed !== null) {
      exchange?.tap.defect(malformed);
      exchange?.tap.error(malformed, MALFORMED[malformed]);
    }
    const error: NodeJS.ErrnoException = new Error(`RST_STREAM ${errorName(code)}`);
    error.code = byPeer ? "ECONNRESET" : "EPROTO";
    exchange?.onClientGone(error);
  }

  onGone(error: NodeJS.ErrnoException | null): void {
    const { exchange } = this;
    this.exchange = null;
    exchange?.onClientGone(error);
  }

  /** The client has ended its side of the connection. */
  onEnded(): void {
    this.exchange?.onClientEnded();
  }

  /** What is read and fits is with the exchange: time to write it on. */
  flushRequest(): void {
    this.exchange?.flushRequest();
  }

  /** The client has taken what it was sent; the server is read from again. */
  onDrained(): void {
    if (!this.stopped || this.stream.queuedBytes > QUEUED_BYTES_MAX >> 1) return;
    this.stopped = false;
    this.exchange?.onClientDrain();
  }

  private get mayFeed(): boolean {
    return this.exchange?.ready === true && !this.held;
  }

  private feed(): void {
    while (this.waiting.length > 0 && this.mayFeed) {
      const { buf, start, end } = this.waiting.shift() as Slice; // there is one
      this.passContent(buf, start, end);
    }
    if (this.waiting.length > 0 || !this.inputEnded || this.endTold || !this.mayFeed) return;
    this.endTold = true;
    const exchange = this.exchange as Exchange; // mayFeed
    if (this.chunked) {
      exchange.onRequestBytes(FRAMING, LAST_CHUNK_LINE, 0, LAST_CHUNK_LINE.length);
      const trailers = trailerBytes(this.trailersIn);
      exchange.onRequestBytes(TRAILERS, trailers, 0, trailers.length);
    } else if (this.trailersIn.length > 0) {
      exchange.tap.note("the request's trailers were not sent on: HTTP/1.1 has none behind a Content-Length");
    }
    exchange.onRequestEnd();
    this.session.touch(this);
  }

  private passContent(buf: Buffer, start: number, end: number): void {
    const exchange = this.exchange as Exchange; // mayFeed
    if (this.chunked) {
      const line = chunkStart(end - start);
      exchange.onRequestBytes(FRAMING, line, 0, line.length);
      exchange.onRequestBytes(CONTENT, buf, start, end);
      exchange.onRequestBytes(FRAMING, CHUNK_END, 0, CHUNK_END.length);
    } else exchange.onRequestBytes(CONTENT, buf, start, end);
    this.session.consumed(this.stream, end - start);
    this.session.touch(this);
  }

  // ---- what the exchange does with its client

  sendHead(head: ResponseHead): void {
    const { connection } = this.session;
    if (head.status < 200) return connection.sendHeaders(this.stream, responseFields(head), false);
    const framing = responseFraming(head, this.method);
    if (framing.kind === LENGTH) this.left = framing.length;
    connection.sendHeaders(this.stream, responseFields(head), framing.bodiless);
  }

  sendBytes(buf: Buffer, start: number, end: number): void {
    const { connection } = this.session;
    connection.sendData(this.stream, buf, start, end);
    if (this.left < 0) return;
    this.left -= end - start;
    if (this.left === 0) connection.sendEnd(this.stream, null);
  }

  sendTrailers(buf: Buffer, start: number, end: number): void {
    this.trailersOut = trailerFields(buf, start, end);
  }

  flush(): boolean {
    this.session.writeSoon();
    if (this.stream.queuedBytes <= QUEUED_BYTES_MAX) return true;
    this.stopped = true;
    return false;
  }

  sendAnswer(answer: Answer, headOnly: boolean): Buffer {
    const bytes = answerHead(answer, false);
    this.sendHead(parseResponseHead(bytes, 0, bytes.length, this.entry.services.httpLimits));
    if (!headOnly) this.sendBytes(answer.content, 0, answer.content.length);
    return bytes;
  }

  resumeRequest(): void {
    this.held = false;
    this.feed();
    this.flushRequest();
  }

  pauseRequest(): void {
    this.held = true;
  }

  over(ending: Ending): void {
    this.exchange = null;
    this.waiting.length = 0;
    const { session, stream } = this;
    if (ending === "truncate" || ending === "reset") session.breakOff(stream, INTERNAL_ERROR);
    else session.finish(stream, this.trailersOut);
  }

  takeOver(): Buffer {
    throw new Error("HTTP/2 has no Upgrade, and CONNECT is refused");
  }
}

const LAST_CHUNK_LINE = Buffer.from("0\r\n", "latin1");
