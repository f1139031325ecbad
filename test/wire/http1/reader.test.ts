// The reader beside its events: what it tells of itself, whose bytes it hands out, and what it costs.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitsWith } from "../../../src/config/limits.ts";
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
} from "../../../src/wire/http1/reader.ts";
import { pieces } from "../../support/http1-replay.ts";

const GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const POST = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
const CHUNKED = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

function reader(...chunks: string[]): Http1Reader<"request"> {
  const made = new Http1Reader("request", limitsWith());
  for (const chunk of chunks) made.push(Buffer.from(chunk, "latin1"));
  return made;
}

function take(from: Http1Reader, ...events: EventCode[]): void {
  for (const event of events) assert.equal(from.next(), event);
}

function span(from: Http1Reader): string {
  return from.buf.toString("latin1", from.start, from.end);
}

describe("Http1Reader", () => {
  it("hands out the pushed buffer itself, not a copy", () => {
    const chunk = Buffer.from(`${POST}hello`);
    const from = new Http1Reader("request", limitsWith());
    from.push(chunk);
    take(from, HEAD);
    assert.equal(from.buf, chunk);
    assert.equal(from.head.buf, chunk);
    take(from, CONTENT);
    assert.equal(from.buf, chunk);
    assert.equal(span(from), "hello");
    take(from, END, NEED);
  });

  it("hands out content by reference however it was cut", () => {
    const from = reader(POST.replace("5", "100000"));
    take(from, HEAD, NEED);
    const chunk = Buffer.alloc(65_536);
    from.push(chunk);
    take(from, CONTENT);
    assert.equal(from.buf, chunk);
    assert.equal(from.end - from.start, chunk.length);
  });

  it("joins no more than it needs of a long push", () => {
    const from = reader(CHUNKED, "f");
    take(from, HEAD, NEED);
    const chunk = Buffer.concat([Buffer.from("000\r\n"), Buffer.alloc(0xf000), Buffer.from("\r\n0\r\n\r\n")]);
    from.push(chunk);
    take(from, FRAMING, CONTENT);
    assert.ok(from.end - from.start < 4200, "the first content stands with what was joined");
    take(from, CONTENT);
    assert.equal(from.buf.buffer, chunk.buffer, "the rest is the pushed buffer's own memory");
    take(from, FRAMING, TRAILERS, END);
  });

  it("never changes bytes that it handed out", () => {
    const from = reader();
    const handed: { buf: Buffer; start: number; end: number; text: string }[] = [];
    for (const piece of pieces(Buffer.from(`${CHUNKED}5\r\nhello\r\n0\r\nX: y\r\n\r\n`.repeat(50)), 3)) {
      from.push(piece);
      while (from.next() !== NEED) handed.push({ buf: from.buf, start: from.start, end: from.end, text: span(from) });
    }
    for (const { buf, start, end, text } of handed) assert.equal(buf.toString("latin1", start, end), text);
  });

  it("tells where in the stream it is", () => {
    const from = reader(`\r\n${POST}hello${GET}`);
    take(from, HEAD);
    assert.equal(from.position, 2 + POST.length);
    take(from, CONTENT, END);
    assert.equal(from.position, 2 + POST.length + 5);
    assert.equal(from.buffered, GET.length);
    take(from, HEAD, END);
    assert.equal(from.buffered, 0);
  });

  it("tells whether a message has begun", () => {
    const from = reader();
    assert.equal(from.messageStarted, false);
    from.push(Buffer.from("\r\n"));
    take(from, NEED);
    assert.equal(from.messageStarted, false, "an empty line belongs to no message");
    from.push(Buffer.from("G"));
    take(from, NEED);
    assert.equal(from.messageStarted, true);
    from.push(Buffer.from(`${POST.slice(1)}he`));
    take(from, HEAD);
    assert.equal(from.messageStarted, false);
    take(from, CONTENT, NEED);
    from.push(Buffer.from("lloG"));
    take(from, CONTENT, END);
    assert.equal(from.messageStarted, true, "a byte of the next one is here");
  });

  it("gives the rest to whoever goes on", () => {
    const from = reader("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03", "\x01");
    take(from, HEAD, END);
    assert.equal(from.buffered, 3);
    assert.equal(from.takeRest().toString("latin1"), "\x16\x03\x01");
    take(from, NEED);
    assert.throws(() => from.push(Buffer.from("x")));
  });

  it("shows the unread bytes with a fault, and says it again", () => {
    const from = reader("G@T / HTTP/1.1\r\n");
    take(from, FAULT);
    assert.equal(span(from), "G@T / HTTP/1.1\r\n");
    assert.equal(from.fault?.code, "method-illegal");
    assert.equal(from.fault?.offset, 1);
    assert.equal(from.fault?.status, 400);
    from.push(Buffer.from(GET));
    take(from, FAULT);
  });

  it("counts the offset of a fault from its message", () => {
    const from = reader(`${GET}${CHUNKED}5\r\nhello!`);
    take(from, HEAD, END, HEAD, FRAMING, CONTENT, FAULT);
    assert.equal(from.fault?.offset, CHUNKED.length + 8);
  });

  it("takes messages that follow each other without end", () => {
    const from = reader();
    const chunk = Buffer.from(GET.repeat(10));
    for (let i = 0; i < 1000; i++) {
      from.push(chunk);
      for (let k = 0; k < 10; k++) take(from, HEAD, END);
      take(from, NEED);
    }
    assert.equal(from.position, GET.length * 10_000);
  });

  it("keeps apart the answers to HEAD and GET that were asked for in a row", () => {
    const from = new Http1Reader("response", limitsWith());
    from.expect("HEAD");
    from.expect("GET");
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    from.push(Buffer.from(`${answer}${answer}hi`));
    take(from, HEAD, END, HEAD, CONTENT, END);
  });

  it("refuses a target of 300 KB with 414 and a head of 300 KB with 431", () => {
    const long = reader(`GET /${"a".repeat(300_000)} HTTP/1.1\r\n`);
    take(long, FAULT);
    assert.equal(long.fault?.status, 414);
    const large = reader(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(300_000)}\r\n\r\n`);
    take(large, FAULT);
    assert.equal(large.fault?.status, 431);
  });

  it("takes a target of 64 KB and a head of 250 KB", () => {
    const from = reader(`GET /${"a".repeat(65_535)} HTTP/1.1\r\nHost: a\r\nX: ${"b".repeat(184_000)}\r\n\r\n`);
    take(from, HEAD, END);
    assert.equal(from.head.target.length, 65_536);
  });

  it("takes 1,000 fields and no more", () => {
    const fields = (count: number) => `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(count - 1)}\r\n`;
    take(reader(fields(1000)), HEAD, END);
    const from = reader(fields(1001));
    take(from, FAULT);
    assert.equal(from.fault?.code, "too-many-fields");
  });

  it("reads a byte at a time in a time that grows with the bytes, not with their square", () => {
    // 250 KB in one line: searched from its start at each byte it would take half a minute.
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(250_000)}\r\n\r\n`);
    const from = new Http1Reader("request", limitsWith());
    const begun = process.cpuUsage();
    for (let i = 0; i < head.length - 1; i++) {
      from.push(head.subarray(i, i + 1));
      take(from, NEED);
    }
    from.push(head.subarray(head.length - 1));
    take(from, HEAD, END);
    const { user, system } = process.cpuUsage(begun);
    assert.ok(user + system < 3_000_000, `${(user + system) / 1e6} s`);
  });
});
