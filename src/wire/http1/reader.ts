// HTTP/1 messages out of the bytes of one direction of a connection: push bytes, take events. It owns framing and its
// own place; it must not know sockets, time, or what the events are for.
//
//   HEAD (CONTENT | FRAMING)* [TRAILERS] END   and again; FAULT is the last event there is.
//
// Where the bytes were cut never changes what is said about them: a line is judged once its LF is here (or once it is
// longer than any may be). The bytes of HEAD, CONTENT, FRAMING and TRAILERS, joined, are the bytes that came.

import { CR, LF } from "../ascii.ts";
import { afterLastLf } from "../bytes.ts";
import { type Defect, NO_DEFECTS } from "../defect.ts";
import { WireError } from "../error.ts";
import {
  CHUNK_DATA,
  CHUNK_LINES,
  CHUNKS_DONE,
  type Chunked,
  ChunkedContent,
  MORE_NEEDED,
  TRAILER_SECTION,
} from "./chunked.ts";
import type { Fields } from "./fields.ts";
import { CHUNKED, CLOSE, type Framing, LENGTH, NONE, requestFraming, responseFraming, TUNNEL } from "./framing.ts";
import type { Head, HeadOf, RequestHead, ResponseHead, Role } from "./head.ts";
import { HeadParser } from "./head-parser.ts";
import { Input } from "./input.ts";
import type { Http1Limits, Leniency } from "./limits.ts";
import { mayBeStatusLine } from "./start-line.ts";

/** Nothing more can be said before more bytes come. */
export const NEED = 0;
/** `head` and `framing` are set; the span is the head's bytes. */
export const HEAD = 1;
/** The span is content. */
export const CONTENT = 2;
/** The span is chunk lines, CRLFs behind chunks, or the last chunk's line. */
export const FRAMING = 3;
/** `trailers` is set when there are any; the span is the trailer section with its empty line. */
export const TRAILERS = 4;
/** The message is complete. The next one begins with the following next(). */
export const END = 5;
/** The peer broke the protocol: `fault` says how, the span is the unread bytes. Every next() from now on says it again. */
export const FAULT = 6;

export type EventCode =
  | typeof NEED
  | typeof HEAD
  | typeof CONTENT
  | typeof FRAMING
  | typeof TRAILERS
  | typeof END
  | typeof FAULT;

const IN_HEAD = 0;
const IN_LENGTH = 1;
const IN_CHUNKS = 2;
const UNTIL_CLOSE = 3;
const AT_END = 4;
const FINISHED = 5;
const FAULTED = 6;
type State =
  | typeof IN_HEAD
  | typeof IN_LENGTH
  | typeof IN_CHUNKS
  | typeof UNTIL_CLOSE
  | typeof AT_END
  | typeof FINISHED
  | typeof FAULTED;

export class Http1Reader<R extends Role = Role> {
  /** The bytes of the last event: buf[start, end). Handed out for good, never changed later. */
  buf: Buffer = EMPTY;
  start = 0;
  end = 0;
  /** From HEAD on, until the next HEAD. */
  head!: HeadOf<R>;
  framing!: Framing;
  /** From TRAILERS on; null when the section is empty. */
  trailers: Fields | null = null;
  /** What is wrong with the message behind its head but was taken. */
  trailerDefects: readonly Defect[] = NO_DEFECTS;
  /** Set with FAULT. */
  fault: WireError | null = null;

  readonly #role: R;
  readonly #limits: Http1Limits;
  readonly #input = new Input();
  readonly #parser: HeadParser<R>;
  #chunks: ChunkedContent | null = null;
  #state: State = IN_HEAD;
  #left = 0; // content bytes still to come, of a known length
  #searched = 0; // unread bytes of a head known to have no line end
  #emptyLines = 0;
  #interims = 0;
  readonly #methods: string[] = [];

  constructor(role: R, limits: Http1Limits, leniency?: Leniency) {
    this.#role = role;
    this.#limits = limits;
    this.#parser = new HeadParser(role, limits, leniency);
  }

  /** Hands over bytes, by reference: they must not be changed any more. */
  push(chunk: Buffer): void {
    if (this.#input.ended) throw new Error("push() after eof() or takeRest()");
    if (chunk.length > 0) this.#input.push(chunk);
  }

  /** The peer ended its side. Between messages that is no event; inside one it is END (until close) or FAULT. */
  eof(): void {
    this.#input.ended = true;
  }

  /** Role response: the method of the request that the next final answer answers. Without it, an answer is to a GET. */
  expect(method: string): void {
    this.#methods.push(method);
  }

  /** Unread bytes held. */
  get buffered(): number {
    return this.#input.total;
  }

  /** Some byte of a next message has come, though not its whole head. */
  get messageStarted(): boolean {
    return (this.#state === IN_HEAD || this.#state === AT_END) && this.#input.total > 0;
  }

  /** Bytes of the stream before the first unread one: where the next event's span begins in the connection. */
  get position(): number {
    return this.#input.taken;
  }

  /** The unread bytes, for whoever goes on with the connection (CONNECT, Upgrade). The reader is finished then. */
  takeRest(): Buffer {
    this.#input.ended = true;
    this.#state = FINISHED;
    return this.#input.takeAll();
  }

  /** The next event, or NEED. */
  next(): EventCode {
    try {
      switch (this.#state) {
        case AT_END:
          this.#begin();
          return this.#readHead();
        case IN_HEAD:
          return this.#readHead();
        case IN_LENGTH:
          return this.#left === 0 ? this.#complete() : this.#content();
        case IN_CHUNKS:
          return this.#chunked(this.#chunks!);
        case UNTIL_CLOSE:
          return this.#untilClose();
        case FAULTED:
          return FAULT;
        case FINISHED:
          return NEED;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#faulted(error);
    }
  }

  #faulted(error: WireError): EventCode {
    this.fault = error;
    this.#state = FAULTED;
    this.buf = this.#input.buf;
    this.start = this.#input.start;
    this.end = this.#input.end;
    return FAULT;
  }

  #begin(): void {
    this.#state = IN_HEAD;
    this.#input.messageAt = this.#input.taken;
    this.#emptyLines = 0;
    this.trailers = null;
    this.trailerDefects = NO_DEFECTS;
  }

  // ---- heads

  #readHead(): EventCode {
    const input = this.#input;
    do {
      if (this.#role === "request" && !this.#parser.pastStartLine) this.#skipEmptyLines();
      const head = this.#tryHead();
      if (head !== null) return this.#take(head);
    } while (input.more());
    if (!input.ended || input.size === 0) return NEED;
    const other = this.#role === "response" && !mayBeStatusLine(input.buf, input.start, input.end);
    throw other ? new WireError("not-http", 0) : new WireError("truncated-head", input.size);
  }

  /** RFC 9112 §2.2: some clients send an empty line too many behind content. They are not part of any message. */
  #skipEmptyLines(): void {
    const input = this.#input;
    while (input.size >= 2 && input.buf[input.start] === CR && input.buf[input.start + 1] === LF) {
      if (++this.#emptyLines > this.#limits.emptyLines) throw new WireError("empty-lines", 0);
      input.take(input.start + 2);
      input.messageAt = input.taken;
      this.#searched = 0;
    }
  }

  #tryHead(): HeadOf<R> | null {
    const { buf, start, end } = this.#input;
    const most = start + this.#limits.headBytes;
    const stop = Math.min(end, most);
    const lines = afterLastLf(buf, start + this.#searched, stop);
    const head = lines < 0 ? null : this.#parser.parse(buf, start, lines);
    if (head !== null) return head;
    this.#searched = stop - start;
    if (stop === most) throw new WireError(this.#tooLarge(buf, start, stop), stop - start);
    return null;
  }

  /** A request line that fills the whole head has a code of its own (RFC 9112 §3). */
  #tooLarge(buf: Buffer, start: number, stop: number): WireError["code"] {
    if (this.#role === "response" || this.#parser.pastStartLine) return "head-too-large";
    return buf.subarray(start, stop).includes(" ") ? "target-too-long" : "method-too-long";
  }

  #take(head: HeadOf<R>): EventCode {
    this.head = head;
    this.#searched = 0;
    const framing = this.#frame(head);
    this.framing = framing;
    if (framing.defects !== NO_DEFECTS) addDefects(head, framing.defects);
    if (this.#emptyLines > 0) addDefects(head, EMPTY_LINES_BEFORE);
    this.#state = stateFor(framing);
    if (framing.kind === LENGTH) this.#left = framing.length;
    else if (framing.kind === CHUNKED) {
      this.#chunks ??= new ChunkedContent(this.#input, this.#limits);
      this.#chunks.begin();
    }
    return this.#emit(HEAD, head.end);
  }

  #frame(head: Head): Framing {
    if (this.#role === "request") return requestFraming(head as RequestHead); // the role decides which it is
    const answer = head as ResponseHead;
    if (answer.status >= 200 || answer.status === 101) {
      this.#interims = 0;
      return responseFraming(answer, this.#methods.shift() ?? "GET");
    }
    if (++this.#interims > this.#limits.interimCount) throw new WireError("too-many-interim", 0);
    return responseFraming(answer, "GET");
  }

  // ---- content

  #content(): EventCode {
    const input = this.#input;
    if (input.size === 0 && !input.more()) return this.#starved();
    const length = Math.min(input.size, this.#left);
    this.#left -= length;
    return this.#emit(CONTENT, input.start + length);
  }

  #untilClose(): EventCode {
    const input = this.#input;
    if (input.size > 0 || input.more()) return this.#emit(CONTENT, input.end);
    return input.ended ? this.#complete() : NEED;
  }

  #chunked(chunks: ChunkedContent): EventCode {
    const found: Chunked = chunks.next();
    switch (found) {
      case MORE_NEEDED:
        return this.#starved();
      case CHUNK_DATA:
        return this.#emit(CONTENT, chunks.spanEnd);
      case CHUNK_LINES:
        return this.#emit(FRAMING, chunks.spanEnd);
      case TRAILER_SECTION:
        this.trailers = chunks.trailers;
        this.trailerDefects = chunks.trailerDefects;
        return this.#emit(TRAILERS, chunks.spanEnd);
      case CHUNKS_DONE:
        return this.#complete();
    }
  }

  #starved(): EventCode {
    const input = this.#input;
    if (input.ended) throw new WireError("truncated-body", input.offset + input.size);
    return NEED;
  }

  #complete(): EventCode {
    this.#state = this.framing.kind === TUNNEL ? FINISHED : AT_END;
    return END;
  }

  #emit(event: EventCode, end: number): EventCode {
    const input = this.#input;
    this.buf = input.buf;
    this.start = input.start;
    this.end = end;
    input.take(end);
    return event;
  }
}

const EMPTY = Buffer.alloc(0);
const EMPTY_LINES_BEFORE: readonly Defect[] = ["empty-lines-before"];

function stateFor(framing: Framing): State {
  switch (framing.kind) {
    case CHUNKED:
      return IN_CHUNKS;
    case CLOSE:
      return UNTIL_CLOSE;
    case NONE:
    case LENGTH:
    case TUNNEL:
      return IN_LENGTH;
  }
}

function addDefects(head: Head, more: readonly Defect[]): void {
  head.defects = head.defects.length === 0 ? more : [...head.defects, ...more];
}
