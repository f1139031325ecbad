// What must hold for any bytes at all: the reader says events or a fault and never throws, how the bytes were cut never
// changes what it says, every byte is accounted for (the replay checks that), and a clean head is clean.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { limitsWith } from "../../../src/config/limits.ts";
import { WireError } from "../../../src/wire/error.ts";
import { cleanHead } from "../../../src/wire/http1/clean.ts";
import { requestFraming, responseFraming } from "../../../src/wire/http1/framing.ts";
import { RequestHead, type ResponseHead, type Role } from "../../../src/wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../../../src/wire/http1/head-parser.ts";
import { END, FAULT, HEAD, Http1Reader, NEED } from "../../../src/wire/http1/reader.ts";
import { almostHttp, anyBytes } from "../../support/http1-mutate.ts";
import { type ReplayOptions, replay } from "../../support/http1-replay.ts";

const RUNS = { numRuns: 2_000 };
const roles = fc.constantFrom<Role>("request", "response");

/** Small ones, so that they are met. */
const limits = fc.constantFrom(
  {},
  { headBytes: 40 },
  { fieldCount: 2 },
  { chunkExtensionBytes: 4 },
  { trailerBytes: 8 },
);

const options: fc.Arbitrary<ReplayOptions> = fc.record({
  role: roles,
  methods: fc.constantFrom(["GET"], ["HEAD", "GET"], ["CONNECT"], []),
  eof: fc.boolean(),
  limits,
  leniency: fc.record({ obsFoldInRequests: fc.boolean() }),
});

const streams = fc.oneof(anyBytes, almostHttp("request"), almostHttp("response"));

describe("for any bytes", () => {
  it("splits never change events", () => {
    const cut = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(streams, options, cut, (bytes, how, sizes) => {
        assert.deepEqual(replay(cutInto(bytes, sizes), how).events, replay([bytes], how).events);
      }),
      RUNS,
    );
  });

  it("bytes pushed before they are asked for make no difference either", () => {
    fc.assert(
      fc.property(streams, options, (bytes, how) => {
        const reader = new Http1Reader(how.role, limitsWith(how.limits), how.leniency);
        for (const piece of cutInto(bytes, [1, 2, 3])) reader.push(piece);
        const whole = new Http1Reader(how.role, limitsWith(how.limits), how.leniency);
        if (bytes.length > 0) whole.push(bytes);
        assert.deepEqual(kinds(reader), kinds(whole));
      }),
      RUNS,
    );
  });

  it("a head parses or throws WireError", () => {
    fc.assert(
      fc.property(streams, roles, (bytes, role) => {
        try {
          if (role === "request") requestFraming(parseRequestHead(bytes, 0, bytes.length, limitsWith()));
          else responseFraming(parseResponseHead(bytes, 0, bytes.length, limitsWith()), "GET");
        } catch (error) {
          assert.ok(error instanceof WireError, String(error));
          assert.ok(error.offset >= 0 && error.offset <= bytes.length);
        }
      }),
      RUNS,
    );
  });

  it("a clean head has no defects and frames as the one it was made from", () => {
    fc.assert(
      fc.property(streams, options, (bytes, how) => {
        for (const head of heads(bytes, how)) {
          const clean = cleanHead(head);
          const said = clean.buf.toString("latin1", clean.start, clean.end);
          if (clean !== head) assert.doesNotMatch(said, /[^\r]\n|\r[^\n]|\n[ \t]|^[^:\r]*[ \t]:/m);
          const before = framingOf(head);
          const after = framingOf(clean);
          assert.deepEqual([after.kind, after.length], [before.kind, before.length]);
          if (clean !== head) assert.deepEqual([...clean.defects, ...after.defects], []);
        }
      }),
      RUNS,
    );
  });
});

function cutInto(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** Which bytes came as what, joined by kind. */
function kinds(reader: Http1Reader): string[] {
  const said: string[] = [];
  let last = NEED as number;
  for (;;) {
    const event = reader.next();
    if (event === NEED) return [...said, String(reader.buffered)];
    if (event === FAULT) return [...said, String(reader.fault?.code), String(reader.fault?.offset)];
    const text = event === END ? "" : reader.buf.toString("latin1", reader.start, reader.end);
    if (event === last) said[said.length - 1] += text;
    else said.push(`${event} ${text}`);
    last = event;
  }
}

function heads(bytes: Buffer, how: ReplayOptions): (RequestHead | ResponseHead)[] {
  const reader = new Http1Reader(how.role, limitsWith(how.limits), how.leniency);
  if (bytes.length > 0) reader.push(bytes);
  const found: (RequestHead | ResponseHead)[] = [];
  for (;;) {
    const event = reader.next();
    if (event === NEED || event === FAULT) return found;
    if (event === HEAD) found.push(reader.head);
  }
}

function framingOf(head: RequestHead | ResponseHead) {
  return head instanceof RequestHead ? requestFraming(head) : responseFraming(head, "GET");
}
