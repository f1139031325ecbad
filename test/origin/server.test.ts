// The listener: one port for both, WebSocket, the index page, and requests that are wrong.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { LESSONS } from "../../src/origin/lessons.ts";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { ask, askRaw } from "./client.ts";

let origin: Origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

test("the index lists every lesson with a command for this host, and all it refers to is there", async () => {
  const page = (await ask(origin.port, "/", { headers: { host: "demo.test:99" } })).body.toString();
  assert.match(page, /curl -i --compressed http:\/\/demo\.test:99\/gzip/);
  for (const lesson of LESSONS) assert.ok(page.includes(`>/${lesson.name}</a>`), lesson.name);
  for (const path of ["/style.css", "/script.js", "/image/svg"]) {
    assert.ok(page.includes(`"${path}"`));
    assert.equal((await ask(origin.port, path)).status, 200);
  }
  assert.equal((await ask(origin.port, "/favicon.ico")).status, 200);
});

test("an unknown path says where to look; a Host that makes no URL is a 400", async () => {
  const missing = await ask(origin.port, "/nope");
  assert.equal(missing.status, 404);
  assert.match(missing.body.toString(), /no lesson is called \/nope/);
  assert.equal((await ask(origin.port, "/get", { headers: { host: "a b" } })).status, 400);
  assert.equal((await ask(origin.port, "/%zz")).status, 404);
});

test("OPTIONS * and absolute-form are answered", async () => {
  assert.match(
    (await askRaw(origin.port, "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).toString(),
    /^HTTP\/1.1 200/,
  );
  const absolute = await askRaw(
    origin.port,
    "GET http://x.test/get?a HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n",
  );
  assert.match(absolute.toString(), /"url": "http:\/\/x.test\/get\?a"/);
});

test("websocket echoes text, binary, fragments and pings, and closes with the same code", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${origin.port}/ws`);
  await once(socket, "open");
  for (const size of [5, 125, 126, 65_535, 65_536, 1_000_000]) {
    socket.send("ü".repeat(size / 2));
    const [data, binary] = await once(socket, "message");
    assert.equal(binary, false);
    assert.equal(data.length, Buffer.byteLength("ü".repeat(size / 2)));
  }
  socket.send(Buffer.from([1, 2, 3]), { fin: false });
  socket.send(Buffer.from([4]), { fin: true });
  assert.deepEqual((await once(socket, "message"))[0], Buffer.from([1, 2, 3, 4]));
  socket.ping("hi");
  assert.equal((await once(socket, "pong"))[0].toString(), "hi");
  socket.close(4001, "bye");
  assert.equal((await once(socket, "close"))[0], 4001);
});

test("websocket refuses an unmasked frame and another version", async () => {
  const upgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const unmasked = await askRaw(
    origin.port,
    Buffer.concat([Buffer.from(`${upgrade}Sec-WebSocket-Version: 13\r\n\r\n`), Buffer.from([0x81, 1, 0x61])]),
  );
  assert.match(unmasked.toString("latin1"), /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/); // RFC 6455 §1.3
  assert.deepEqual([...unmasked.subarray(-4)], [0x88, 2, 0x03, 0xea]); // 1002
  assert.match((await askRaw(origin.port, `${upgrade}Sec-WebSocket-Version: 8\r\n\r\n`)).toString(), /^HTTP\/1.1 426/);
});

test("an upgrade to anything else is ignored", async () => {
  const answer = await askRaw(
    origin.port,
    "GET /get HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
  );
  assert.match(answer.toString(), /^HTTP\/1.1 200 OK/);
});

test("a port that is taken is the listener's error; close ends connections that say nothing", async () => {
  await assert.rejects(startOrigin({ port: origin.port }), { code: "EADDRINUSE" });
  const other = await startOrigin();
  const idle = connect(other.port, "127.0.0.1");
  await once(idle, "connect");
  const ended = once(idle, "close");
  idle.on("error", () => {});
  await other.close();
  await ended;
});
