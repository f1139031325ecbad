import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { pause } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after }, { limits: { headMs: 700, idleMs: 1_200 } });
const origin = await rawOrigin({ after }, { serve: answerEach });

const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: v\r\n`).join("");

describe("refused with one answer that names the fault, the connection closed, nothing passed on", {
  concurrency: 6,
}, () => {
  for (const [name, bytes, status, code] of [
    ["10,000 fields", origin.get("/", many(10_000)), 431, "too-many-fields"],
    ["a head of 1 MB", origin.get("/", `X: ${"x".repeat(1 << 20)}\r\n`), 431, "head-too-large"],
    ["a target of 1 MB", origin.get(`/${"x".repeat(1 << 20)}`), 414, "target-too-long"],
    ["a method of 1 MB", `${"M".repeat(1 << 20)} / HTTP/1.1\r\n\r\n`, 501, "method-too-long"],
    ["17 empty lines before the request", "\r\n".repeat(17) + origin.get("/"), 400, "empty-lines"],
    ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, ""],
    ["binary garbage", Buffer.from([0x00, 0xff, 0x80, 0x0d, 0x0a, 0x0d, 0x0a]), 400, ""],
    ["garbage in letters", "hello world, how are you\r\n\r\n", 400, ""],
  ] as const) {
    it(name, async t => {
      const client = await rawClient(t, engine.port());
      client.send(typeof bytes === "string" ? bytes : Buffer.from(bytes));
      const answer = await client.answer();
      assert.equal(answer.status, status);
      if (code !== "") assert.match(answer.content, new RegExp(`waylay: ${code}`));
      assert.equal(await client.rest(), "");
      assert.equal(client.error, null, "no reset before the answer was read");
    });
  }

  it("TLS on the plain port: said so", async t => {
    const client = await rawClient(t, engine.port());
    client.send(Buffer.from("16030100c8010000c40303", "hex")).send(Buffer.alloc(192));
    const { status, content } = await client.answer();
    assert.equal(status, 400);
    assert.match(content, /TLS/);
    await engine.flow(flow => flow.error?.code === "tls-on-plain-port");
  });

  it("empty lines without end", async t => {
    const client = await rawClient(t, engine.port());
    client.send("\r\n".repeat(100_000));
    assert.equal((await client.answer()).status, 400);
  });

  it("a head without end is cut off long before it is held", async t => {
    const client = await rawClient(t, engine.port());
    client.send(`GET http://${origin.authority}/ HTTP/1.1\r\n`);
    let sent = 0;
    const line = Buffer.from(`X: ${"y".repeat(60_000)}\r\n`);
    while (!client.ended && !client.closed && sent < 64 << 20) {
      client.socket.write(line);
      sent += line.length;
      await pause(1);
    }
    assert.ok(sent < 8 << 20, `${sent} bytes`);
  });
});

describe("taken all the same", () => {
  it("16 empty lines before a request", async t => {
    const client = await rawClient(t, engine.port());
    client.send("\r\n".repeat(16) + origin.get("/"));
    assert.equal((await client.answer()).status, 200);
  });

  it("a head just below the limit", async t => {
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/", `X: ${"x".repeat(250 << 10)}\r\n`));
    assert.equal((await client.answer()).status, 200);
  });

  it("999 fields", async t => {
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/", many(999)));
    assert.equal((await client.answer()).status, 200);
  });
});

describe("time", { concurrency: 4 }, () => {
  it("a head that drips is refused when its time is up, though bytes keep coming", async t => {
    const client = await rawClient(t, engine.port());
    const drip = setInterval(() => client.socket.write("G"), 50);
    t.after(() => clearInterval(drip));
    await client.until("HTTP/1.1 408 ");
    clearInterval(drip);
  });

  it("so is one behind a request that was answered", async t => {
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    await client.answer();
    client.send("GET http://");
    assert.equal((await client.answer()).status, 408);
    const flow = await engine.flow(f => f.error?.code === "head-timeout");
    assert.equal(flow.status, 408);
  });

  it("a slow head costs nobody else anything", async t => {
    const slow = await rawClient(t, engine.port());
    slow.send("GET http://");
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    assert.equal((await client.answer()).status, 200);
  });

  it("a connection that says nothing more is closed in order", async t => {
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    await client.answer();
    assert.equal(await client.rest(), "");
    assert.equal(client.error, null);
  });

  it("a slow body is not a slow head", async t => {
    const there = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(there.request("POST", "/", "Content-Length: 4\r\n", "1"));
    const upload = await there.connection();
    await upload.head();
    await pause(2_500);
    client.send("234");
    assert.equal(await upload.take(4), "1234");
    upload.send("HTTP/1.1 204 No Content\r\n\r\n");
    assert.match(await client.head(), / 204 /);
  });
});
