// Chunked content (RFC 9112 §7.1) out of an Input: chunk lines, data, trailers, each handed out as the bytes that came.

import { CR, LF } from "../ascii.ts";
import { afterLastLf } from "../bytes.ts";
import { type Defect, NO_DEFECTS } from "../defect.ts";
import { WireError } from "../error.ts";
import { ChunkLine, LINE_NEEDED, LINE_WHOLE } from "./chunk-line.ts";
import { FieldLines, STRICT } from "./field-lines.ts";
import type { Fields } from "./fields.ts";
import type { Input } from "./input.ts";
import type { Http1Limits } from "./limits.ts";
import { forbiddenTrailer } from "./trailers.ts";

/** What next() found; the span is the input's bytes up to `spanEnd`. */
export const MORE_NEEDED = 0;
export const CHUNK_DATA = 1;
export const CHUNK_LINES = 2;
export const TRAILER_SECTION = 3;
export const CHUNKS_DONE = 4;
export type Chunked =
  | typeof MORE_NEEDED
  | typeof CHUNK_DATA
  | typeof CHUNK_LINES
  | typeof TRAILER_SECTION
  | typeof CHUNKS_DONE;

const IN_LINE = 0;
const IN_DATA = 1;
const AFTER_DATA = 2;
const IN_TRAILERS = 3;
const AT_TRAILERS = 4;
const DONE = 5;
type State =
  | typeof IN_LINE
  | typeof IN_DATA
  | typeof AFTER_DATA
  | typeof IN_TRAILERS
  | typeof AT_TRAILERS
  | typeof DONE;

/** Reads the chunked content of one message after the other. */
export class ChunkedContent {
  spanEnd = 0;
  /** With TRAILER_SECTION; null when it is empty. */
  trailers: Fields | null = null;
  trailerDefects: readonly Defect[] = NO_DEFECTS;

  readonly #input: Input;
  readonly #limits: Http1Limits;
  readonly #line: ChunkLine;
  #section: FieldLines | null = null;
  #state: State = IN_LINE;
  #left = 0; // bytes of the chunk still to come
  #lastLine = 0; // unread bytes of the last chunk's line
  #lines = 0; // unread bytes, behind that line, that have been read as trailers
  #searched = 0; // those known to have no line end
  #trailersEnd = 0;

  constructor(input: Input, limits: Http1Limits) {
    this.#input = input;
    this.#limits = limits;
    this.#line = new ChunkLine(limits.chunkExtensionBytes);
  }

  /** A message's content begins. */
  begin(): void {
    this.#line.reset();
    this.#state = IN_LINE;
    this.trailers = null;
    this.trailerDefects = NO_DEFECTS;
  }

  /** Throws WireError, its offset counted from the message's start. */
  next(): Chunked {
    switch (this.#state) {
      case IN_LINE:
        return this.#readLine();
      case IN_DATA:
        return this.#left === 0 ? this.#afterData() : this.#data();
      case AFTER_DATA:
        return this.#afterData();
      case IN_TRAILERS:
        return this.#readTrailers();
      case AT_TRAILERS:
        return this.#found(TRAILER_SECTION, this.#trailersEnd, DONE);
      case DONE:
        return CHUNKS_DONE;
    }
  }

  #found(what: Chunked, spanEnd: number, state: State): Chunked {
    this.#state = state;
    this.spanEnd = spanEnd;
    return what;
  }

  #readLine(): Chunked {
    const input = this.#input;
    const line = this.#line;
    do {
      const state = line.read(input.buf, input.start, input.end);
      if (state === LINE_WHOLE) return line.size === 0 ? this.#lastChunk() : this.#chunk();
      if (state !== LINE_NEEDED) throw line.error(input.start - input.offset);
    } while (input.more());
    return MORE_NEEDED;
  }

  #chunk(): Chunked {
    this.#line.take();
    this.#left = this.#line.size;
    return this.#found(CHUNK_LINES, this.#line.end, IN_DATA);
  }

  #data(): Chunked {
    const input = this.#input;
    if (input.size === 0 && !input.more()) return MORE_NEEDED;
    const length = Math.min(input.size, this.#left);
    this.#left -= length;
    return this.#found(CHUNK_DATA, input.start + length, IN_DATA);
  }

  /** The CRLF behind a chunk, with the next line if that is here already: one span instead of two. */
  #afterData(): Chunked {
    const input = this.#input;
    this.#state = AFTER_DATA;
    do {
      const { buf, start, end } = input;
      if (end > start && buf[start] !== CR) throw new WireError("chunk-end-missing", input.offset);
      if (end > start + 1) {
        if (buf[start + 1] !== LF) throw new WireError("chunk-end-missing", input.offset);
        const line = this.#line;
        if (line.read(buf, start + 2, end) === LINE_WHOLE) {
          if (line.size > 0) return this.#chunk();
          if (emptyLineAt(buf, line.end, end)) return this.#lastChunk();
        }
        return this.#found(CHUNK_LINES, start + 2, IN_LINE);
      }
    } while (input.more());
    return MORE_NEEDED;
  }

  /** The last chunk's line is held back until its trailers are whole and valid: it would complete a bad message. */
  #lastChunk(): Chunked {
    this.#lastLine = this.#line.end - this.#input.start;
    this.#lines = 0;
    this.#searched = 0;
    this.#state = IN_TRAILERS;
    return this.#readTrailers();
  }

  #readTrailers(): Chunked {
    const input = this.#input;
    do {
      const { buf, start, end } = input;
      const from = start + this.#lastLine;
      if (emptyLineAt(buf, from, end)) return this.#takeTrailers(from, null);
      const most = from + this.#limits.trailerBytes;
      const stop = Math.min(end, most);
      const lines = afterLastLf(buf, from + this.#searched, stop);
      if (lines >= 0) {
        const section = this.#trailerLines();
        const empty = section.scan(buf, start - input.offset, from + this.#lines, lines);
        if (empty >= 0) return this.#takeTrailers(empty, section);
        this.#lines = lines - from;
      }
      this.#searched = stop - from;
      if (stop === most) throw new WireError("trailers-too-large", input.offset + this.#lastLine);
    } while (input.more());
    return MORE_NEEDED;
  }

  #trailerLines(): FieldLines {
    this.#section ??= new FieldLines(STRICT, this.#limits.fieldCount);
    if (this.#lines === 0) this.#section.reset();
    return this.#section;
  }

  #takeTrailers(empty: number, section: FieldLines | null): Chunked {
    const input = this.#input;
    if (section !== null) {
      this.trailers = section.fields(input.buf, input.start - input.offset, empty);
      if (forbiddenTrailer(this.trailers)) this.trailerDefects = TRAILER_FORBIDDEN;
    }
    this.#trailersEnd = empty + 2;
    return this.#found(CHUNK_LINES, input.start + this.#lastLine, AT_TRAILERS);
  }
}

const TRAILER_FORBIDDEN: readonly Defect[] = ["trailer-forbidden"];

function emptyLineAt(buf: Buffer, at: number, end: number): boolean {
  return end >= at + 2 && buf[at] === CR && buf[at + 1] === LF;
}
