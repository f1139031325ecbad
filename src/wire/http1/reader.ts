// HTTP/1 messages out of the bytes of one direction of a connection: push bytes, take events. It owns framing and its
// own place; it must not know sockets, time, or what the events are for.
//
//   HEAD (CONTENT | FRAMING)* [TRAILERS] END   and again; FAULT is the last event there is.
//
// Where the bytes were cut never changes what is said about them: a line is judged once its LF is here (or once it is
// longer than any may be). The bytes of HEAD, CONTENT, FRAMING and TRAILERS, joined, are the bytes that came.

import { CR, LF } from "../ascii.ts";
import { afterLastLf, Joined } from "../bytes.ts";
import { type Defect, NO_DEFECTS } from "../defect.ts";
import { WireError } from "../error.ts";
import { ChunkLine, LINE_NEEDED, LINE_WHOLE } from "./chunk.ts";
import { FieldLines, STRICT } from "./field-lines.ts";
import type { Fields } from "./fields.ts";
import { CHUNKED, CLOSE, type Framing, LENGTH, NONE, requestFraming, responseFraming, TUNNEL } from "./framing.ts";
import type { Head, HeadOf, RequestHead, ResponseHead, Role } from "./head.ts";
import { HeadParser } from "./head-parser.ts";
import type { Http1Limits, Leniency } from "./limits.ts";
import { mayBeStatusLine } from "./start-line.ts";
import { forbiddenTrailer } from "./trailers.ts";

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
const IN_CHUNK_LINE = 2;
const IN_CHUNK = 3;
const AFTER_CHUNK = 4;
const IN_TRAILERS = 5;
const AT_TRAILERS = 6;
const UNTIL_CLOSE = 7;
const AT_END = 8;
const FINISHED = 9;
const FAULTED = 10;
type State =
  | typeof IN_HEAD
  | typeof IN_LENGTH
  | typeof IN_CHUNK_LINE
  | typeof IN_CHUNK
  | typeof AFTER_CHUNK
  | typeof IN_TRAILERS
  | typeof AT_TRAILERS
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
  readonly #bytes = new Joined();
  readonly #queue: Buffer[] = [];
  readonly #parser: HeadParser<R>;
  #chunkLine: ChunkLine | null = null;
  #trailerLines: FieldLines | null = null;
  #state: State = IN_HEAD;
  #ended = false;
  #left = 0; // content bytes still to come, of the message or the chunk
  #searched = 0; // unread bytes known to have no line end
  #lastLine = 0; // unread bytes of the last chunk's line
  #lines = 0; // unread bytes, behind that line, that have been read as trailers
  #trailersEnd = 0;
  #taken = 0; // bytes handed out or skipped since the reader began
  #messageAt = 0; // what #taken was when the message began
  #emptyLines = 0;
  #interims = 0;
  #methods: string[] = [];

  constructor(role: R, limits: Http1Limits, leniency?: Leniency) {
    this.#role = role;
    this.#limits = limits;
    this.#parser = new HeadParser(role, limits, leniency);
  }

  /** Hands over bytes, by reference: they must not be changed any more. */
  push(chunk: Buffer): void {
    if (this.#ended) throw new Error("push() after eof() or takeRest()");
    if (chunk.length === 0) return;
    if (this.#bytes.size === 0 && this.#queue.length === 0) this.#bytes.replace(chunk);
    else this.#queue.push(chunk);
  }

  /** The peer ended its side. Between messages that is no event; inside one it is END (until close) or FAULT. */
  eof(): void {
    this.#ended = true;
  }

  /** Role response: the method of the request that the next final answer answers. Without it, an answer is to a GET. */
  expect(method: string): void {
    this.#methods.push(method);
  }

  /** Unread bytes held. */
  get buffered(): number {
    let sum = this.#bytes.size;
    for (const chunk of this.#queue) sum += chunk.length;
    return sum;
  }

  /** Some byte of a next message has come, though not its whole head. */
  get messageStarted(): boolean {
    return (this.#state === IN_HEAD || this.#state === AT_END) && this.buffered > 0;
  }

  /** Bytes of the stream before the first unread one: where the next event's span begins in the connection. */
  get position(): number {
    return this.#taken;
  }

  /** The unread bytes, for whoever goes on with the connection (CONNECT, Upgrade). The reader is finished then. */
  takeRest(): Buffer {
    const { buf, start, end } = this.#bytes;
    const first = buf.subarray(start, end);
    const rest = this.#queue.length === 0 ? first : Buffer.concat([first, ...this.#queue]);
    this.#bytes.replace(EMPTY);
    this.#queue.length = 0;
    this.#taken += rest.length;
    this.#ended = true;
    this.#state = FINISHED;
    return rest;
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
        case IN_CHUNK:
          return this.#left === 0 ? this.#afterChunk() : this.#content();
        case AFTER_CHUNK:
          return this.#afterChunk();
        case IN_CHUNK_LINE:
          return this.#readChunkLine();
        case IN_TRAILERS:
          return this.#readTrailers();
        case AT_TRAILERS:
          this.#state = IN_LENGTH; // of which nothing is left: the next event is END
          return this.#emit(TRAILERS, this.#trailersEnd);
        case UNTIL_CLOSE:
          return this.#untilClose();
        case FAULTED:
          return FAULT;
        case FINISHED:
          return NEED;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.fault = error;
      this.#state = FAULTED;
      this.buf = this.#bytes.buf;
      this.start = this.#bytes.start;
      this.end = this.#bytes.end;
      return FAULT;
    }
  }

  #begin(): void {
    this.#state = IN_HEAD;
    this.#messageAt = this.#taken;
    this.#emptyLines = 0;
    this.trailers = null;
    this.trailerDefects = NO_DEFECTS;
  }

  // ---- heads

  #readHead(): EventCode {
    do {
      if (this.#role === "request" && !this.#parser.pastStartLine) this.#skipEmptyLines();
      const head = this.#tryHead();
      if (head !== null) return this.#take(head);
    } while (this.#more());
    const { buf, start, end } = this.#bytes;
    if (!this.#ended || end === start) return NEED;
    const other = this.#role === "response" && !mayBeStatusLine(buf, start, end);
    throw other ? new WireError("not-http", 0) : new WireError("truncated-head", end - start);
  }

  /** RFC 9112 §2.2: some clients send an empty line too many behind content. They are not part of any message. */
  #skipEmptyLines(): void {
    const bytes = this.#bytes;
    while (bytes.size >= 2 && bytes.buf[bytes.start] === CR && bytes.buf[bytes.start + 1] === LF) {
      if (++this.#emptyLines > this.#limits.emptyLines) throw new WireError("empty-lines", 0);
      bytes.start += 2;
      this.#taken += 2;
      this.#searched = 0;
      this.#messageAt = this.#taken;
    }
  }

  #tryHead(): HeadOf<R> | null {
    const { buf, start, end } = this.#bytes;
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
    if (framing.kind === CHUNKED) this.#beginChunks();
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
    const bytes = this.#bytes;
    if (bytes.size === 0 && !this.#more()) return this.#starved();
    const length = Math.min(bytes.size, this.#left);
    this.#left -= length;
    return this.#emit(CONTENT, bytes.start + length);
  }

  #untilClose(): EventCode {
    const bytes = this.#bytes;
    if (bytes.size > 0 || this.#more()) return this.#emit(CONTENT, bytes.end);
    return this.#ended ? this.#complete() : NEED;
  }

  #beginChunks(): void {
    this.#chunkLine ??= new ChunkLine(this.#limits.chunkExtensionBytes);
    this.#chunkLine.reset();
  }

  #readChunkLine(): EventCode {
    const bytes = this.#bytes;
    const line = this.#chunkLine!;
    for (;;) {
      const state = line.read(bytes.buf, bytes.start, bytes.end);
      if (state === LINE_WHOLE) return line.size === 0 ? this.#lastChunk(line) : this.#takeChunkLine(line);
      if (state !== LINE_NEEDED) throw line.error(bytes.start - this.#offset);
      if (!this.#more()) return this.#starved();
    }
  }

  #takeChunkLine(line: ChunkLine): EventCode {
    line.take();
    this.#left = line.size;
    this.#state = IN_CHUNK;
    return this.#emit(FRAMING, line.end);
  }

  /** The CRLF behind a chunk, with the next line if that is here already: one span instead of two. */
  #afterChunk(): EventCode {
    const bytes = this.#bytes;
    this.#state = AFTER_CHUNK;
    for (;;) {
      const { buf, start, end } = bytes;
      if (end > start && buf[start] !== CR) throw this.#error("chunk-end-missing");
      if (end > start + 1) {
        if (buf[start + 1] !== LF) throw this.#error("chunk-end-missing");
        this.#state = IN_CHUNK_LINE;
        const line = this.#chunkLine!;
        if (line.read(buf, start + 2, end) === LINE_WHOLE) {
          if (line.size > 0) return this.#takeChunkLine(line);
          if (emptyLineAt(buf, line.end, end)) return this.#lastChunk(line);
        }
        return this.#emit(FRAMING, start + 2);
      }
      if (!this.#more()) return this.#starved();
    }
  }

  // ---- trailers

  /** The last chunk's line is held back until its trailers are whole and valid: it would complete a bad message. */
  #lastChunk(line: ChunkLine): EventCode {
    this.#lastLine = line.end - this.#bytes.start;
    this.#lines = 0;
    this.#searched = 0;
    this.#state = IN_TRAILERS;
    return this.#readTrailers();
  }

  #readTrailers(): EventCode {
    do {
      const { buf, start, end } = this.#bytes;
      const from = start + this.#lastLine;
      if (emptyLineAt(buf, from, end)) return this.#takeTrailers(from, null);
      const most = from + this.#limits.trailerBytes;
      const stop = Math.min(end, most);
      const lines = afterLastLf(buf, from + this.#searched, stop);
      if (lines >= 0) {
        const section = this.#trailerSection();
        const empty = section.scan(buf, start - this.#offset, from + this.#lines, lines);
        if (empty >= 0) return this.#takeTrailers(empty, section);
        this.#lines = lines - from;
      }
      this.#searched = stop - from;
      if (stop === most) throw new WireError("trailers-too-large", this.#offset + this.#lastLine);
    } while (this.#more());
    return this.#starved();
  }

  #trailerSection(): FieldLines {
    this.#trailerLines ??= new FieldLines(STRICT, this.#limits.fieldCount);
    if (this.#lines === 0) this.#trailerLines.reset();
    return this.#trailerLines;
  }

  #takeTrailers(empty: number, section: FieldLines | null): EventCode {
    const { buf, start } = this.#bytes;
    if (section !== null) {
      this.trailers = section.fields(buf, start - this.#offset, empty);
      if (forbiddenTrailer(this.trailers)) this.trailerDefects = TRAILER_FORBIDDEN;
    }
    this.#searched = 0;
    this.#trailersEnd = empty + 2;
    this.#state = AT_TRAILERS;
    return this.#emit(FRAMING, start + this.#lastLine);
  }

  // ---- the small change

  /** Bytes of the message before the first unread one. */
  get #offset(): number {
    return this.#taken - this.#messageAt;
  }

  #error(code: WireError["code"]): WireError {
    return new WireError(code, this.#offset);
  }

  /** Appends what was pushed meanwhile to the unread bytes; false when there is nothing. */
  #more(): boolean {
    const chunk = this.#queue.shift();
    if (chunk === undefined) return false;
    this.#bytes.append(chunk);
    return true;
  }

  #starved(): EventCode {
    if (this.#ended) throw new WireError("truncated-body", this.#offset + this.#bytes.size);
    return NEED;
  }

  #complete(): EventCode {
    this.#state = this.framing.kind === TUNNEL ? FINISHED : AT_END;
    return END;
  }

  #emit(event: EventCode, end: number): EventCode {
    const bytes = this.#bytes;
    this.buf = bytes.buf;
    this.start = bytes.start;
    this.end = end;
    this.#taken += end - bytes.start;
    bytes.start = end;
    return event;
  }
}

const EMPTY = Buffer.alloc(0);
const EMPTY_LINES_BEFORE: readonly Defect[] = ["empty-lines-before"];
const TRAILER_FORBIDDEN: readonly Defect[] = ["trailer-forbidden"];

function emptyLineAt(buf: Buffer, at: number, end: number): boolean {
  return end >= at + 2 && buf[at] === CR && buf[at + 1] === LF;
}

function stateFor(framing: Framing): State {
  switch (framing.kind) {
    case CHUNKED:
      return IN_CHUNK_LINE;
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
