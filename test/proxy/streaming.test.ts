import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { eventually, type Peer, pause } from "../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const engine = await startEngine({ after }, { flags: { "upstream-ca": [certificates.file("root.pem")] } });

const WAYS: readonly Way[] = [
  {
    name: "plain",
    origin: t => rawOrigin(t),
    connect: t => rawClient(t, engine.port()),
    prefix: origin => `http://${origin.authority}`,
  },
  {
    name: "under TLS",
    origin: t => rawOrigin(t, { tls: certificates.server("good") }),
    connect: (t, origin) => tlsClient(t, engine.port(), `localhost:${origin.port}`, { ca: engine.rootPem }),
    prefix: () => "",
  },
];

interface Way {
  readonly name: string;
  origin(t: Cleaner): Promise<RawOrigin>;
  connect(t: Cleaner, origin: RawOrigin): Promise<Peer>;
  /** What stands before the path of a target. */
  prefix(origin: RawOrigin): string;
}

/** What kernels and Node may hold of a stream that nobody reads: both sides' socket buffers and ours. */
const HELD_BYTES_MAX = 24 << 20;

for (const way of WAYS) {
  const scene = async (t: Cleaner, method: string, fields = "") => {
    const origin = await way.origin(t);
    const client = await way.connect(t, origin);
    client.send(`${method} ${way.prefix(origin)}/ HTTP/1.1\r\nHost: ${origin.authority}\r\n${fields}\r\n`);
    const there = await origin.connection();
    await there.head();
    return { client, there };
  };

  describe(`streams ${way.name}`, () => {
    it("the head of an answer comes before its content, the first chunk before the last", async t => {
      const { client, there } = await scene(t, "GET");
      there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      await client.head();
      for (const chunk of ["5\r\nfirst\r\n", "6\r\nsecond\r\n"]) {
        there.send(chunk);
        assert.equal(await client.take(chunk.length), chunk);
      }
      there.send("0\r\n\r\n");
      assert.equal(await client.take(5), "0\r\n\r\n");
    });

    it("an answer that the connection's end ends comes as it is made", async t => {
      const { client, there } = await scene(t, "GET");
      there.send("HTTP/1.1 200 OK\r\n\r\nfirst");
      await client.until("first");
      there.send("second");
      await client.until("second");
      there.end();
      assert.equal(await client.rest(), "");
      assert.equal(client.error, null);
    });

    it("the head of a request comes before its content, and the content as it is made", async t => {
      const { client, there } = await scene(t, "PUT", "Content-Length: 8\r\n");
      client.send("half");
      assert.equal(await there.take(4), "half");
      client.send("half");
      assert.equal(await there.take(4), "half");
      there.send("HTTP/1.1 204 No Content\r\n\r\n");
      await client.head();
    });

    it("a client that does not read stops the origin, and what comes is whole when it reads again", async t => {
      const size = 64 << 20;
      const { client, there } = await scene(t, "GET");
      client.socket.pause();
      there.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      let sent = 0;
      const piece = Buffer.alloc(1 << 16, "x");
      const pump = () => {
        while (sent < size) {
          sent += piece.length;
          if (!there.socket.write(piece)) return;
        }
      };
      there.socket.on("drain", pump);
      pump();
      await settled(() => sent);
      assert.ok(sent < HELD_BYTES_MAX, `${sent} bytes were taken of an answer that nobody reads`);
      let heard = 0;
      client.socket.removeAllListeners("data");
      client.socket.on("data", chunk => {
        heard += chunk.length;
      });
      client.socket.resume();
      await eventually(() => heard >= size);
      assert.equal(sent, size);
    });

    it("an origin that does not read stops the client", async t => {
      const { client, there } = await scene(t, "PUT", `Content-Length: ${1 << 30}\r\n`);
      there.socket.pause();
      let sent = 0;
      const piece = Buffer.alloc(1 << 16, "x");
      const pump = () => {
        while (sent < 1 << 30) {
          sent += piece.length;
          if (!client.socket.write(piece)) return;
        }
      };
      client.socket.on("drain", pump);
      pump();
      await settled(() => sent);
      assert.ok(sent < HELD_BYTES_MAX, `${sent} bytes were taken for an origin that does not read`);
    });
  });
}

describe("pipelined requests of a client that does not read", () => {
  it("are not worked off for nobody", async t => {
    const origin = await rawOrigin(t, {
      serve: async peer => {
        const content = Buffer.alloc(1 << 14, "x");
        for (;;) {
          await peer.head().catch(() => undefined);
          if (peer.closed || peer.ended) return;
          peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`).send(content);
          served++;
        }
      },
    });
    let served = 0;
    const client = await rawClient(t, engine.port());
    client.socket.pause();
    client.send(origin.get("/").repeat(5000));
    await settled(() => served);
    assert.ok(served << 14 < HELD_BYTES_MAX, `${served} answers of 16 KiB each were fetched`);
  });
});

/** Waits until a number has stopped growing. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await pause(400);
  }
}
