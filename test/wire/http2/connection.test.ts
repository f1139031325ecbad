// The cases of RFC 9113, each whole and cut at every place; what any bytes may do; and flow control.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { limitsWith } from "../../../src/config/limits.ts";
import { FLOW_CONTROL_ERROR } from "../../../src/wire/http2/codes.ts";
import { Http2Connection } from "../../../src/wire/http2/connection.ts";
import { DATA, FAULT, HEADERS, NEED } from "../../../src/wire/http2/streams.ts";
import { cuts, pieces } from "../../support/http1-replay.ts";
import {
  data,
  FrameLog,
  frame,
  GET,
  headers,
  opening,
  POST,
  settings,
  windowUpdate,
} from "../../support/http2-frames.ts";
import { type Http2ReplayOptions, replayHttp2 } from "../../support/http2-replay.ts";
import { CASES, type Http2Case } from "./cases.ts";

/** Beyond this a case is cut by sizes only. */
const CUT_BYTES_MAX = 700;

function optionsOf(item: Http2Case): Http2ReplayOptions {
  const { limits, onEvent } = item;
  return {
    role: item.client ? "client" : "server",
    ...(limits && { limits }),
    ...(onEvent && { onEvent }),
    ...(item.client && {
      before: (connection: Http2Connection) => {
        const method = item.head ? "HEAD" : "GET";
        const fields = GET.map(([name, value]) => ({ name, value: name === ":method" ? method : value }));
        connection.openStream(fields, true, item.head === true);
      },
    }),
  };
}

describe("RFC 9113", () => {
  for (const item of CASES) {
    it(item.name, () => {
      const bytes = Buffer.concat(item.bytes);
      const whole = replayHttp2([bytes], optionsOf(item));
      if (item.events !== undefined) assert.deepEqual(whole.events, item.events);
      if (item.ends !== undefined) assert.equal(whole.events.at(-1), item.ends);
      if (item.answers !== undefined) assert.deepEqual(whole.answers, item.answers);
      const [, code] = /^FAULT (.*)$/.exec(whole.events.at(-1) ?? "") ?? [];
      if (code !== undefined) assert.match(whole.answers.at(-1) ?? "", new RegExp(`^GOAWAY \\d+ ${code}$`));
      const ways =
        bytes.length <= CUT_BYTES_MAX ? cuts(bytes) : [1, 2, 7, 9, 10, 100, 1000].map(size => pieces(bytes, size));
      for (const way of ways) {
        const cut = replayHttp2(way, optionsOf(item));
        assert.deepEqual(cut.events, whole.events);
        assert.deepEqual(cut.answers, whole.answers);
      }
    });
  }
});

describe("any bytes", () => {
  const good = [
    headers(1, GET),
    headers(3, POST, true),
    data(3, "hello", true),
    data(3, ""),
    headers(5, GET),
    settings([4, 1000]),
    windowUpdate(0, 100),
    frame(6, 0, 0, "12345678"),
    frame(1, 0, 7, ""),
    frame(9, 4, 7, ""),
  ];
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...good) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(11), fc.nat(255), fc.nat(9), fc.uint8Array({ maxLength: 40 }))
        .map(([type, flags, id, payload]) => frame(type, flags, id, Buffer.from(payload))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes)) },
  );

  it("are events or a fault, and the same however they are cut", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<"server" | "client">("server", "client"),
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        (role, parts, size) => {
          const bytes = Buffer.concat([role === "server" ? opening : settings(), ...parts]);
          const whole = replayHttp2([bytes], { role });
          assert.deepEqual(replayHttp2(pieces(bytes, size), { role }), whole);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe("flow control", () => {
  const windows = { h2StreamWindowBytes: 65_535, h2WindowBytes: 100_000 };

  function server(...bytes: Buffer[]): { connection: Http2Connection; events: number[] } {
    const connection = new Http2Connection("server", { ...limitsWith(), ...windows });
    connection.out.take();
    return { connection, events: play(connection, ...bytes) };
  }

  function play(connection: Http2Connection, ...bytes: Buffer[]): number[] {
    const events: number[] = [];
    connection.push(Buffer.concat(bytes), 0);
    for (let event = connection.next(); event !== NEED; event = connection.next()) {
      events.push(event);
      if (event === FAULT) break;
    }
    return events;
  }

  function said(connection: Http2Connection, maxBytes = 1 << 20): string[] {
    const log = new FrameLog();
    connection.pump(maxBytes);
    return log.push(Buffer.concat(connection.out.take())).map(seen => log.describe(seen));
  }

  const block16 = Buffer.alloc(16_384);

  it("a stream that sends more than its window is reset, the others go on", () => {
    const { connection, events } = server(
      opening,
      headers(1, POST, true),
      ...Array.from({ length: 5 }, () => data(1, block16, true)),
      headers(3, GET),
    );
    assert.equal(events.at(-2), HEADERS);
    assert.ok(said(connection).includes("RST_STREAM 1 FLOW_CONTROL_ERROR"));
    assert.equal(connection.fault, null);
  });

  it("streams that together send more than the connection's window end it", () => {
    const { connection } = server(
      opening,
      headers(1, POST, true),
      headers(3, POST, true),
      ...Array.from({ length: 3 }, () => data(1, block16, true)),
      ...Array.from({ length: 4 }, () => data(3, block16, true)),
    );
    assert.equal(connection.fault?.code, FLOW_CONTROL_ERROR);
  });

  it("what is consumed is given back, in portions", () => {
    const { connection } = server(
      opening,
      headers(1, POST, true),
      data(1, block16, true),
      data(1, block16, true),
      data(1, block16, true),
      data(1, block16.subarray(0, 1000), true),
    );
    const { stream } = connection;
    connection.consumed(stream, 20_000);
    assert.deepEqual(said(connection), ["SETTINGS ACK"]);
    connection.consumed(stream, 20_000);
    assert.deepEqual(said(connection), ["WINDOW_UPDATE 1 40000"]);
    connection.consumed(stream, 10_152);
    assert.deepEqual(said(connection), ["WINDOW_UPDATE 0 50152"]);
    connection.consumed(stream, 1 << 20);
    assert.deepEqual(said(connection), [], "no more than came");
  });

  it("what came for a stream that is closed is given back to the connection", () => {
    const { connection } = server(
      opening,
      headers(1, POST, true),
      ...Array.from({ length: 3 }, () => data(1, block16, true)),
    );
    connection.reset(connection.stream, 8);
    play(connection, data(1, block16, true));
    assert.deepEqual(said(connection), ["SETTINGS ACK", "RST_STREAM 1 CANCEL", "WINDOW_UPDATE 0 65536"]);
  });

  it("content waits for the peer's windows, stream by stream, and ends behind itself", () => {
    const { connection } = server(opening, settings([4, 10]), headers(1, GET), headers(3, GET));
    const [one, three] = [...connection.streams.values()];
    const content = Buffer.from("x".repeat(25));
    for (const stream of [one, three]) {
      connection.sendHeaders(stream, [{ name: ":status", value: "200" }], false);
      connection.sendData(stream, content, 0, 25);
    }
    connection.sendEnd(one, null);
    connection.sendEnd(three, [{ name: "x-sum", value: "1" }]);
    assert.deepEqual(said(connection).slice(2), ["HEADERS 1", "HEADERS 3", "DATA 1 10 bytes", "DATA 3 10 bytes"]);
    play(connection, windowUpdate(3, 20));
    assert.deepEqual(said(connection), ["DATA 3 15 bytes", "HEADERS 3 END"]);
    play(connection, settings([4, 3]));
    assert.deepEqual(said(connection), ["SETTINGS ACK"]);
    play(connection, settings([4, 100]));
    assert.deepEqual(said(connection), ["SETTINGS ACK", "DATA 1 END 15 bytes"]);
    assert.equal(connection.streams.size, 0);
  });

  it("streams take turns", () => {
    const { connection } = server(
      opening,
      windowUpdate(0, 1 << 20),
      settings([4, 1 << 20]),
      headers(1, GET),
      headers(3, GET),
    );
    for (const stream of connection.streams.values()) connection.sendData(stream, Buffer.alloc(40_000), 0, 40_000);
    assert.deepEqual(
      said(connection).filter(text => text.startsWith("DATA")),
      [
        "DATA 1 16384 bytes",
        "DATA 3 16384 bytes",
        "DATA 1 16384 bytes",
        "DATA 3 16384 bytes",
        "DATA 1 7232 bytes",
        "DATA 3 7232 bytes",
      ],
    );
  });

  it("with the connection's window at zero, a stream that has only an end to say still ends", () => {
    const { connection } = server(opening, settings([4, 1 << 20]), headers(1, GET), headers(3, GET));
    const [one, three] = [...connection.streams.values()];
    connection.sendData(one, Buffer.alloc(80_000), 0, 80_000);
    said(connection);
    assert.equal(connection.canSend, false);
    connection.sendEnd(three, null);
    assert.equal(connection.canSend, true);
    assert.deepEqual(said(connection), ["DATA 3 END 0 bytes"]);
    play(connection, windowUpdate(0, 100_000));
    assert.deepEqual(said(connection), ["DATA 1 14465 bytes"]);
  });

  it("time forgives", () => {
    const connection = new Http2Connection("server", { ...limitsWith(), h2IdleFrames: 10, h2IdleFramesPerSecond: 5 });
    const pings = (count: number, nowMs: number) => {
      connection.push(Buffer.concat(Array.from({ length: count }, () => frame(6, 0, 0, "12345678"))), nowMs);
      return connection.next();
    };
    play(connection, opening);
    assert.equal(pings(10, 0), NEED);
    assert.equal(pings(5, 1000), NEED);
    assert.equal(pings(6, 2000), FAULT);
  });

  it("never hands out DATA of a stream that the caller has reset", () => {
    const connection = new Http2Connection("server", limitsWith());
    connection.push(Buffer.concat([opening, headers(1, POST, true), data(1, "a", true), data(1, "b", true)]), 0);
    const seen: number[] = [];
    for (let event = connection.next(); event !== NEED; event = connection.next()) {
      seen.push(event);
      if (event === DATA) connection.reset(connection.stream, 8);
    }
    assert.deepEqual(seen, [HEADERS, DATA]);
  });
});
