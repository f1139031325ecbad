import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, type FlowEvent } from "../../src/flow/feed.ts";
import { Recorder } from "../../src/flow/recorder.ts";
import type { FlowSink } from "../../src/flow/sink.ts";

const NOWHERE: FlowSink = { conn() {}, flow() {}, piece() {}, room: () => true };

function recorderInto(feed: Feed): Recorder {
  return new Recorder(NOWHERE, feed, { bodyLimit: 100, spillBytes: 100, clock: () => 1000 });
}

test("listeners hear of a flow's start, change and end in order", () => {
  const feed = new Feed(assert.ifError);
  const heard: string[] = [];
  const stop = feed.subscribe(event => heard.push(`${event.type} ${event.flow.id} ${event.flow.state}`));
  const recorder = recorderInto(feed);
  const tap = recorder.begin(0, "regular");
  recorder.started(tap);
  tap.changed();
  tap.finish("complete");
  stop();
  recorder.begin(0, "regular").finish("complete");
  assert.deepEqual(heard, ["flow.started 1 active", "flow.updated 1 active", "flow.completed 1 complete"]);
  recorder.close();
});

test("a summary is made once, for however many listeners", () => {
  const feed = new Feed(assert.ifError);
  const seen: FlowEvent["flow"][] = [];
  feed.subscribe(event => seen.push(event.flow));
  feed.subscribe(event => seen.push(event.flow));
  recorderInto(feed).begin(0, "regular").finish("error");
  assert.equal(seen.length, 2);
  assert.equal(seen[0], seen[1]);
});

test("a listener that throws is dropped and told of; the flow and the others go on", () => {
  const faults: unknown[] = [];
  const feed = new Feed(error => faults.push(error));
  let heard = 0;
  feed.subscribe(() => {
    throw new Error("no");
  });
  feed.subscribe(() => heard++);
  const recorder = recorderInto(feed);
  recorder.begin(0, "regular").finish("complete");
  recorder.begin(0, "regular").finish("complete");
  assert.equal(faults.length, 1);
  assert.equal(heard, 2);
});

test("without listeners nothing is watched", () => {
  const feed = new Feed(assert.ifError);
  assert.equal(feed.watched, false);
  const stop = feed.subscribe(() => {});
  assert.equal(feed.watched, true);
  stop();
  assert.equal(feed.watched, false);
});
