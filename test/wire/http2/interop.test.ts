// Our HTTP/2 against Node's own (nghttp2), over real sockets, in both roles.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { limitsWith } from "../../../src/config/limits.ts";
import { Http2Connection } from "../../../src/wire/http2/connection.ts";
import type { FieldOut, Http2Stream } from "../../../src/wire/http2/stream.ts";
import { DATA, END, FAULT, HEADERS, MALFORMED, NEED, RESET, TRAILERS } from "../../../src/wire/http2/streams.ts";

const NAMES = new Map([
  [HEADERS, "HEADERS"],
  [DATA, "DATA"],
  [TRAILERS, "TRAILERS"],
  [END, "END"],
  [RESET, "RESET"],
  [MALFORMED, "MALFORMED"],
]);

/** Speaks for a connection of ours on a socket; `onEvent` is told what comes. */
function drive(connection: Http2Connection, socket: Socket, onEvent: (event: number) => void): () => void {
  const write = () => {
    connection.pump(1 << 20);
    for (const piece of connection.out.take()) socket.write(piece);
  };
  socket.setNoDelay();
  socket.on("data", (chunk: Buffer) => {
    connection.push(chunk, performance.now());
    for (let event = connection.next(); event !== NEED; event = connection.next()) {
      assert.notEqual(event, FAULT, connection.fault?.message);
      onEvent(event);
    }
    write();
  });
  socket.on("error", () => {});
  write();
  return write;
}

const fields = (...pairs: [string, string][]): FieldOut[] => pairs.map(([name, value]) => ({ name, value }));

/** A server of ours that gives back what it gets, its fields as x-…, its trailers as trailers. */
async function echoServer(test: TestContext, huffman: boolean): Promise<number> {
  const server = createTcpServer(socket => {
    const connection = new Http2Connection("server", limitsWith(), huffman);
    const sums = new Map<Http2Stream, FieldOut[]>();
    drive(connection, socket, event => {
      const { stream } = connection;
      if (event === HEADERS) {
        const back = connection.fields
          .filter(({ name }) => name.startsWith("x-") || name === "cookie")
          .map(({ name, value }) => ({ name: name === "cookie" ? "set-cookie" : name, value }));
        connection.sendHeaders(stream, [...fields([":status", "103"], ["link", "</a>"])], false);
        connection.sendHeaders(
          stream,
          [...fields([":status", "200"], ["x-path", connection.request?.path ?? ""]), ...back],
          false,
        );
      } else if (event === DATA) {
        connection.sendData(stream, connection.buf, connection.start, connection.end);
        connection.consumed(stream, connection.end - connection.start);
      } else if (event === TRAILERS) {
        sums.set(
          stream,
          connection.fields.map(({ name, value }) => ({ name, value })),
        );
      } else if (event === END) connection.sendEnd(stream, sums.get(stream) ?? null);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function nodeClient(test: TestContext, port: number): ClientHttp2Session {
  const client = connect(`http://127.0.0.1:${port}`);
  test.after(() => client.destroy());
  return client;
}

interface Answer {
  readonly headers: Record<string, unknown>;
  readonly trailers: Record<string, unknown>;
  readonly content: Buffer;
}

function ask(client: ClientHttp2Session, headers: Record<string, string>, content: Buffer | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request({ ":path": "/", ...headers }, { endStream: content === null });
    const chunks: Buffer[] = [];
    let answered: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    stream.on("response", seen => {
      answered = seen;
    });
    stream.on("trailers", seen => {
      trailers = seen;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => resolve({ headers: answered, trailers, content: Buffer.concat(chunks) }));
    stream.on("error", reject);
    if (content !== null) stream.end(content);
  });
}

for (const huffman of [true, false]) {
  describe(`as a server of Node's client${huffman ? ", with Huffman" : ""}`, () => {
    it("carries every byte that a value may have", async test => {
      const client = nodeClient(test, await echoServer(test, huffman));
      let all = "a";
      for (let byte = 0x20; byte < 0x100; byte++) if (byte !== 0x7f) all += String.fromCharCode(byte);
      all += "z";
      for (let round = 0; round < 3; round++) {
        const { headers } = await ask(client, { ":path": `/${round}`, "x-all": all, "x-round": String(round) }, null);
        assert.equal(headers["x-all"], all);
        assert.equal(headers["x-round"], String(round));
        assert.equal(headers["x-path"], `/${round}`);
      }
    });

    it("carries many streams at once, small and large, in both directions", async test => {
      const client = nodeClient(test, await echoServer(test, huffman));
      const sizes = Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 300_000 + i : i * 100));
      await Promise.all(
        sizes.map(async (size, i) => {
          const content = Buffer.alloc(size, i);
          const answer = await ask(client, { ":method": "POST", "x-i": String(i) }, content);
          assert.equal(answer.headers["x-i"], String(i));
          assert.ok(answer.content.equals(content), `stream ${i} of ${size} bytes`);
        }),
      );
    });

    it("survives thousands of requests whose fields turn over the tables", async test => {
      const client = nodeClient(test, await echoServer(test, huffman));
      for (let i = 0; i < 40; i++) {
        await Promise.all(
          Array.from({ length: 25 }, async (_, j) => {
            const value = `${"v".repeat((i * 31 + j * 7) % 300)}${i}-${j}`;
            const { headers } = await ask(client, { [`x-${(i + j) % 11}`]: value }, null);
            assert.equal(headers[`x-${(i + j) % 11}`], value);
          }),
        );
      }
    });
  });
}

describe("as a client of Node's server", () => {
  async function nodeServer(test: TestContext): Promise<number> {
    const server: Http2Server = createServer({ settings: { initialWindowSize: 20_000, headerTableSize: 100 } });
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      if (headers[":path"] === "/reset") return stream.close(8);
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      stream.respond(
        { ":status": 200, "x-method": headers[":method"], "set-cookie": ["a=1", "b=2"] },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
      stream.pipe(stream);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    test.after(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it("asks, uploads within small windows, and hears interim answers, content, trailers and resets", async test => {
    const port = await nodeServer(test);
    const socket = connectTcp(port, "127.0.0.1");
    test.after(() => socket.destroy());
    await once(socket, "connect");
    const connection = new Http2Connection("client", limitsWith());
    const heard = new Map<number, { lines: string[]; bytes: number }>();
    let left = 0;
    let done = () => {};
    const write = drive(connection, socket, event => {
      const { stream } = connection;
      const log = heard.get(stream.id);
      assert.ok(log !== undefined);
      if (event === DATA) {
        log.bytes += connection.end - connection.start;
        connection.consumed(stream, connection.end - connection.start);
        return;
      }
      log.lines.push(event === HEADERS ? `HEADERS ${connection.response?.status}` : (NAMES.get(event) ?? ""));
      if (event === TRAILERS) assert.equal(connection.fields[0].value, "7");
      if ((event === END || event === RESET) && --left === 0) done();
    });
    const request = (path: string, size: number) => {
      left++;
      const section = fields([":method", "POST"], [":scheme", "http"], [":authority", "x.test"], [":path", path]);
      const stream = connection.openStream(section, false, false);
      heard.set(stream.id, { lines: [], bytes: 0 });
      connection.sendData(stream, Buffer.alloc(size), 0, size);
      connection.sendEnd(stream, null);
      return stream.id;
    };
    const sizes = [0, 10, 100_000, 1_000_000];
    const ids = sizes.map(size => request("/", size));
    const reset = request("/reset", 5);
    const over = new Promise<void>(resolve => {
      done = resolve;
    });
    write();
    await over;
    ids.forEach((id, i) => {
      assert.deepEqual(heard.get(id), { lines: ["HEADERS 103", "HEADERS 200", "TRAILERS", "END"], bytes: sizes[i] });
    });
    assert.deepEqual(heard.get(reset)?.lines, ["RESET"]);
    assert.equal(connection.streams.size, 0);
  });
});
