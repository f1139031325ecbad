import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { type Peer, pause } from "../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const engine = await startEngine({ after }, { flags: { "upstream-ca": [certificates.file("root.pem")] } });
const SWITCHED =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n" +
  "Sec-WebSocket-Protocol: chat\r\n\r\n";
const HANDSHAKE =
  "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat, superchat\r\n" +
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

/** Both ends behind an upgrade. */
async function upgraded(t: Cleaner, secure: boolean, path = "/ws", first = ""): Promise<{ client: Peer; there: Peer }> {
  const origin: RawOrigin = await rawOrigin(t, secure ? { tls: certificates.server(`ws${path.slice(1)}`) } : {});
  const client = secure
    ? await tlsClient(t, engine.port(), `localhost:${origin.port}`, { ca: engine.rootPem })
    : await rawClient(t, engine.port());
  const target = secure ? path : `http://${origin.authority}${path}`;
  client.send(`GET ${target} HTTP/1.1\r\nHost: ${origin.authority}\r\n${HANDSHAKE}`);
  const there = await origin.connection();
  assert.equal(await there.head(), `GET ${path} HTTP/1.1\r\nHost: ${origin.authority}\r\n${HANDSHAKE}`);
  there.send(SWITCHED + first);
  assert.equal(await client.head(), SWITCHED);
  return { client, there };
}

const frame = (opcode: number, payload: Buffer): Buffer => {
  const mask = randomBytes(4);
  const masked = payload.map((byte, i) => byte ^ (mask[i & 3] as number));
  const head =
    payload.length < 126
      ? Buffer.of(0x80 | opcode, 0x80 | payload.length)
      : Buffer.concat([Buffer.of(0x80 | opcode, 0xff), eight(payload.length)]);
  return Buffer.concat([head, mask, masked]);
};

function eight(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

for (const secure of [false, true]) {
  describe(`WebSocket ${secure ? "under TLS" : "plain"}`, { concurrency: 4 }, () => {
    it("frames pass as they are, both ways, however they are cut", async t => {
      const { client, there } = await upgraded(t, secure);
      const sent = Buffer.concat([
        frame(1, Buffer.from("text")),
        frame(2, Buffer.of(0, 255)),
        frame(0, Buffer.alloc(0)),
      ]);
      for (const byte of sent) client.send(Buffer.of(byte));
      assert.equal(await there.take(sent.length), sent.toString("latin1"));
      there.send("\x81\x05hello");
      assert.equal(await client.take(7), "\x81\x05hello");
    });

    it("a first frame in one segment with the 101", async t => {
      const { client } = await upgraded(t, secure, "/first", "\x81\x02hi");
      assert.equal(await client.take(4), "\x81\x02hi");
    });

    it("a message of 1 MiB", async t => {
      const { client, there } = await upgraded(t, secure, "/big");
      const message = frame(2, randomBytes(1 << 20));
      client.send(message);
      assert.equal(await there.take(message.length), message.toString("latin1"));
    });

    it("what breaks the protocol is the other end's to judge: unmasked, bad UTF-8, garbage", async t => {
      const { client, there } = await upgraded(t, secure, "/bad");
      const bad = "\x81\x02no\x81\x82\x00\x00\x00\x00\xff\xfe\xff\xff\xff";
      client.send(bad);
      assert.equal(await there.take(bad.length), bad);
    });

    it("an end on either side reaches the other; the flow has its byte counts", async t => {
      const path = secure ? "/ends" : "/end";
      const { client, there } = await upgraded(t, secure, path);
      client.send("\x88\x80\x00\x00\x00\x00");
      await there.take(6);
      there.send("\x88\x00").end();
      assert.equal(await client.take(2), "\x88\x00");
      await client.left();
      client.end();
      const flow = await engine.flow(f => f.path === path);
      assert.deepEqual([flow.status, flow.state], [101, "complete"]);
    });

    it("an abrupt end of the origin reaches the client", async t => {
      const { client, there } = await upgraded(t, secure, "/abrupt");
      there.close();
      await client.left();
    });
  });
}

describe("a handshake that comes to nothing", () => {
  it("refused by the origin is an answer like any other, and the connection goes on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/no", HANDSHAKE.slice(0, -2)));
    const there = await origin.connection();
    await there.head();
    there.send(
      "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno",
    );
    const { status, head } = await client.answer();
    assert.equal(status, 426);
    assert.match(head, /\r\nUpgrade: websocket\r\n/);
    client.send(origin.get("/next"));
    assert.match(await there.head(), /^GET \/next /);
  });

  it("101 that nobody asked for is a fault of the origin", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/unasked"));
    const there = await origin.connection();
    await there.head();
    there.send(`${SWITCHED}\x81\x02hi`);
    assert.equal((await client.answer()).status, 502);
    await pause(50);
    assert.equal(client.text.includes("\x81\x02hi"), false);
  });

  it("h2c is not asked for further on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(
      origin.get("/h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
    );
    assert.equal(await (await origin.connection()).head(), `GET /h2c HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`);
  });
});
