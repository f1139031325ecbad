// Plays bytes through an Http1Reader, cut as asked, and writes down what it said: one line an event, so that two plays
// can be compared and a corpus can show them. Adjacent CONTENT or FRAMING is one line: how much of it comes at once is
// the socket's affair.

import assert from "node:assert/strict";
import { limitsWith } from "../../src/config/limits.ts";
import { cleanHead } from "../../src/wire/http1/clean.ts";
import { CHUNKED, CLOSE, type Framing, LENGTH, NONE, TUNNEL } from "../../src/wire/http1/framing.ts";
import { type Head, RequestHead, type Role } from "../../src/wire/http1/head.ts";
import type { Http1Limits, Leniency } from "../../src/wire/http1/limits.ts";
import {
  CONTENT,
  END,
  type EventCode,
  FAULT,
  FRAMING,
  HEAD,
  Http1Reader,
  NEED,
  TRAILERS,
} from "../../src/wire/http1/reader.ts";

export interface ReplayOptions {
  readonly role: Role;
  /** Role response: the methods of the requests answered, in order. */
  readonly methods?: readonly string[];
  readonly eof?: boolean;
  readonly limits?: Partial<Http1Limits>;
  readonly leniency?: Leniency;
}

export interface Replayed {
  /** One line an event. */
  readonly events: string[];
  /** The clean form of every head that must not go on as it came. */
  readonly clean: string[];
}

/** Plays the pieces in order, taking every event as soon as it is there. */
export function replay(pieces: readonly Buffer[], options: ReplayOptions): Replayed {
  const reader = new Http1Reader(options.role, limitsWith(options.limits), options.leniency);
  for (const method of options.methods ?? []) reader.expect(method);
  const log = new EventLog(reader, Buffer.concat(pieces));
  for (const piece of pieces) {
    reader.push(piece);
    if (!log.drain()) return log;
  }
  if (options.eof) {
    reader.eof();
    if (!log.drain()) return log;
  }
  log.rest();
  return log;
}

class EventLog implements Replayed {
  readonly events: string[] = [];
  readonly clean: string[] = [];
  readonly #reader: Http1Reader;
  readonly #stream: Buffer;
  #last: EventCode = NEED;
  #bytes = "";
  #reached = 0;

  constructor(reader: Http1Reader, stream: Buffer) {
    this.#reader = reader;
    this.#stream = stream;
  }

  /** Takes events until NEED; false after a fault. */
  drain(): boolean {
    for (;;) {
      const event = this.#reader.next();
      if (event === NEED) return true;
      this.#take(event);
      if (event === FAULT) return false;
    }
  }

  rest(): void {
    const { framing, buffered } = this.#reader;
    if (this.#last === END && framing.kind === TUNNEL) {
      this.#line(`REST ${JSON.stringify(this.#reader.takeRest().toString("latin1"))}`);
    } else if (buffered > 0) this.#line(`WAIT with ${buffered} bytes`);
    else if (this.#last !== END) this.#line("WAIT");
  }

  #take(event: EventCode): void {
    const reader = this.#reader;
    if (event === HEAD || event === CONTENT || event === FRAMING || event === TRAILERS) this.#checkSpan(event);
    const goesOn = event === this.#last && (event === CONTENT || event === FRAMING);
    this.#last = event;
    this.#bytes = (goesOn ? this.#bytes : "") + reader.buf.toString("latin1", reader.start, reader.end);
    if (goesOn) this.events.pop();
    switch (event) {
      case HEAD:
        return this.#head(reader.head, reader.framing);
      case CONTENT:
        return this.#line(`CONTENT ${JSON.stringify(this.#bytes)}`);
      case FRAMING:
        return this.#line(`FRAMING ${JSON.stringify(this.#bytes)}`);
      case TRAILERS:
        this.#line(["TRAILERS", ...reader.trailerDefects].join(" "));
        for (const [name, value] of reader.trailers?.pairs() ?? []) this.#line(`  ${name}: ${show(value)}`);
        return;
      case END:
        return this.#line("END");
      case FAULT: {
        const fault = reader.fault;
        assert.ok(fault !== null);
        return this.#line(`FAULT ${fault.code} at ${fault.offset}`);
      }
    }
  }

  #head(head: Head, framing: Framing): void {
    const version = head.version === 10 ? "1.0" : "1.1";
    const start =
      head instanceof RequestHead
        ? `${head.method} ${show(head.target)} ${version}`
        : `${version} ${head.status} ${show(head.reason)}`;
    this.#line(["HEAD", start, "|", framingText(framing), ...head.defects.map(defect => `! ${defect}`)].join(" "));
    for (const [name, value] of head.fields.pairs()) this.#line(`  ${name}: ${show(value)}`.trimEnd());
    const clean = cleanHead(head);
    if (clean !== head) this.clean.push(clean.buf.toString("latin1", clean.start, clean.end));
  }

  /** Every span is where it should be in the stream, and nothing but empty lines before a head is left out. */
  #checkSpan(event: EventCode): void {
    const { buf, start, end, position } = this.#reader;
    const from = position - (end - start);
    const skipped = this.#stream.toString("latin1", this.#reached, from);
    assert.match(skipped, event === HEAD ? /^(?:\r\n)*$/ : /^$/, "bytes were lost");
    assert.equal(buf.toString("latin1", start, end), this.#stream.toString("latin1", from, position));
    this.#reached = position;
  }

  #line(text: string): void {
    this.events.push(text);
  }
}

function framingText(framing: Framing): string {
  switch (framing.kind) {
    case NONE:
      return "no content";
    case LENGTH:
      return `length ${framing.length}`;
    case CHUNKED:
      return "chunked";
    case CLOSE:
      return "until close";
    case TUNNEL:
      return "tunnel";
  }
}

/** As it is when it is plain, else as JSON: no invisible bytes in a golden file. Long runs are cut. */
function show(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 20)}...(${text.length})` : text;
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$|^$/.test(short) ? short : JSON.stringify(short);
}

/** Every way to feed the bytes that could matter: whole, in pieces of each size, and in two at each place. */
export function* cuts(bytes: Buffer): Generator<Buffer[]> {
  for (let size = 1; size < bytes.length; size++) yield pieces(bytes, size);
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** The bytes in pieces of that size. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}
