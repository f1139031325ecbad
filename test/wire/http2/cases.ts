// Every rule of RFC 9113 §§3-8 that ends in a stream or connection error, as bytes and what becomes of them. Each case is
// played whole and cut at every place.

import type { Http2Connection } from "../../../src/wire/http2/connection.ts";
import type { Http2Limits } from "../../../src/wire/http2/limits.ts";
import {
  block,
  data,
  frame,
  GET,
  headers,
  opening,
  type Pairs,
  POST,
  preface,
  rst,
  settings,
  uint32,
  windowUpdate,
} from "../../support/http2-frames.ts";

export interface Http2Case {
  readonly name: string;
  /** Role client: what a server says to our GET on stream 1 (HEAD where `head`). */
  readonly client?: true;
  readonly head?: true;
  readonly bytes: readonly Buffer[];
  readonly events?: readonly string[];
  /** The last event, where the others do not matter. */
  readonly ends?: string;
  readonly answers?: readonly string[];
  readonly limits?: Partial<Http2Limits>;
  readonly onEvent?: (connection: Http2Connection, event: number) => void;
}

const fault = (code: string) => ({ ends: `FAULT ${code}` });
const many = (count: number, bytes: Buffer) => Array.from({ length: count }, () => bytes);
const without = (name: string): Pairs => GET.filter(([key]) => key !== name);
const withField = (name: string, value: string): Pairs => [...GET, [name, value]];
const replaced = (name: string, value: string): Pairs => GET.map(([key, old]) => [key, key === name ? value : old]);
const requestOf = (fields: Pairs) => fields.map(([name, value]) => `${name}=${value}`).join(" ");
const AFTER = headers(3, GET);
const LIVES_ON = [`HEADERS 3 ${requestOf(GET)}`, "END 3"];

/** A request that is reset, while the next one lives on. */
function malformed(section: string, defect: string, fields: Pairs): Http2Case {
  return {
    name: `${section}: ${defect}: ${fields.map(([name, value]) => `${name}: ${value}`).at(-1)}`,
    bytes: [opening, headers(1, fields), AFTER],
    events: [`MALFORMED 1 ${defect}`, ...LIVES_ON],
    answers: ["RST_STREAM 1 PROTOCOL_ERROR"],
  };
}

/** An answer that is reset. */
function badAnswer(section: string, end: string, bytes: readonly Buffer[], head?: true): Http2Case {
  return {
    name: `${section}, from a server`,
    client: true,
    bytes: [settings(), ...bytes],
    ends: end,
    ...(head && { head }),
  };
}

const ENDED_STREAM = [opening, headers(1, GET)];
/** Answers each request at once, so that its stream is closed. */
const answering = (connection: Http2Connection, event: number) => {
  if (event === 4) connection.sendHeaders(connection.stream, [{ name: ":status", value: "204" }], true);
};

export const CASES: readonly Http2Case[] = [
  // §3.4
  { name: "§3.4 no preface", bytes: [Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")], ...fault("PROTOCOL_ERROR") },
  { name: "§3.4 the first frame is not SETTINGS", bytes: [preface, headers(1, GET)], ...fault("PROTOCOL_ERROR") },
  { name: "§3.4 it is DATA", bytes: [preface, data(1, "x")], ...fault("PROTOCOL_ERROR") },
  { name: "§3.4 it is an acknowledgement", bytes: [preface, frame(4, 1, 0)], ...fault("PROTOCOL_ERROR") },
  // §4
  {
    name: "§4.1 the reserved bit is ignored",
    bytes: [opening, frame(6, 0, 2 ** 31, "12345678")],
    events: [],
    answers: ["PING ACK"],
  },
  { name: "§4.1 unknown frames are ignored", bytes: [opening, frame(0xbe, 0xff, 7, "?"), AFTER], events: LIVES_ON },
  {
    name: "§4.2 a frame too large",
    bytes: [opening, frame(0, 0, 1, Buffer.alloc(16_385))],
    ...fault("FRAME_SIZE_ERROR"),
  },
  { name: "§4.3 a broken section", bytes: [opening, frame(1, 5, 1, "\x80")], ...fault("COMPRESSION_ERROR") },
  // §5.1
  { name: "§5.1 DATA on an idle stream", bytes: [opening, data(1, "x")], ...fault("PROTOCOL_ERROR") },
  { name: "§5.1 RST_STREAM on an idle stream", bytes: [opening, rst(1, 8)], ...fault("PROTOCOL_ERROR") },
  { name: "§5.1 WINDOW_UPDATE on an idle stream", bytes: [opening, windowUpdate(1, 1)], ...fault("PROTOCOL_ERROR") },
  { name: "§5.1 CONTINUATION on an idle stream", bytes: [opening, frame(9, 4, 1)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§5.1 PRIORITY on an idle stream is no matter",
    bytes: [opening, frame(2, 0, 9, "\0\0\0\0\0"), AFTER],
    events: LIVES_ON,
  },
  {
    name: "§5.1 half-closed (remote): DATA",
    bytes: [...ENDED_STREAM, data(1, "x"), AFTER],
    events: [`HEADERS 1 ${requestOf(GET)}`, "END 1", "RESET 1 STREAM_CLOSED", ...LIVES_ON],
    answers: ["RST_STREAM 1 STREAM_CLOSED"],
  },
  {
    name: "§5.1 half-closed (remote): HEADERS",
    bytes: [...ENDED_STREAM, headers(1, GET)],
    ends: "RESET 1 STREAM_CLOSED",
  },
  {
    name: "§5.1 half-closed (remote): WINDOW_UPDATE and PRIORITY may come",
    bytes: [...ENDED_STREAM, windowUpdate(1, 9), frame(2, 0, 1, "\0\0\0\0\0")],
    ends: "END 1",
  },
  { name: "§5.1 closed: DATA", bytes: [...ENDED_STREAM, data(1, "x")], onEvent: answering, ...fault("STREAM_CLOSED") },
  {
    name: "§5.1 closed: HEADERS",
    bytes: [...ENDED_STREAM, headers(1, GET)],
    onEvent: answering,
    ...fault("STREAM_CLOSED"),
  },
  {
    name: "§5.1 closed: WINDOW_UPDATE and RST_STREAM may come",
    bytes: [...ENDED_STREAM, windowUpdate(1, 9), rst(1, 8)],
    onEvent: answering,
    ends: "END 1",
  },
  {
    name: "§5.1 closed by the peer's reset: DATA",
    bytes: [opening, headers(1, POST, true), rst(1, 8), data(1, "x")],
    ...fault("STREAM_CLOSED"),
  },
  {
    name: "§5.1 closed by our reset: what was on its way is ignored",
    bytes: [opening, headers(1, replaced(":path", "x"), true), data(1, "x", true), headers(1, [["a", "b"]]), AFTER],
    events: ["MALFORMED 1 h2-path-illegal", ...LIVES_ON],
  },
  { name: "§5.1.1 an even stream", bytes: [opening, headers(2, GET)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§5.1.1 a stream that was passed over",
    bytes: [opening, headers(5, GET), headers(3, GET)],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§5.1.2 more streams than allowed",
    limits: { h2Streams: 1 },
    bytes: [opening, headers(1, POST, true), headers(3, GET), data(1, "x")],
    events: [`HEADERS 1 ${requestOf(POST)}`, 'DATA 1 "x"', "END 1"],
    answers: ["RST_STREAM 3 REFUSED_STREAM"],
  },
  // §6.1
  { name: "§6.1 DATA on stream 0", bytes: [opening, data(0, "x")], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.1 padding as long as the frame",
    bytes: [opening, headers(1, POST, true), frame(0, 8, 1, "\x05abcd")],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.1 no pad length",
    bytes: [opening, headers(1, POST, true), frame(0, 8, 1)],
    ...fault("FRAME_SIZE_ERROR"),
  },
  {
    name: "§6.1 padding is taken off",
    bytes: [opening, headers(1, POST, true), frame(0, 9, 1, "\x03abc\0\0\0")],
    events: [`HEADERS 1 ${requestOf(POST)}`, 'DATA 1 "abc"', "END 1"],
  },
  // §6.2
  { name: "§6.2 HEADERS on stream 0", bytes: [opening, headers(0, GET)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.2 padding longer than the frame",
    bytes: [opening, frame(1, 0x0d, 1, "\x05abcd")],
    ...fault("PROTOCOL_ERROR"),
  },
  { name: "§6.2 no pad length", bytes: [opening, frame(1, 0x0d, 1)], ...fault("FRAME_SIZE_ERROR") },
  {
    name: "§6.2 no priority where it is announced",
    bytes: [opening, frame(1, 0x25, 1, "\0\0")],
    ...fault("FRAME_SIZE_ERROR"),
  },
  {
    name: "§6.2 priority and padding are taken off",
    bytes: [opening, frame(1, 0x2d, 3, Buffer.concat([Buffer.from([2, 0, 0, 0, 1, 9]), block(GET), Buffer.alloc(2)]))],
    events: LIVES_ON,
  },
  // §6.3 - §6.5
  { name: "§6.3 PRIORITY on stream 0", bytes: [opening, frame(2, 0, 0, "\0\0\0\0\0")], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.3 PRIORITY of 4 bytes",
    bytes: [opening, headers(1, POST, true), frame(2, 0, 1, "\0\0\0\0"), AFTER],
    events: [`HEADERS 1 ${requestOf(POST)}`, "RESET 1 FRAME_SIZE_ERROR", ...LIVES_ON],
  },
  { name: "§6.4 RST_STREAM on stream 0", bytes: [opening, rst(0, 8)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.4 RST_STREAM of 3 bytes",
    bytes: [opening, headers(1, POST, true), frame(3, 0, 1, "abc")],
    ...fault("FRAME_SIZE_ERROR"),
  },
  { name: "§6.4 a reset is told", bytes: [opening, headers(1, POST, true), rst(1, 8)], ends: "RESET 1 CANCEL by peer" },
  { name: "§6.5 SETTINGS on a stream", bytes: [opening, frame(4, 0, 1)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.5 an acknowledgement with content",
    bytes: [opening, frame(4, 1, 0, "abcdef")],
    ...fault("FRAME_SIZE_ERROR"),
  },
  { name: "§6.5 SETTINGS of 5 bytes", bytes: [opening, frame(4, 0, 0, "abcde")], ...fault("FRAME_SIZE_ERROR") },
  { name: "§6.5.2 ENABLE_PUSH of 2", bytes: [opening, settings([2, 2])], ...fault("PROTOCOL_ERROR") },
  { name: "§6.5.2 a window over 2^31-1", bytes: [opening, settings([4, 2 ** 31])], ...fault("FLOW_CONTROL_ERROR") },
  { name: "§6.5.2 a frame size too small", bytes: [opening, settings([5, 16_383])], ...fault("PROTOCOL_ERROR") },
  { name: "§6.5.2 a frame size too large", bytes: [opening, settings([5, 2 ** 24])], ...fault("PROTOCOL_ERROR") },
  { name: "§6.5.2 unknown settings are ignored", bytes: [opening, settings([99, 1]), AFTER], events: LIVES_ON },
  { name: "RFC 8441 §3 ENABLE_CONNECT_PROTOCOL of 2", bytes: [opening, settings([8, 2])], ...fault("PROTOCOL_ERROR") },
  // §6.6 - §6.8
  {
    name: "§8.4 a client that pushes",
    bytes: [opening, headers(1, POST, true), frame(5, 4, 1, "\0\0\0\x02")],
    ...fault("PROTOCOL_ERROR"),
  },
  { name: "§6.7 PING on a stream", bytes: [opening, frame(6, 0, 1, "12345678")], ...fault("PROTOCOL_ERROR") },
  { name: "§6.7 PING of 7 bytes", bytes: [opening, frame(6, 0, 0, "1234567")], ...fault("FRAME_SIZE_ERROR") },
  {
    name: "§6.7 a PING is answered, its answer is not",
    bytes: [opening, frame(6, 0, 0, "12345678"), frame(6, 1, 0, "12345678")],
    events: [],
    answers: ["PING ACK"],
  },
  { name: "§6.8 GOAWAY on a stream", bytes: [opening, frame(7, 0, 1, "12345678")], ...fault("PROTOCOL_ERROR") },
  { name: "§6.8 GOAWAY of 7 bytes", bytes: [opening, frame(7, 0, 0, "1234567")], ...fault("FRAME_SIZE_ERROR") },
  {
    name: "§6.8 GOAWAY is told",
    bytes: [opening, frame(7, 0, 0, "\0\0\0\x05\0\0\0\0why"), AFTER],
    events: ["GOAWAY 5 NO_ERROR", ...LIVES_ON],
  },
  // §6.9
  { name: "§6.9 WINDOW_UPDATE of 3 bytes", bytes: [opening, frame(8, 0, 0, "abc")], ...fault("FRAME_SIZE_ERROR") },
  { name: "§6.9 of nothing, on the connection", bytes: [opening, windowUpdate(0, 0)], ...fault("PROTOCOL_ERROR") },
  {
    name: "§6.9 of nothing, on a stream",
    bytes: [opening, headers(1, POST, true), windowUpdate(1, 0), AFTER],
    events: [`HEADERS 1 ${requestOf(POST)}`, "RESET 1 PROTOCOL_ERROR", ...LIVES_ON],
  },
  {
    name: "§6.9.1 the connection's window over 2^31-1",
    bytes: [opening, windowUpdate(0, 2 ** 31 - 1)],
    ...fault("FLOW_CONTROL_ERROR"),
  },
  {
    name: "§6.9.1 a stream's window over 2^31-1",
    bytes: [opening, headers(1, POST, true), windowUpdate(1, 2 ** 31 - 1), AFTER],
    events: [`HEADERS 1 ${requestOf(POST)}`, "RESET 1 FLOW_CONTROL_ERROR", ...LIVES_ON],
  },
  {
    name: "§6.9.2 a new initial window takes one over 2^31-1",
    bytes: [opening, headers(1, POST, true), windowUpdate(1, 2 ** 30), settings([4, 2 ** 31 - 1])],
    ...fault("FLOW_CONTROL_ERROR"),
  },
  // §6.10
  {
    name: "§6.10 CONTINUATION behind END_HEADERS",
    bytes: [...ENDED_STREAM, frame(9, 4, 1)],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 CONTINUATION on another stream",
    bytes: [opening, frame(1, 1, 1, block(GET)), frame(9, 4, 3)],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 CONTINUATION on stream 0",
    bytes: [opening, frame(1, 1, 1, block(GET)), frame(9, 4, 0)],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 another frame in between",
    bytes: [opening, frame(1, 1, 1, block(GET)), frame(6, 0, 0, "12345678")],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 an unknown frame in between",
    bytes: [opening, frame(1, 1, 1, block(GET)), frame(0xbe, 0, 1)],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 DATA in between",
    bytes: [opening, frame(1, 1, 1, block(GET)), data(1, "x")],
    ...fault("PROTOCOL_ERROR"),
  },
  {
    name: "§6.10 a section in three frames",
    bytes: [
      opening,
      frame(1, 1, 3, block(GET.slice(0, 2))),
      frame(9, 0, 3, block(GET.slice(2, 3))),
      frame(9, 4, 3, block(GET.slice(3))),
    ],
    events: LIVES_ON,
  },
  // §8.1
  {
    name: "§8.1 content and trailers",
    bytes: [opening, headers(1, POST, true), data(1, "ab", true), data(1, "c", true), headers(1, [["x-sum", "1"]])],
    events: [`HEADERS 1 ${requestOf(POST)}`, 'DATA 1 "abc"', "TRAILERS 1 x-sum=1", "END 1"],
  },
  {
    name: "§8.1 trailers that do not end",
    bytes: [opening, headers(1, POST, true), headers(1, [["a", "b"]], true)],
    ends: "RESET 1 PROTOCOL_ERROR h2-end-missing",
  },
  {
    name: "§8.1 pseudo-fields in trailers",
    bytes: [opening, headers(1, POST, true), headers(1, [[":path", "/"]])],
    ends: "RESET 1 PROTOCOL_ERROR h2-pseudo-unknown",
  },
  {
    name: "§8.1.1 less DATA than Content-Length",
    bytes: [opening, headers(1, [...POST, ["content-length", "3"]], true), data(1, "ab")],
    ends: "RESET 1 PROTOCOL_ERROR h2-content-length-wrong",
  },
  {
    name: "§8.1.1 more DATA than Content-Length",
    bytes: [opening, headers(1, [...POST, ["content-length", "3"]], true), data(1, "abcd")],
    ends: "RESET 1 PROTOCOL_ERROR h2-content-length-wrong",
  },
  {
    name: "§8.1.1 less, then trailers",
    bytes: [
      opening,
      headers(1, [...POST, ["content-length", "3"]], true),
      data(1, "ab", true),
      headers(1, [["a", "b"]]),
    ],
    ends: "RESET 1 PROTOCOL_ERROR h2-content-length-wrong",
  },
  malformed("§8.1.1", "h2-content-length-wrong", withField("content-length", "1")),
  malformed("§8.1.1", "h2-content-length-illegal", withField("content-length", "+1")),
  malformed("§8.1.1", "h2-content-length-illegal", withField("content-length", "1,1")),
  malformed("RFC 9110 §8.6", "h2-content-length-illegal", [
    ...withField("content-length", "0"),
    ["content-length", "0"],
  ]),
  // §8.2
  malformed("§8.2", "h2-name-illegal", withField("X-Upper", "1")),
  malformed("§8.2", "h2-name-illegal", withField("a b", "1")),
  malformed("§8.2", "h2-name-illegal", withField("", "1")),
  malformed("§8.2", "h2-name-illegal", withField("a:b", "1")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", "a\r\ntransfer-encoding: chunked")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", "a\rb")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", "a\nb")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", "a\0b")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", " a")),
  malformed("§8.2.1", "h2-value-illegal", withField("x", "a\t")),
  ...["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"].map(name =>
    malformed("§8.2.2", "h2-connection-field", withField(name, "close")),
  ),
  malformed("§8.2.2", "h2-te", withField("te", "gzip")),
  malformed("§8.2.2", "h2-te", withField("te", "trailers, gzip")),
  // §8.3
  ...[":method", ":scheme", ":path", ":authority"].map(name => malformed("§8.3.1", "h2-pseudo-missing", without(name))),
  ...GET.map(field => malformed("§8.3", "h2-pseudo-repeated", [...GET, field])),
  malformed("§8.3", "h2-pseudo-unknown", withField(":foo", "bar")),
  malformed("§8.3", "h2-pseudo-unknown", withField(":status", "200")),
  malformed("§8.3", "h2-pseudo-unknown", withField(":protocol", "websocket")),
  malformed("§8.3", "h2-pseudo-late", [...without(":path"), ["a", "b"], [":path", "/"]]),
  malformed("§8.3.1", "h2-method-illegal", replaced(":method", "GET / HTTP/1.1")),
  malformed("§8.3.1", "h2-method-illegal", replaced(":method", "")),
  malformed("§8.3.1", "h2-scheme-illegal", replaced(":scheme", "https://x/?")),
  malformed("§8.3.1", "h2-scheme-illegal", replaced(":scheme", "ftp")),
  malformed("§8.3.1", "h2-path-illegal", replaced(":path", "")),
  malformed("§8.3.1", "h2-path-illegal", replaced(":path", "a")),
  malformed("§8.3.1", "h2-path-illegal", replaced(":path", "/a b")),
  malformed("§8.3.1", "h2-path-illegal", replaced(":path", "*")),
  malformed("§8.3.1", "h2-authority-illegal", replaced(":authority", "u@a.test")),
  malformed("§8.3.1", "h2-authority-illegal", replaced(":authority", "a.test/x")),
  malformed("§8.3.1", "h2-authority-illegal", replaced(":authority", "")),
  malformed("§8.3.1", "h2-host-differs", withField("host", "b.test")),
  malformed("RFC 9112 §3.2", "h2-host-repeated", [...withField("host", "a.test"), ["host", "a.test"]]),
  malformed("§8.5", "h2-connect", replaced(":method", "CONNECT")),
  {
    name: "§8.3.1 Host alone names the host",
    bytes: [opening, headers(1, [...without(":authority"), ["host", "a.test"]])],
    ends: "END 1",
  },
  // §8, from servers
  badAnswer("§8.3.2 no status", "RESET 1 PROTOCOL_ERROR h2-pseudo-missing", [headers(1, [["a", "b"]])]),
  badAnswer("§8.3.2 a status that is none", "RESET 1 PROTOCOL_ERROR h2-status-illegal", [
    headers(1, [[":status", "20"]]),
  ]),
  badAnswer("§8.6 101", "RESET 1 PROTOCOL_ERROR h2-status-101", [headers(1, [[":status", "101"]], true)]),
  badAnswer("§8.1 DATA first", "RESET 1 PROTOCOL_ERROR h2-data-early", [data(1, "x")]),
  badAnswer("§8.1 DATA behind an interim answer", "RESET 1 PROTOCOL_ERROR h2-data-early", [
    headers(1, [[":status", "103"]], true),
    data(1, "x"),
  ]),
  badAnswer("§8.1 an interim answer that ends", "RESET 1 PROTOCOL_ERROR h2-end-missing", [
    headers(1, [[":status", "103"]]),
  ]),
  badAnswer("§8.1.1 less DATA than Content-Length", "RESET 1 PROTOCOL_ERROR h2-content-length-wrong", [
    headers(
      1,
      [
        [":status", "200"],
        ["content-length", "3"],
      ],
      true,
    ),
    data(1, "x"),
  ]),
  badAnswer(
    "§8.1.1 a HEAD has none",
    "END 1",
    [
      headers(1, [
        [":status", "200"],
        ["content-length", "3"],
      ]),
    ],
    true,
  ),
  badAnswer("§8.1.1 nor has a 304", "END 1", [
    headers(1, [
      [":status", "304"],
      ["content-length", "3"],
    ]),
  ]),
  badAnswer("§8.4 a push", "FAULT PROTOCOL_ERROR", [frame(5, 4, 1, "\0\0\0\x02")]),
  badAnswer("§5.1.1 a stream that we did not open", "FAULT PROTOCOL_ERROR", [headers(3, [[":status", "200"]])]),
  badAnswer("§5.1.1 a stream of the server's", "FAULT PROTOCOL_ERROR", [headers(2, [[":status", "200"]])]),
  badAnswer("§6.5.2 ENABLE_PUSH of 1", "FAULT PROTOCOL_ERROR", [settings([2, 1])]),
  badAnswer("interim answers, then the final one", "END 1", [
    headers(1, [[":status", "103"]], true),
    headers(1, [[":status", "200"]], true),
    data(1, "x"),
  ]),

  // floods
  {
    name: "CVE-2019-9512 pings",
    limits: { h2IdleFrames: 20 },
    bytes: [opening, ...many(30, frame(6, 0, 0, "12345678"))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2019-9515 settings",
    limits: { h2IdleFrames: 20 },
    bytes: [opening, ...many(30, settings())],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2019-9518 empty DATA",
    limits: { h2IdleFrames: 20 },
    bytes: [opening, headers(1, POST, true), ...many(30, data(1, "", true))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2019-9513 priorities",
    limits: { h2IdleFrames: 20 },
    bytes: [opening, ...many(30, frame(2, 0, 1, "\0\0\0\0\0"))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2023-44487 rapid reset",
    limits: { h2IdleFrames: 20 },
    bytes: [
      opening,
      ...Array.from({ length: 30 }, (_, i) => Buffer.concat([headers(1 + i * 2, GET), rst(1 + i * 2, 8)])),
    ],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2025-8671 resets that we are made to send",
    limits: { h2IdleFrames: 20 },
    bytes: [
      opening,
      ...Array.from({ length: 30 }, (_, i) =>
        Buffer.concat([headers(1 + i * 2, POST, true), windowUpdate(1 + i * 2, 0)]),
      ),
    ],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2024-27316 CONTINUATION without end",
    bytes: [opening, frame(1, 1, 1, block(GET)), ...many(70, frame(9, 0, 1, block([["a", "b"]])))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "CVE-2019-9516 empty CONTINUATION",
    bytes: [opening, frame(1, 1, 1), ...many(70, frame(9, 0, 1))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "a section too large, compressed",
    limits: { headBytes: 1000 },
    bytes: [opening, frame(1, 1, 1, Buffer.alloc(900)), frame(9, 0, 1, Buffer.alloc(900))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
  {
    name: "a section too large for its limit",
    limits: { headBytes: 500 },
    bytes: [opening, headers(1, withField("a", "b".repeat(500))), AFTER],
    events: ["MALFORMED 1 h2-head-too-large", ...LIVES_ON],
    answers: ["RST_STREAM 1 ENHANCE_YOUR_CALM"],
  },
  {
    name: "too many fields",
    limits: { fieldCount: 5 },
    bytes: [opening, headers(1, [...withField("a", "b"), ["c", "d"]])],
    ends: "MALFORMED 1 h2-head-too-large",
  },
  {
    name: "unknown frames without end",
    limits: { h2IdleFrames: 20 },
    bytes: [opening, ...many(30, frame(0xbe, 0, 0, uint32(1)))],
    ...fault("ENHANCE_YOUR_CALM"),
  },
];
