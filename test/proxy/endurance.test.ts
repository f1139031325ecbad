import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, describe, it } from "node:test";
import { PrivateAddresses } from "../../src/net/address.ts";
import { startEngine } from "../support/engine.ts";
import { eventually, pause } from "../support/peer.ts";
import { rawClient, tunnelClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";
import { clientHelloBytes } from "../support/slow-tls.ts";

const engine = await startEngine({ after });
const origin = await rawOrigin({ after }, { serve: answerEach });

/** What this process holds of sockets and timers. */
function held(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return { sockets: counts.TCPSocketWrap ?? 0, timers: counts.Timeout ?? 0 };
}

async function served(): Promise<void> {
  const client = await rawClient({ after: end => ends.push(end) }, engine.port());
  client.send(origin.get("/"));
  assert.equal((await client.answer()).status, 200);
}
const ends: (() => unknown)[] = [];
after(() => {
  for (const end of ends) end();
});

describe("a thousand connections, opened and abandoned", () => {
  const openings: readonly (readonly [name: string, bytes: () => string | Buffer])[] = [
    ["without a word", () => ""],
    ["in the middle of a head", () => "GET http://127.0.0.1/ HT"],
    ["behind a CONNECT", () => `CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [
      "in a client hello",
      () => Buffer.concat([Buffer.from(`CONNECT localhost:${origin.port} HTTP/1.1\r\n\r\n`), hello]),
    ],
    ["behind a request", () => origin.get("/abandoned")],
  ];
  let hello: Buffer = Buffer.alloc(0);

  for (const [name, bytes] of openings) {
    it(`${name}, leave nothing`, async () => {
      hello = (await clientHelloBytes({ servername: "localhost" })).subarray(0, 90);
      await served();
      await pause(50);
      const before = held();
      const opening = bytes();
      for (let round = 0; round < 10; round++) {
        const sockets = Array.from({ length: 100 }, () => {
          const socket = connect({ port: engine.port(), host: "127.0.0.1" });
          socket.on("error", () => undefined);
          if (opening.length > 0) socket.write(opening);
          return socket;
        });
        await Promise.all(sockets.map(socket => new Promise(resolve => socket.once("connect", resolve))));
        await pause(20);
        for (const [i, socket] of sockets.entries()) i % 2 === 0 ? socket.resetAndDestroy() : socket.destroy();
      }
      // Kept upstream connections may stay, and one timer for all.
      await eventually(() => held().sockets! <= before.sockets! + 130 && held().timers! <= before.timers! + 3);
      await served();
    });
  }
});

describe("one bad peer stalls nobody", () => {
  it("neither a slow upload, nor half a hello, nor a client that does not read, nor a silent origin", async t => {
    const silent = await rawOrigin(t);
    const upload = await rawClient(t, engine.port());
    upload.send(silent.request("POST", "/", "Content-Length: 1000\r\n", "x"));
    const hello = await tunnelClient(t, engine.port(), `localhost:${origin.port}`);
    hello.send((await clientHelloBytes({})).subarray(0, 50));
    const waiting = await rawClient(t, engine.port());
    waiting.send(silent.get("/never"));
    const deaf = await rawClient(t, engine.port());
    deaf.socket.pause();
    deaf.send(origin.get("/").repeat(2_000));
    for (let i = 0; i < 20; i++) await served();
  });

  it("200 clients at once each get their own answer", async t => {
    const echo = await rawOrigin(t, {
      serve: async peer => {
        for (;;) {
          const head = await peer.head().catch(() => "");
          if (head === "") return peer.end();
          const path = head.split(" ")[1] ?? "";
          peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
        }
      },
    });
    const ask = async (i: number) => {
      const client = await rawClient(t, engine.port());
      for (let n = 0; n < 3; n++) {
        client.send(echo.get(`/${i}/${n}`));
        assert.equal((await client.answer()).content, `/${i}/${n}`);
      }
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => ask(i)));
  });
});

describe("limits of connections", () => {
  it("beyond which new ones are closed, and served again when there is room", async t => {
    const small = await startEngine(t, { limits: { connections: 3 } });
    const first = [];
    for (let i = 0; i < 3; i++) first.push(await rawClient(t, small.port()));
    const fourth = await rawClient(t, small.port());
    await fourth.left();
    first[0]?.close();
    await pause(100);
    const fifth = await rawClient(t, small.port());
    fifth.send(origin.get("/"));
    assert.equal((await fifth.answer()).status, 200);
  });

  it("idle upstream connections are bounded, and let go when their time is up", async t => {
    const small = await startEngine(t, { limits: { poolPerOrigin: 2, poolIdleMs: 500 } });
    const many = await rawOrigin(t, { serve: answerEach });
    const ask = async () => {
      const client = await rawClient(t, small.port());
      client.send(many.get("/"));
      await client.answer();
    };
    await Promise.all(Array.from({ length: 6 }, ask));
    await eventually(() => many.peers.every(peer => peer.ended || peer.closed));
  });
});

describe("clients with public addresses", () => {
  it("are refused unless --allow-public", async t => {
    t.mock.method(PrivateAddresses.prototype, "has", () => false);
    const strict = await startEngine(t);
    const refused = await rawClient(t, strict.port());
    await refused.left();
    assert.ok(strict.said.some(line => line.includes("public address")));
    const open = await startEngine(t, { flags: { "allow-public": true } });
    const client = await rawClient(t, open.port());
    client.send(origin.get("/"));
    assert.equal((await client.answer()).status, 200);
  });
});
