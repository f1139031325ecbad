import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { eventually, pause } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after });
const UPLOAD = "Expect: 100-continue\r\nContent-Length: 7\r\n";

describe("Expect: 100-continue", () => {
  it("is the origin's to answer, and goes end to end", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/", UPLOAD));
    const there = await origin.connection();
    assert.match(await there.head(), /\r\nExpect: 100-continue\r\n/);
    await pause(100);
    assert.equal(client.text, "", "the proxy said nothing itself");
    there.send("HTTP/1.1 100 Continue\r\nX-Note: kept\r\n\r\n");
    assert.equal(await client.head(), "HTTP/1.1 100 Continue\r\nX-Note: kept\r\n\r\n");
    client.send("content");
    assert.equal(await there.take(7), "content");
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert.equal((await client.answer()).content, "ok");
  });

  it("answered by a final status ends the exchange: content that comes all the same is no request", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/417", "Expect: 100-continue\r\nContent-Length: 40\r\n"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
    assert.equal((await client.answer()).status, 417);
    const connections = origin.peers.length;
    client.send(origin.get("/smuggled"));
    assert.equal(await client.rest(), "");
    await pause(100);
    assert.equal(origin.peers.length, connections);
    assert.equal(there.text.includes("smuggled"), false);
  });

  it("need not be waited for: content that comes at once goes on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/", UPLOAD, "content"));
    const there = await origin.connection();
    await there.head();
    assert.equal(await there.take(7), "content");
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert.equal((await client.answer()).status, 200);
  });
});

describe("interim answers", () => {
  it("all arrive, in order, 103 too, and are recorded", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/hints"));
    const there = await origin.connection();
    await there.head();
    const interim = [
      "HTTP/1.1 102 Processing\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nlink:</b.js>\r\n\r\n",
      "HTTP/1.1 199 \r\nX: y\r\n\r\n",
    ];
    for (const head of interim) {
      there.send(head);
      assert.equal(await client.head(), head);
    }
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert.equal((await client.answer()).content, "ok");
    const { flow } = await engine.recorded((await engine.flow(f => f.path === "/hints")).id);
    assert.deepEqual(
      flow.interim.map(answer => Buffer.from(answer.head, "base64").toString()),
      interim,
    );
    assert.equal(flow.status, 200);
  });

  it("without end are a fault", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/endless"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 102 Processing\r\n\r\n".repeat(150));
    await client.until("HTTP/1.1 502 ");
    await there.gone();
  });
});

describe("an answer before the whole request", () => {
  it("arrives at once, and the upload goes on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/early", "Content-Length: 10\r\n", "12345"));
    const there = await origin.connection();
    await there.head();
    await there.take(5);
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
    assert.equal((await client.answer()).content, "early");
    client.send("67890");
    assert.equal(await there.take(5), "67890");
    // Both sides are whole: both connections serve the next request.
    client.send(origin.get("/after"));
    assert.match(await there.head(), /^GET \/after /);
  });

  it("with a close: the rest of the upload is drained, the answer is not lost", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/413", "Content-Length: 3000000\r\n", "x"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbig!").end();
    client.send(Buffer.alloc(2_000_000));
    const { status, content } = await client.answer();
    assert.deepEqual([status, content], [413, "big!"]);
    assert.equal(await client.rest(), "");
    assert.equal(client.error, null);
    await eventually(() => there.closed);
  });
});
