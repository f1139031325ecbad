import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { eventually, pause } from "../support/peer.ts";
import { rawClient, tunnelClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after });
const flowTo = (port: number) => engine.flow(flow => flow.method === "CONNECT" && flow.port === port);

describe("CONNECT carries what it does not understand", { concurrency: 4 }, () => {
  it("a server that speaks first", async t => {
    const origin = await rawOrigin(t, { serve: peer => peer.send("220 mail.example ESMTP\r\n") });
    const client = await tunnelClient(t, engine.port(), origin.authority);
    assert.equal(await client.until("\r\n"), "220 mail.example ESMTP\r\n");
    const there = await origin.connection();
    client.send("EHLO me\r\n");
    assert.equal(await there.until("\r\n"), "EHLO me\r\n");
    client.end();
    await there.left();
    there.end();
    const { flow } = await engine.recorded((await flowTo(origin.port)).id);
    assert.deepEqual([flow.tunnel, flow.requestBytes, flow.responseBytes, flow.state], [true, 9, 24, "complete"]);
    assert.equal(flow.status, 200);
  });

  it("a client with a banner, as SSH has", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send("SSH-2.0-OpenSSH_9.2\r\n");
    const there = await origin.connection();
    assert.equal(await there.until("\r\n"), "SSH-2.0-OpenSSH_9.2\r\n");
  });

  it("binary, one byte at a time", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    for (const byte of [0x00, 0x05, 0x16, 0x03]) client.send(Buffer.of(byte));
    const there = await origin.connection();
    assert.equal(await there.take(4), "\x00\x05\x16\x03");
  });

  it("bytes that came with the CONNECT", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(`CONNECT ${origin.authority} HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n\x00early`);
    const there = await origin.connection();
    assert.equal(await there.take(6), "\x00early");
  });

  it("what a CONNECT calls its content is the tunnel's (RFC 9110 §9.3.6)", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(`CONNECT ${origin.authority} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\x00\x01\x02\x03`);
    const there = await origin.connection();
    assert.equal(await there.take(4), "\x00\x01\x02\x03");
  });

  it("8 MiB both ways at once, whole", async t => {
    const bytes = randomBytes(8 << 20);
    const digest = (buf: Buffer) => createHash("sha256").update(buf).digest("hex");
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send(Buffer.concat([Buffer.of(0), bytes])).end();
    const there = await origin.connection();
    there.send(bytes).end();
    await Promise.all([there.left(10_000), client.left(10_000)]);
    assert.equal(digest(there.heard.subarray(1)), digest(bytes));
    assert.equal(digest(client.heard.subarray(-bytes.length)), digest(bytes));
  });

  it("an IPv6 address", async t => {
    const origin = await rawOrigin(t, { host: "::1", serve: peer => peer.send("hello") });
    const client = await tunnelClient(t, engine.port(), `[::1]:${origin.port}`);
    await client.until("hello");
  });

  it("CONNECT in HTTP/1.0, without Host", async t => {
    const origin = await rawOrigin(t, { serve: peer => peer.send("hello") });
    const client = await rawClient(t, engine.port());
    client.send(`CONNECT ${origin.authority} HTTP/1.0\r\n\r\n`);
    await client.until("hello");
  });

  it("a half-close either way is only that", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send("\x00question").end();
    const there = await origin.connection();
    assert.equal(await there.rest(), "\x00question");
    assert.equal(client.ended, false);
    there.send("answer");
    await client.until("answer");
    there.end();
    assert.equal(await client.rest(), "");

    const other = await tunnelClient(t, engine.port(), origin.authority);
    other.send("\x00");
    const first = await origin.connection();
    first.send("last words").end();
    assert.equal(await other.rest(), "last words");
    other.send("still here");
    await first.until("still here");
  });

  it("a client that ends its side at once still hears the server", async t => {
    const origin = await rawOrigin(t, { serve: peer => peer.send("banner").end() });
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.end();
    assert.equal(await client.rest(), "banner");
  });

  it("a reset either way", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send("\x00");
    const there = await origin.connection();
    await there.take(1);
    there.reset();
    await client.gone();
    assert.ok(client.wasReset);
    const flow = await flowTo(origin.port);
    assert.deepEqual([flow.state, flow.error?.code], ["error", "upstream-reset"]);

    const other = await tunnelClient(t, engine.port(), origin.authority);
    other.send("\x00");
    const second = await origin.connection();
    await second.take(1);
    other.reset();
    await second.gone();
    assert.ok(second.wasReset);
  });

  it("a side that does not read stops the other", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send("\x00");
    const there = await origin.connection();
    client.socket.pause();
    let sent = 0;
    const piece = Buffer.alloc(1 << 16);
    const pump = () => {
      do sent += piece.length;
      while (there.socket.write(piece) && sent < 1 << 30);
    };
    there.socket.on("drain", pump);
    pump();
    for (let before = -1; before !== sent; ) {
      before = sent;
      await pause(300);
    }
    assert.ok(sent < 24 << 20, `${sent} bytes`);
  });
});

describe("CONNECT to plain HTTP", () => {
  it("is read: each exchange is a flow, and the CONNECT none", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const client = await tunnelClient(t, engine.port(), origin.authority);
    for (const path of ["/a", "/b"]) {
      client.send(`GET ${path} HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`);
      assert.equal((await client.answer()).status, 200);
    }
    await engine.flow(flow => flow.url === `http://${origin.authority}/b`);
    assert.equal(
      engine.flows.some(flow => flow.method === "CONNECT" && flow.port === origin.port),
      false,
    );
  });

  it("a Host inside never re-routes; a target that names another host is refused", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const other = await rawOrigin(t, { serve: answerEach });
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send(`GET / HTTP/1.1\r\nHost: ${other.authority}\r\n\r\n`);
    assert.equal((await client.answer()).status, 200);
    assert.equal(other.peers.length, 0);
    assert.match(origin.peers[0]?.text ?? "", new RegExp(`Host: ${other.authority}`));
    client.send(other.get("/"));
    assert.equal((await client.answer()).status, 421);
    assert.equal(other.peers.length, 0);
  });

  it("an Upgrade to another protocol is carried from the 101 on, with its byte counts", async t => {
    const origin = await rawOrigin(t);
    const client = await tunnelClient(t, engine.port(), origin.authority);
    client.send("GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: my-proto/1\r\n\r\n");
    const there = await origin.connection();
    assert.match(await there.head(), /\r\nConnection: Upgrade\r\nUpgrade: my-proto\/1\r\n/);
    const answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: my-proto/1\r\n\r\n";
    there.send(`${answer}\x00first`);
    assert.equal(await client.take(answer.length + 6), `${answer}\x00first`);
    client.send("GET / is no request here\r\n\r\n");
    await there.until("no request here\r\n\r\n");
    client.end();
    await there.left();
    there.end();
    const flow = await engine.flow(f => f.path === "/up");
    assert.deepEqual([flow.status, flow.state], [101, "complete"]);
  });
});

describe("CONNECT that leads nowhere", () => {
  it("is reset once it had to be granted before anybody knew", async t => {
    const ended: (() => unknown)[] = [];
    const { port, authority } = await rawOrigin({ after: end => ended.push(end) });
    for (const end of ended) await end();
    const client = await tunnelClient(t, engine.port(), authority);
    client.send("\x00\x01");
    await client.left();
    assert.equal((await flowTo(port)).error?.code, "connect-refused");
  });

  for (const target of ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "user@127.0.0.1:1", "[::1:1", ":443", "/"]) {
    it(`is refused for ${target}`, async t => {
      const client = await rawClient(t, engine.port());
      client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.equal((await client.answer()).status, 400);
    });
  }
});

describe("a tunnel in which nobody says a word", () => {
  it("ends after its time", async t => {
    const impatient = await startEngine(t, { limits: { tunnelIdleMs: 500 } });
    const origin = await rawOrigin(t, { serve: peer => peer.send("hello") });
    const client = await tunnelClient(t, impatient.port(), origin.authority);
    await client.until("hello");
    await client.left();
    const [there] = origin.peers;
    await eventually(() => there?.closed === true || there?.ended === true);
    const flow = await impatient.flow(f => f.method === "CONNECT");
    assert.equal(flow.error?.code, "idle-timeout");
  });
});
