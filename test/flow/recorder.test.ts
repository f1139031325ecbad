import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Feed } from "../../src/flow/feed.ts";
import { Recorder, type RecorderOptions } from "../../src/flow/recorder.ts";
import { type FlowSink, PART_RESPONSE, pieceKey } from "../../src/flow/sink.ts";
import type { FlowTap } from "../../src/flow/tap.ts";

/** Keeps what a store would write, with the content joined. */
class Notebook implements FlowSink {
  readonly flows: { id: number; state: string; response: string; truncated: boolean }[] = [];
  readonly pieces: { key: number; text: string }[] = [];
  full = false;

  conn(): void {}

  flow(tap: FlowTap): void {
    const { id, state, response } = tap;
    this.flows.push({ id, state, response: join(response.chunks ?? []), truncated: response.truncated });
  }

  piece(key: number, chunks: Parameters<FlowSink["piece"]>[1]): void {
    this.pieces.push({ key, text: join(chunks) });
  }

  room(): boolean {
    return !this.full;
  }
}

function join(chunks: Parameters<FlowSink["piece"]>[1]): string {
  return chunks.map(({ buf, start, end }) => Buffer.from(buf.subarray(start, end)).toString()).join("");
}

function stage(options: Partial<RecorderOptions> = {}) {
  const sink = new Notebook();
  const clock = { now: 1_000_000 };
  const recorder = new Recorder(sink, new Feed(assert.ifError), {
    bodyLimit: 1000,
    spillBytes: 10,
    clock: () => clock.now,
    ...options,
  });
  return { sink, clock, recorder };
}

function content(tap: FlowTap, text: string): void {
  const buf = Buffer.from(`<<${text}>>`);
  tap.responseContent(buf, 2, buf.length - 2);
}

test("content is held by reference until the end, and let go of then", () => {
  const { sink, recorder } = stage();
  const tap = recorder.begin(0, "regular");
  content(tap, "abc");
  content(tap, "def");
  assert.equal(recorder.held, 6);
  tap.finish("complete");
  assert.deepEqual(sink.flows, [{ id: 1, state: "complete", response: "abcdef", truncated: false }]);
  assert.equal(tap.response.chunks, null);
  assert.equal(tap.response.headBuf, null);
  assert.equal(recorder.held, 0);
  assert.equal(recorder.running, 0);
});

test("what is beyond spillBytes goes to the sink at once, in pieces in order", () => {
  const { sink, recorder } = stage();
  const tap = recorder.begin(0, "regular");
  for (const text of ["12345678", "90abc", "defgh", "ijklmnopq", "r"]) content(tap, text);
  assert.equal(recorder.held, 1);
  tap.finish("complete");
  assert.deepEqual(sink.pieces, [
    { key: pieceKey(1, PART_RESPONSE, 0), text: "1234567890abc" },
    { key: pieceKey(1, PART_RESPONSE, 1), text: "defghijklmnopq" },
  ]);
  assert.equal(sink.flows[0]!.response, "r");
  assert.equal(tap.responseBytes, 28);
});

test("what is beyond bodyLimit is counted only, and the limit is met to the byte", () => {
  const { sink, recorder } = stage({ bodyLimit: 5, spillBytes: 100 });
  const tap = recorder.begin(0, "regular");
  content(tap, "1234");
  content(tap, "5678");
  content(tap, "9");
  tap.finish("complete");
  assert.deepEqual(sink.flows, [{ id: 1, state: "complete", response: "12345", truncated: true }]);
  assert.equal(tap.responseBytes, 9);
});

test("content of exactly bodyLimit is whole", () => {
  const { sink, recorder } = stage({ bodyLimit: 4, spillBytes: 100 });
  const tap = recorder.begin(0, "regular");
  content(tap, "1234");
  tap.finish("complete");
  assert.deepEqual(sink.flows, [{ id: 1, state: "complete", response: "1234", truncated: false }]);
});

test("all bodies together are bounded: the one that grows is spilled", () => {
  const { sink, recorder } = stage({ spillBytes: 100, heldLimit: 10 });
  const taps = [recorder.begin(0, "regular"), recorder.begin(0, "regular")];
  content(taps[0]!, "1234567");
  content(taps[1]!, "abcdefg");
  assert.deepEqual(sink.pieces, [{ key: pieceKey(2, PART_RESPONSE, 0), text: "abcdefg" }]);
  assert.equal(recorder.held, 7);
  for (const tap of taps) tap.finish("complete");
});

test("many tiny chunks are spilled for their number", () => {
  const { sink, recorder } = stage({ bodyLimit: 1e6, spillBytes: 1e6 });
  const tap = recorder.begin(0, "regular");
  for (let i = 0; i < 5000; i++) content(tap, "x");
  assert.ok(sink.pieces.length >= 2);
  tap.finish("complete");
  assert.equal(sink.pieces.map(piece => piece.text).join("").length + sink.flows[0]!.response.length, 5000);
});

test("a store that does not keep up costs the body, is said once, and never the flow", () => {
  let said = 0;
  const { sink, recorder } = stage({ onBehind: () => said++ });
  sink.full = true;
  for (let i = 0; i < 3; i++) {
    const tap = recorder.begin(0, "regular");
    content(tap, "12345678901");
    content(tap, "more");
    tap.finish("complete");
    assert.equal(tap.responseBytes, 15);
  }
  assert.equal(said, 1);
  assert.equal(recorder.held, 0);
  assert.deepEqual(
    sink.flows.map(flow => flow.truncated),
    [true, true, true],
  );
});

test("a flow that runs for more than a second is written as active, spilled as it grows, and written again at its end", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { sink, clock, recorder } = stage({ spillBytes: 1000 });
    const pass = (ms: number): void => {
      clock.now += ms;
      mock.timers.tick(ms);
    };
    const tap = recorder.begin(0, "regular");
    content(tap, "one ");
    pass(500);
    pass(499);
    assert.deepEqual(sink.flows, []);
    pass(501);
    assert.deepEqual(sink.flows, [{ id: 1, state: "active", response: "", truncated: false }]);
    content(tap, "two ");
    pass(500);
    content(tap, "three");
    tap.finish("complete");
    assert.deepEqual(
      sink.pieces.map(piece => piece.text),
      ["one ", "two "],
    );
    assert.deepEqual(sink.flows[1], { id: 1, state: "complete", response: "three", truncated: false });
    assert.equal(recorder.running, 0);
  } finally {
    mock.timers.reset();
  }
});

test("the first error stays; lists take each name once; a second end does nothing", () => {
  const { sink, recorder } = stage();
  const tap = recorder.begin(0, "regular");
  tap.error("connect-refused", "refused", "server");
  tap.error("later", "a consequence");
  tap.rule("a");
  tap.rule("a");
  tap.rule("b");
  tap.tag("t");
  tap.defect("bare-lf");
  assert.deepEqual(tap.extra, {
    error: { code: "connect-refused", message: "refused", side: "server" },
    rules: ["a", "b"],
    tags: ["t"],
    defects: ["bare-lf"],
  });
  tap.finish("error");
  tap.finish("complete");
  assert.deepEqual(
    sink.flows.map(flow => flow.state),
    ["error"],
  );
});

test("the clock may be set back: a duration is never negative", () => {
  const { clock, recorder } = stage();
  const tap = recorder.begin(0, "regular");
  clock.now -= 5000;
  tap.finish("complete");
  assert.equal(tap.duration, 0);
});
