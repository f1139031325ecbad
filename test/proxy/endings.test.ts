import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { eventually, type Peer, pause } from "../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const engine = await startEngine({ after }, { flags: { "upstream-ca": [certificates.file("root.pem")] } });

/** A reset on one side must have reached the other by then (wire.md), with something for a busy machine. */
const CARRIED_MS = 3_000;

/** A request on its way, its head read by the origin. */
async function scene(t: Cleaner, secure: boolean, method: string, path: string, fields = "") {
  const origin = await rawOrigin(t, secure ? { tls: certificates.server(`origin${path.slice(1)}`) } : {});
  const client = secure
    ? await tlsClient(t, engine.port(), `localhost:${origin.port}`, { ca: engine.rootPem })
    : await rawClient(t, engine.port());
  const target = secure ? path : `http://${origin.authority}${path}`;
  client.send(`${method} ${target} HTTP/1.1\r\nHost: ${origin.authority}\r\n${fields}\r\n`);
  const there = await origin.connection();
  await there.head();
  return { client, there, origin };
}

/** Under TLS the connection below is reset. */
function resetBelow(peer: Peer): void {
  const below = (peer.socket as { _parent?: Peer["socket"] })._parent ?? peer.socket;
  below.resetAndDestroy();
}

for (const secure of [false, true]) {
  const name = secure ? "under TLS" : "plain";
  const id = (word: string) => `/${word}${secure ? "s" : ""}`;

  describe(`a client that goes, ${name}`, { concurrency: 4 }, () => {
    it("by a reset while it waits: the origin's connection is cut", async t => {
      const { client, there } = await scene(t, secure, "GET", id("reset-waiting"));
      resetBelow(client);
      await there.left(CARRIED_MS);
      const flow = await engine.flow(f => f.path === id("reset-waiting"));
      assert.deepEqual([flow.state, flow.error?.code], ["error", "client-reset"]);
    });

    it("by closing while it waits: the origin hears of it", async t => {
      const { client, there } = await scene(t, secure, "GET", id("close-waiting"));
      client.close();
      await there.left(CARRIED_MS);
      there.end();
      const flow = await engine.flow(f => f.path === id("close-waiting"));
      assert.deepEqual([flow.state, flow.error?.code], ["error", "client-closed"]);
    });

    it("in the middle of its upload: the origin's connection is cut", async t => {
      const { client, there } = await scene(t, secure, "PUT", id("reset-upload"), "Content-Length: 1000\r\n");
      client.send("some of it");
      await there.take(10);
      resetBelow(client);
      await there.left(CARRIED_MS);
      const flow = await engine.flow(f => f.path === id("reset-upload"));
      assert.equal(flow.error?.code, "client-reset");
      assert.equal(flow.requestBytes, 10);
    });

    it("in the middle of an upload that the origin does not read: that connection is cut too", async t => {
      const { client, there } = await scene(t, secure, "PUT", id("reset-stalled"), `Content-Length: ${1 << 30}\r\n`);
      there.socket.pause();
      await stuff(client, 1 << 30);
      resetBelow(client);
      await engine.flow(f => f.path === id("reset-stalled"));
      there.socket.resume();
      await there.left(CARRIED_MS);
    });

    it("by ending its upload too early: told so, and never completed for the origin", async t => {
      const { client, there } = await scene(t, secure, "POST", id("short"), "Transfer-Encoding: chunked\r\n");
      client.send("5\r\nhello\r\n").end();
      assert.equal((await client.answer()).status, 400);
      await there.left(CARRIED_MS);
      assert.equal(there.text.includes("0\r\n\r\n"), false);
      const flow = await engine.flow(f => f.path === id("short"));
      assert.equal(flow.error?.code, "truncated-body");
    });

    it("in the middle of the answer: the origin's connection is cut", async t => {
      const { client, there } = await scene(t, secure, "GET", id("reset-download"));
      there.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome of it");
      await client.until("some of it");
      resetBelow(client);
      await there.left(CARRIED_MS);
      const flow = await engine.flow(f => f.path === id("reset-download"));
      assert.equal(flow.error?.code, "client-reset");
      assert.equal(flow.responseBytes, 10);
    });
  });

  describe(`a client that ends its side and waits, ${name}`, { concurrency: 4 }, () => {
    it("gets its answer", async t => {
      const { client, there } = await scene(t, secure, "GET", id("half-closed"));
      client.end();
      await pause(200);
      there.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere");
      assert.equal((await client.answer()).content, "there");
      assert.equal(await client.rest(), "");
      assert.equal(client.error, null);
    });

    it("also where the origin takes its time and is told of the end meanwhile", async t => {
      const { client, there } = await scene(t, secure, "POST", id("half-closed-slow"), "Content-Length: 2\r\n");
      client.send("ok").end();
      await eventually(() => there.ended, CARRIED_MS);
      there.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere");
      assert.equal((await client.answer()).content, "there");
    });
  });

  describe(`an origin that goes, ${name}`, { concurrency: 4 }, () => {
    it("by a reset before it answered", async t => {
      const { client, there } = await scene(t, secure, "POST", id("origin-reset"), "Content-Length: 0\r\n");
      resetBelow(there);
      assert.equal((await client.answer()).status, 502);
      const flow = await engine.flow(f => f.path === id("origin-reset"));
      assert.equal(flow.error?.code, "upstream-reset");
    });

    it("by closing before it answered", async t => {
      const { client, there } = await scene(t, secure, "POST", id("origin-close"), "Content-Length: 0\r\n");
      there.end();
      assert.equal((await client.answer()).status, 502);
      assert.equal((await engine.flow(f => f.path === id("origin-close"))).error?.code, "upstream-closed");
    });

    it("in the middle of a head", async t => {
      const { client, there } = await scene(t, secure, "POST", id("origin-head"), "Content-Length: 0\r\n");
      there.send("HTTP/1.1 200 OK\r\nContent-").end();
      assert.equal((await client.answer()).status, 502);
      assert.equal((await engine.flow(f => f.path === id("origin-head"))).error?.code, "upstream-truncated");
    });

    it("in the middle of content with a length: the connection ends without it, and no second answer", async t => {
      const { client, there } = await scene(t, secure, "GET", id("origin-short"));
      there.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome of it").end();
      assert.match(await client.rest(), /^HTTP\/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome of it$/);
      const flow = await engine.flow(f => f.path === id("origin-short"));
      assert.deepEqual([flow.state, flow.error?.code, flow.status], ["error", "upstream-truncated", 200]);
    });

    it("in the middle of chunks: no last chunk is invented", async t => {
      const { client, there } = await scene(t, secure, "GET", id("origin-chunks"));
      there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
      await client.until("some");
      there.end();
      assert.equal(await client.rest(), "\r\n");
    });

    it("by a reset where only the end ends the answer: the client is reset too", async t => {
      const { client, there } = await scene(t, secure, "GET", id("origin-cut"));
      there.send("HTTP/1.1 200 OK\r\n\r\nsome");
      await client.until("some");
      resetBelow(there);
      await client.gone(CARRIED_MS);
      assert.ok(client.wasReset || !client.ended);
      const flow = await engine.flow(f => f.path === id("origin-cut"));
      assert.equal(flow.error?.code, "upstream-truncated");
    });
  });
}

describe("an answer that is slow to be read", () => {
  it("arrives whole, though its connection closes behind it", async t => {
    const { client, there } = await scene(t, false, "GET", "/slowly");
    const size = 24 << 20;
    there.send(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`);
    there.send(Buffer.alloc(size, "x")).end();
    await client.head();
    let heard = client.heard.length;
    client.socket.removeAllListeners("data");
    client.socket.on("data", chunk => {
      heard += chunk.length;
    });
    // It reads just as much as is needed for the exchange to be over, and then nothing for longer than a linger.
    while (!engine.flows.some(flow => flow.path === "/slowly")) {
      const mark = heard;
      client.socket.resume();
      await eventually(() => heard > mark);
      client.socket.pause();
      await pause(5);
    }
    await pause(3_500);
    client.socket.resume();
    await client.left(10_000);
    assert.equal(heard, size + client.text.indexOf("\r\n\r\n") + 4);
    assert.equal(client.error, null);
  });
});

/** Writes until the other side takes no more. */
async function stuff(peer: Peer, limit: number): Promise<void> {
  const piece = Buffer.alloc(1 << 16, "x");
  for (let sent = 0; sent < limit; sent += piece.length) {
    if (peer.socket.write(piece)) continue;
    const drained = await Promise.race([new Promise(resolve => peer.socket.once("drain", resolve)), pause(500)]);
    if (drained === undefined && peer.socket.writableNeedDrain) return;
  }
}
