import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FlowSummary } from "../../../src/flow/model.ts";
import {
  FLAG_INTERCEPTED,
  FLAG_REPLAYED,
  FLAG_TUNNEL,
  FLAG_WEBSOCKET,
  HTTP_10,
  HTTP_11,
} from "../../../src/flow/row.ts";
import { openSession } from "../../../src/flow/store/session.ts";
import { openStore } from "../../../src/flow/store/store.ts";
import {
  T_CONNECT_END,
  T_CONNECT_START,
  T_DNS_END,
  T_DNS_START,
  T_FIRST_BYTE,
  T_SEND_END,
  T_SEND_START,
  T_TLS_END,
  T_TLS_START,
} from "../../../src/flow/timing.ts";
import { begin, CLIENT, head, record, SERVER, scene } from "../scene.ts";

test("every field of a flow comes back from disk as the feed told it", async () => {
  const { recorder, feed, read } = await scene();
  const told: FlowSummary[] = [];
  feed.subscribe(event => told.push(event.flow));
  const tap = begin(recorder, {
    method: "PÖST",
    scheme: "https",
    host: "example.test",
    port: 8443,
    path: "/ä?b=%20&c",
    requestFields: ["Host: example.test:8443", "X-A:  spaced ", "x-a: again", "Content-Type: text/plain"],
    requestBody: "request content",
    status: 299,
    reason: "Ünusual",
    responseFields: ["Content-Type: application/json; charset=utf-8", "Content-Encoding: gzip"],
    responseBody: "not gzip at all",
  });
  tap.clientVersion = HTTP_10;
  tap.serverVersion = HTTP_11;
  tap.flags |= FLAG_WEBSOCKET | FLAG_REPLAYED | FLAG_INTERCEPTED;
  const moments = [T_DNS_START, T_DNS_END, T_CONNECT_START, T_CONNECT_END, T_TLS_START, T_TLS_END];
  for (const moment of [...moments, T_SEND_START, T_SEND_END, T_FIRST_BYTE])
    tap.mark(moment, tap.startedAt + moment / 7);
  tap.rule("no-cache");
  tap.defect("bare-lf");
  tap.tag("one");
  tap.extraNotes().comment = "a comment";
  tap.extraNotes().color = "red";
  tap.extraNotes().packets = { count: 7, retransmits: 1 };
  tap.error("reset", "the server reset the connection", "server");
  const trailer = Buffer.from("X-Sum: 1\r\n\r\n");
  tap.responseTrailers(trailer, 0, trailer.length);
  const hints = head("HTTP/1.1 103 Early Hints", ["Link: </a.css>"]);
  tap.interim(hints, 0, hints.length);
  tap.finish("error");

  const session = await read();
  assert.deepEqual(session.list(null), told);
  const [summary] = told;
  assert.equal(summary!.url, "https://example.test:8443/ä?b=%20&c");
  assert.deepEqual(summary!.client, { address: "127.0.0.1", port: 51234, process: "curl" });
  assert.deepEqual(summary!.server, { address: "::1", port: 8443, name: "example.test" });
  assert.deepEqual(summary!.tls, { client: CLIENT.tls, server: SERVER.tls });
  assert.deepEqual(summary!.httpVersion, { client: "1.0", server: "1.1" });

  const { request, response, interim, ...rest } = session.get(1)!;
  assert.deepEqual(rest, summary);
  const lines = "PÖST /ä?b=%20&c HTTP/1.1\r\nHost: example.test:8443\r\nX-A:  spaced \r\nx-a: again\r\n";
  assert.deepEqual(request, {
    head: Buffer.from(`${lines}Content-Type: text/plain\r\n\r\n`, "latin1").toString("base64"),
    headers: [
      ["Host", "example.test:8443"],
      ["X-A", "spaced"],
      ["x-a", "again"],
      ["Content-Type", "text/plain"],
    ],
    trailers: [],
    body: { size: 15, recorded: 15, truncated: false, encoding: null },
  });
  assert.deepEqual(response!.trailers, [["X-Sum", "1"]]);
  assert.deepEqual(response!.body, { size: 15, recorded: 15, truncated: false, encoding: "gzip" });
  assert.deepEqual(interim, [
    { status: 103, reason: "Early Hints", head: hints.toString("base64"), headers: [["Link", "</a.css>"]] },
  ]);
  assert.equal(session.body(1, "request")!.bytes.toString(), "request content");
});

test("a flow that nobody answered, and one of which nothing is known", async () => {
  const { recorder, feed, read } = await scene();
  const told: FlowSummary[] = [];
  feed.subscribe(event => told.push(event.flow));
  begin(recorder, { status: 0 }).finish("error");
  recorder.begin(0, "").finish("error");
  const session = await read();
  assert.deepEqual(session.list(null, { order: "asc" }), told);
  assert.equal(session.get(1)!.response, null);
  const bare = session.get(2)!;
  assert.equal(bare.response, null);
  assert.equal(bare.request.head, null);
  assert.equal(bare.client, null);
  assert.equal(bare.status, null);
});

test("a tunnel has its byte counts and no content", async () => {
  const { recorder, read } = await scene();
  const tap = begin(recorder, { method: "CONNECT", scheme: "", port: 22, path: "", status: 200, reason: "" });
  tap.flags |= FLAG_TUNNEL;
  tap.clientBytes = 5_000_000_000;
  tap.serverBytes = 7;
  tap.finish("complete");
  const flow = (await read()).get(1)!;
  assert.equal(flow.requestBytes, 5_000_000_000);
  assert.equal(flow.responseBytes, 7);
  assert.equal(flow.tunnel, true);
  assert.equal(flow.url, "example.test:22");
});

test("what was changed on the way has its original beside it", async () => {
  const { recorder, read } = await scene();
  const tap = begin(recorder, { requestBody: "received", responseFields: ["A: 1"], responseBody: "same" });
  const sentRequest = head("POST /changed HTTP/1.1", ["X-New: 1"]);
  const sent = tap.sent("request");
  sent.head(sentRequest, 0, sentRequest.length);
  sent.content(Buffer.from("sent on"), 0, 7);
  const sentResponse = head("HTTP/1.1 200 OK", ["A: 2"]);
  tap.sent("response").head(sentResponse, 0, sentResponse.length);
  tap.finish("complete");
  const session = await read();
  const { request, response, modified, requestBytes } = session.get(1)!;
  assert.equal(modified, true);
  assert.equal(requestBytes, 7);
  assert.deepEqual(request.headers, [["X-New", "1"]]);
  assert.equal(request.body.size, 7);
  assert.deepEqual(request.original!.headers, [["Host", "example.test"]]);
  assert.deepEqual(request.original!.body, { size: 8, recorded: 8, truncated: false, encoding: null });
  assert.deepEqual(response!.headers, [["A", "2"]]);
  assert.deepEqual(response!.body, { size: 4, recorded: 4, truncated: false, encoding: null });
  assert.deepEqual(response!.original!.headers, [["A", "1"]]);
  assert.equal(response!.original!.body, undefined);
  assert.equal(session.body(1, "request")!.bytes.toString(), "sent on");
  assert.equal(session.body(1, "request", { version: "received" })!.bytes.toString(), "received");
  assert.equal(session.body(1, "response")!.bytes.toString(), "same");
});

test("content that was emptied on the way is empty, not the original", async () => {
  const { recorder, read } = await scene();
  const tap = begin(recorder, { responseBody: "secret" });
  tap.sent("response").content(Buffer.alloc(0), 0, 0);
  tap.finish("complete");
  const session = await read();
  const { response } = session.get(1)!;
  assert.deepEqual(response!.body, { size: 0, recorded: 0, truncated: false, encoding: null });
  assert.equal(response!.original!.body!.size, 6);
  assert.equal(session.body(1, "response")!.bytes.length, 0);
});

test("bodies larger than the heap's share are whole on disk, and cut at the limit", async () => {
  const { recorder, read } = await scene({ bodyLimit: 3_000_000 });
  const chunk = Buffer.alloc(65_536);
  for (const size of [2_900_000, 3_100_000]) {
    const tap = begin(recorder);
    for (let sent = 0; sent < size; sent += chunk.length) {
      const part = Buffer.from(chunk.map((_, i) => (sent + i) % 251));
      tap.responseContent(part, 0, Math.min(part.length, size - sent));
    }
    assert.ok(recorder.held < 400_000);
    tap.finish("complete");
  }
  const session = await read();
  const whole = session.body(1, "response")!.bytes;
  assert.equal(whole.length, 2_900_000);
  assert.ok(whole.every((byte, i) => byte === i % 251));
  assert.equal(session.get(1)!.response!.body.truncated, false);
  assert.deepEqual(session.get(2)!.response!.body, {
    size: 3_100_000,
    recorded: 3_000_000,
    truncated: true,
    encoding: null,
  });
  assert.deepEqual(session.body(1, "response", { range: [251_000, 251_004] })!.bytes, Buffer.from([0, 1, 2, 3]));
});

test("one head larger than a batch, among small flows", async () => {
  const { recorder, read } = await scene();
  record(recorder, { path: "/before" });
  record(recorder, { requestFields: [`X-Large: ${"x".repeat(1_000_000)}`] });
  record(recorder, { path: "/after" });
  const session = await read();
  assert.deepEqual(
    session.list(null, { order: "asc" }).map(flow => flow.path),
    ["/before", "/", "/after"],
  );
  assert.equal(session.get(2)!.request.headers[0]![1].length, 1_000_000);
});

test("thousands of flows keep their order and their own bytes", async () => {
  const { recorder, read } = await scene();
  for (let i = 1; i <= 3000; i++) record(recorder, { path: `/${i}`, responseBody: `body of ${i}` });
  const session = await read();
  assert.equal(session.count(null), 3000);
  for (const id of [1, 2, 15, 16, 17, 511, 512, 513, 1700, 2999, 3000]) {
    assert.equal(session.get(id)!.path, `/${id}`);
    assert.equal(session.body(id, "response")!.bytes.toString(), `body of ${id}`);
  }
});

test("a flow is on disk within half a second of its end, without being asked for", async () => {
  const { recorder, file } = await scene();
  record(recorder, { path: "/soon" });
  await sleep(500);
  const session = openSession(file);
  assert.equal(session.list(null)[0]!.path, "/soon");
  session.close();
});

test("a flow that goes on is on disk as active after a second, content and all, and complete at its end", async () => {
  const { recorder, file, read } = await scene();
  const tap = begin(recorder, { path: "/slow", responseBody: "first " });
  await sleep(1700);
  const early = openSession(file);
  assert.equal(early.get(1)!.state, "active");
  assert.equal(early.get(1)!.duration, null);
  assert.equal(early.body(1, "response")!.bytes.toString(), "first ");
  early.close();
  tap.responseContent(Buffer.from("second"), 0, 6);
  tap.finish("complete");
  const late = await read();
  assert.equal(late.count(null), 1);
  assert.equal(late.get(1)!.state, "complete");
  assert.equal(late.body(1, "response")!.bytes.toString(), "first second");
});

test("a session is continued: ids go on, what was there stays", async () => {
  const first = await scene();
  record(first.recorder, { path: "/one" });
  await first.store.close();
  const second = await scene({}, { file: first.file });
  assert.equal(second.store.nextFlowId, 2);
  assert.equal(second.store.nextConnId, 3);
  record(second.recorder, { path: "/two" });
  const session = await second.read();
  assert.deepEqual(
    session.list(null).map(flow => [flow.id, flow.path]),
    [
      [2, "/two"],
      [1, "/one"],
    ],
  );
});

test("the file and those beside it are for its owner only", async () => {
  const { recorder, file, read } = await scene();
  record(recorder);
  await read();
  for (const suffix of ["", "-wal", "-shm"]) assert.equal(statSync(file + suffix).mode & 0o777, 0o600, suffix);
});

test("closing leaves one file that needs nothing beside it", async () => {
  const { recorder, store, file } = await scene();
  record(recorder);
  await store.close();
  assert.equal(statSync(`${file}-wal`, { throwIfNoEntry: false }), undefined);
  record(recorder); // late flows are not an error
  await store.close();
});

test("reading while it is written to, over and over, neither waits nor disturbs", async () => {
  const { recorder, store, file, problems } = await scene();
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 200; i++) record(recorder, { responseBody: "x".repeat(500) });
    const session = openSession(file);
    session.list(null, { limit: 10 });
    await store.flush();
    assert.equal(session.count(null), (round + 1) * 200);
    session.close();
  }
  assert.deepEqual(problems, []);
});

test("a queue that is too long costs bodies, then flows, is said once, and ends", async () => {
  const { recorder, store, problems, read } = await scene({}, { queueBytes: 1_000_000 });
  // Without a turn of the event loop nothing is ever settled.
  for (let i = 0; i < 5000; i++) record(recorder, { path: `/${i}`, responseBody: "x".repeat(2000) });
  await store.flush();
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /flows are being lost/);
  const session = await read();
  const flows = session.list(null, { order: "asc" });
  assert.ok(flows.length > 400 && flows.length < 5000, `${flows.length} flows`);
  assert.equal(session.get(flows[0]!.id)!.response!.body.truncated, false);
  assert.deepEqual(session.get(flows.at(-1)!.id)!.response!.body, {
    size: 2000,
    recorded: 0,
    truncated: true,
    encoding: null,
  });
  const id = record(recorder, { responseBody: "again" });
  assert.equal((await read()).body(id, "response")!.bytes.toString(), "again");
});

test("openStore answers before it is needed and close ends the thread", async () => {
  const { file, store } = await scene();
  await store.close();
  const again = await openStore({ file, onProblem: assert.fail });
  await again.close();
});
