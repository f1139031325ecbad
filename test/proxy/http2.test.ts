// Clients that speak HTTP/2, origins that speak HTTP/1: what the one says and the other hears, byte for byte.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { Http2Client, http2Client } from "../support/http2-client.ts";
import { data, frame, headers, opening, type Pairs, rst, settings, windowUpdate } from "../support/http2-frames.ts";
import { eventually, pause } from "../support/peer.ts";
import { type Cleaner, rawClient, tlsClient, tunnelClient } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const engine = await startEngine(
  { after },
  { flags: { "upstream-ca": [certificates.file("root.pem")], http2: "always" } },
);

interface Scene {
  readonly origin: RawOrigin;
  readonly client: Http2Client;
  /** Pseudo-fields for this origin, and what else. */
  ask(method: string, path: string, ...fields: [string, string][]): Pairs;
}

async function scene(t: Cleaner): Promise<Scene> {
  const origin = await rawOrigin(t, { tls: certificates.server("good") });
  const authority = `localhost:${origin.port}`;
  const client = await http2Client(t, engine.port(), authority, { ca: engine.rootPem });
  const ask = (method: string, path: string, ...fields: [string, string][]): Pairs => [
    [":method", method],
    [":scheme", "https"],
    [":authority", authority],
    [":path", path],
    ...fields,
  ];
  return { origin, client, ask };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("HTTP/2 towards HTTP/1", () => {
  it("h-use-get, h-use-field-order: the head that the origin gets, and the fields that are recorded", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(
      ask("GET", "/a//b?q=%2f#", ["z", "1"], ["cookie", "a=1"], ["a", "2"], ["cookie", "b=2"], ["z", "3"]),
    );
    const there = await origin.connection();
    const authority = `localhost:${origin.port}`;
    assert.equal(
      await there.head(),
      `GET /a//b?q=%2f HTTP/1.1\r\nhost: ${authority}\r\nz: 1\r\ncookie: a=1; b=2\r\na: 2\r\nz: 3\r\n\r\n`,
    );
    there.send(
      "HTTP/1.1 200 Fine\r\nX-B: 1\r\nSet-Cookie: a\r\nx-a: 2\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok",
    );
    const heard = await client.over(id);
    assert.deepEqual(heard.sections, [
      [
        [":status", "200"],
        ["x-b", "1"],
        ["set-cookie", "a"],
        ["x-a", "2"],
        ["set-cookie", "b"],
        ["content-length", "2"],
      ],
    ]);
    assert.equal(heard.content.toString(), "ok");
    const summary = await engine.flow(flow => flow.url.endsWith("/a//b?q=%2f"));
    assert.deepEqual(summary.httpVersion, { client: "2", server: "1.1" });
    const { flow, response } = await engine.recorded(summary.id);
    assert.equal(flow.request.head, null);
    assert.deepEqual(flow.request.headers.slice(0, 6), [
      [":method", "GET"],
      [":scheme", "https"],
      [":authority", authority],
      [":path", "/a//b?q=%2f#"],
      ["z", "1"],
      ["cookie", "a=1"],
    ]);
    assert.equal(response.toString(), "ok");
    assert.equal(flow.tls.client?.alpn, "h2");
  });

  it("h-use-post-without-cl: content without a length is chunked, with a length it is not", async t => {
    const { origin, client, ask } = await scene(t);
    const one = client.request(ask("POST", "/chunked"), true);
    client.send(data(one, "hello", true), data(one, " you"));
    const there = await origin.connection();
    assert.match(await there.head(), /transfer-encoding: chunked\r\n\r\n$/);
    assert.equal(await there.until("0\r\n\r\n"), "5\r\nhello\r\n4\r\n you\r\n0\r\n\r\n");
    there.send(OK);
    await client.over(one);
    const two = client.request(ask("POST", "/length", ["content-length", "5"]), true);
    client.send(data(two, "he", true), data(two, "llo"));
    assert.match(await there.head(), /content-length: 5\r\n\r\n$/);
    assert.equal(await there.take(5), "hello");
    there.send(OK);
    await client.over(two);
    const { request } = await engine.recorded((await engine.flow(flow => flow.path === "/chunked")).id);
    assert.equal(request.toString(), "hello you");
    const three = client.request(ask("POST", "/none"));
    assert.match(await there.head(), /content-length: 0\r\n\r\n$/);
    there.send(OK);
    await client.over(three);
  });

  it("h-use-request-trailers, TE: trailers", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("POST", "/", ["te", "trailers"]), true);
    client.send(data(id, "x", true), headers(id, [["x-sum", "1"]]));
    const there = await origin.connection();
    assert.match(await there.head(), /\r\nte: trailers\r\nconnection: te\r\n/);
    assert.equal(await there.until("\r\n\r\n"), "1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n");
    there.send(OK);
    assert.equal((await client.over(id)).reset, null);
  });

  it("h-use-response-trailers, interim answers", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("GET", "/"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    await eventually(() => client.stream(id).sections.length === 1);
    there.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Grpc-Status\r\n\r\n3\r\nabc\r\n0\r\nGrpc-Status: 0\r\n\r\n",
    );
    const heard = await client.over(id);
    assert.deepEqual(heard.sections, [
      [
        [":status", "103"],
        ["link", "</a>"],
      ],
      [
        [":status", "200"],
        ["trailer", "Grpc-Status"],
      ],
      [["grpc-status", "0"]],
    ]);
    assert.equal(heard.content.toString(), "abc");
  });

  it("h-use-hop-fields-stripped", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("GET", "/"));
    const there = await origin.connection();
    await there.head();
    there.send(
      "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nKeep-Alive: 1\r\nX-Hop: 1\r\nProxy-Connection: x\r\nUpgrade: y\r\nA: b\r\n\r\nto the end",
    );
    there.end();
    const heard = await client.over(id);
    assert.deepEqual(heard.sections, [
      [
        [":status", "200"],
        ["a", "b"],
      ],
    ]);
    assert.equal(heard.content.toString(), "to the end");
    assert.equal(heard.reset, null);
  });

  it("answers without content end with their heads: HEAD, 204, 304, length 0", async t => {
    const { origin, client, ask } = await scene(t);
    const there = async () => origin.peers[0] ?? (await origin.connection());
    for (const [method, answer] of [
      ["HEAD", "200 OK\r\nContent-Length: 5"],
      ["GET", "204 No Content"],
      ["GET", "304 Not Modified\r\nContent-Length: 9"],
      ["GET", "200 OK\r\nContent-Length: 0"],
    ] as const) {
      const id = client.request(ask(method, "/"));
      const peer = await there();
      await peer.head();
      peer.send(`HTTP/1.1 ${answer}\r\n\r\n`);
      const heard = await client.over(id);
      assert.equal(heard.content.length, 0);
      assert.deepEqual(
        client.log.frames.filter(seen => seen.streamId === id).map(seen => client.log.describe(seen)),
        [`HEADERS ${id} END`],
      );
    }
  });

  it("h-use-slow-stream-does-not-block", async t => {
    const { origin, client, ask } = await scene(t);
    const slow = client.request(ask("GET", "/slow"));
    const first = await origin.connection();
    await first.head();
    const quick = client.request(ask("GET", "/quick"));
    const second = await origin.connection();
    await second.head();
    second.send(OK);
    assert.equal((await client.over(quick)).content.toString(), "ok");
    assert.equal(client.stream(slow).ended, false);
    first.send(OK);
    await client.over(slow);
  });

  it("truncation becomes RST_STREAM, whatever framed the answer; what came before it arrives", async t => {
    const { origin, client, ask } = await scene(t);
    for (const head of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
      const id = client.request(ask("GET", "/cut"));
      const there = await origin.connection();
      await there.head();
      there.send(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${head.startsWith("T") ? "5\r\n" : ""}hello`);
      await eventually(() => client.stream(id).content.length === 5);
      there.close();
      assert.equal((await client.over(id)).reset, "INTERNAL_ERROR");
      assert.equal(client.stream(id).ended, false);
    }
    assert.equal(client.goaway, null, "the connection lives on");
  });

  it("a client's reset reaches the origin, and only that one", async t => {
    const { origin, client, ask } = await scene(t);
    const one = client.request(ask("GET", "/cancelled"));
    const first = await origin.connection();
    await first.head();
    client.send(rst(one, 8));
    await first.left();
    const two = client.request(ask("GET", "/"));
    const second = await origin.connection();
    await second.head();
    second.send(OK);
    await client.over(two);
    assert.equal((await engine.flow(flow => flow.path === "/cancelled")).error?.code, "client-reset");
  });

  it("content that is not as long as it said never completes anything", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("POST", "/short", ["content-length", "10"]), true);
    client.send(data(id, "hello"));
    assert.equal((await client.over(id)).reset, "PROTOCOL_ERROR");
    const there = await origin.connection(1000).catch(() => null);
    await there?.left();
    const flow = await engine.flow(seen => seen.path === "/short");
    assert.equal(flow.error?.code, "h2-content-length-wrong");
  });

  const BAD: readonly [name: string, defect: string, fields: (ask: Scene["ask"]) => Pairs][] = [
    ["h-bad-value-crlf-te", "h2-value-illegal", ask => ask("GET", "/", ["x", "a\r\ntransfer-encoding: chunked"])],
    ["h-bad-value-cr", "h2-value-illegal", ask => ask("GET", "/", ["x", "a\rb"])],
    ["h-bad-keep-alive", "h2-connection-field", ask => ask("GET", "/", ["keep-alive", "1"])],
    ["h-bad-proxy-connection", "h2-connection-field", ask => ask("GET", "/", ["proxy-connection", "x"])],
    ["h-bad-cl-get-no-body", "h2-content-length-wrong", ask => ask("GET", "/", ["content-length", "5"])],
    [
      "h-bad-cl-two",
      "h2-content-length-illegal",
      ask => ask("POST", "/", ["content-length", "0"], ["content-length", "1"]),
    ],
    ["h-bad-cl-plus", "h2-content-length-illegal", ask => ask("POST", "/", ["content-length", "+0"])],
    ["h-bad-path-space", "h2-value-illegal", ask => ask("GET", "/ HTTP/1.1\r\nx: y")],
    ["h-bad-path-space (a blank)", "h2-path-illegal", ask => ask("GET", "/a b")],
    ["h-bad-path-missing", "h2-pseudo-missing", ask => ask("GET", "/").filter(([name]) => name !== ":path")],
    ["h-bad-path-relative", "h2-path-illegal", ask => ask("GET", "a/b")],
    ["h-bad-method-space", "h2-method-illegal", ask => ask("GET /x HTTP/1.1", "/")],
    [
      "h-bad-scheme-injected",
      "h2-scheme-illegal",
      ask => ask("GET", "/").map(([n, v]) => [n, n === ":scheme" ? "https://evil/?" : v]),
    ],
    [
      "h-bad-authority-userinfo",
      "h2-authority-illegal",
      ask => ask("GET", "/").map(([n, v]) => [n, n === ":authority" ? `u:p@${v}` : v]),
    ],
    ["h-bad-pseudo-unknown", "h2-pseudo-unknown", ask => ask("GET", "/", [":x", "y"])],
    ["h-bad-pseudo-after-field", "h2-pseudo-late", ask => [["a", "b"], ...ask("GET", "/")]],
  ];
  for (const [name, defect, fields] of BAD) {
    it(name, async t => {
      const { origin, client, ask } = await scene(t);
      const asked = fields(ask);
      const id = client.request(asked);
      const heard = await client.over(id);
      assert.match(heard.reset ?? "", /PROTOCOL_ERROR/);
      const good = client.request(ask("GET", "/good"));
      const there = await origin.connection();
      assert.match(await there.head(), /^GET \/good /);
      there.send(OK);
      await client.over(good);
      assert.equal(origin.peers.length, 1, "nothing of it reached the origin");
      const flow = await engine.flow(seen => seen.defects.includes(defect) && seen.port === origin.port);
      assert.deepEqual((await engine.recorded(flow.id)).flow.request.headers, asked);
    });
  }

  it("h-bad-trailer-pseudo", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("POST", "/"), true);
    const there = await origin.connection();
    await there.head();
    client.send(headers(id, [[":path", "/x"]]));
    assert.equal((await client.over(id)).reset, "PROTOCOL_ERROR");
    await there.left();
    assert.doesNotMatch(there.text, /0\r\n\r\n$/, "the request was never completed");
  });

  it("CONNECT is refused with an answer", async t => {
    const { client } = await scene(t);
    const id = client.request([
      [":method", "CONNECT"],
      [":authority", "localhost:443"],
    ]);
    await client.over(id);
    assert.equal(client.status(id), "405");
  });

  const FATAL: readonly [name: string, code: string, frames: (ask: Scene["ask"]) => Buffer[]][] = [
    ["h-proto-frame-too-large", "FRAME_SIZE_ERROR", () => [frame(0, 0, 1, Buffer.alloc(16_385))]],
    ["h-proto-window-overflow", "FLOW_CONTROL_ERROR", () => [windowUpdate(0, 2 ** 31 - 1)]],
    ["h-proto-interleaved-continuation", "PROTOCOL_ERROR", () => [frame(1, 0, 1, ""), frame(9, 4, 3, "")]],
    [
      "h-proto-rapid-reset",
      "ENHANCE_YOUR_CALM",
      ask =>
        Array.from({ length: 2000 }, (_, i) =>
          Buffer.concat([headers(1 + 2 * i, ask("GET", "/r")), rst(1 + 2 * i, 8)]),
        ),
    ],
    ["h-proto-ping-flood", "ENHANCE_YOUR_CALM", () => Array.from({ length: 2000 }, () => frame(6, 0, 0, "12345678"))],
    [
      "h-proto-empty-data-flood",
      "ENHANCE_YOUR_CALM",
      ask => [headers(1, ask("POST", "/"), true), ...Array.from({ length: 2000 }, () => data(1, "", true))],
    ],
  ];
  for (const [name, code, frames] of FATAL) {
    it(`${name}: GOAWAY ${code}`, async t => {
      const { client, ask } = await scene(t);
      client.send(...frames(ask));
      await eventually(() => client.goaway !== null);
      assert.equal(client.goaway, code);
      await client.peer.left();
    });
  }

  it("upload: who does not read stops the client, and goes on when it reads", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("POST", "/up"), true);
    const there = await origin.connection();
    await there.head();
    there.socket.pause();
    // What the windows allow, and what kernels hold, is finite: a client that keeps to them stops.
    let sent = 0;
    const allowed = () =>
      131_072 +
      client.log.frames
        .filter(seen => seen.type === "WINDOW_UPDATE" && seen.streamId === id)
        .reduce((sum, seen) => sum + seen.payload.readUInt32BE(0), 0);
    for (let quiet = 0; quiet < 5 && sent < 64 << 20; ) {
      if (sent + 16_384 <= allowed()) {
        client.send(data(id, Buffer.alloc(16_384, 0x61), true));
        sent += 16_384;
        quiet = 0;
        if (sent % (1 << 20) === 0) await pause(1);
      } else {
        quiet++;
        await pause(50);
      }
    }
    assert.ok(sent < 32 << 20, `${sent} bytes went into nowhere`);
    there.socket.resume();
    client.send(data(id, ""));
    await there.until("0\r\n\r\n");
    there.send(OK);
    await client.over(id);
    const flow = await engine.flow(seen => seen.path === "/up");
    assert.equal(flow.requestBytes, sent);
  });

  it("download: a client whose window is shut stops the origin, and other streams go on", async t => {
    const { origin, client, ask } = await scene(t);
    client.send(settings([4, 1000]));
    const id = client.request(ask("GET", "/down"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const chunk = Buffer.alloc(65_536, 0x61);
    for (let i = 0; i < 1000; i++) there.socket.write(chunk);
    await pause(300);
    assert.ok(there.socket.writableLength > 32 << 20, "the origin is not read from any more");
    assert.equal(client.stream(id).content.length, 1000);
    const other = client.request(ask("GET", "/other"));
    const second = await origin.connection();
    await second.head();
    second.send(OK);
    assert.equal((await client.over(other)).content.toString(), "ok");
    client.send(windowUpdate(id, 5000));
    await eventually(() => client.stream(id).content.length === 6000);
  });

  it("a client that ends its side still gets its answers, then GOAWAY", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("GET", "/half"));
    const there = await origin.connection();
    await there.head();
    client.peer.end();
    await pause(50);
    there.send(OK);
    assert.equal((await client.over(id)).content.toString(), "ok");
    await client.peer.left();
    assert.equal(client.goaway, "NO_ERROR");
  });

  it("a client that goes away takes its exchanges with it", async t => {
    const { origin, client, ask } = await scene(t);
    client.request(ask("GET", "/gone1"));
    client.request(ask("GET", "/gone2"));
    const peers = [await origin.connection(), await origin.connection()];
    await Promise.all(peers.map(peer => peer.head()));
    client.peer.close();
    await Promise.all(peers.map(peer => peer.left()));
    for (const peer of peers) peer.close();
    await engine.flow(flow => flow.path === "/gone2" && flow.state === "error");
  });

  it("an origin that fails is told of on its stream alone", async t => {
    const { origin, client, ask } = await scene(t);
    const id = client.request(ask("GET", "/fails"));
    (await origin.connection()).close();
    await client.over(id);
    assert.equal(client.status(id), "502");
    assert.match(client.stream(id).content.toString(), /upstream-/);
    assert.equal(client.goaway, null);
  });
});

describe("which protocol", () => {
  it("always offers h2 and http/1.1; a client that offers only one gets that", async t => {
    const origin = await rawOrigin(t, { tls: certificates.server("good") });
    const agreed = async (protocols: string[]) => {
      const options = { ca: engine.rootPem, ALPNProtocols: protocols };
      const peer = await tlsClient(t, engine.port(), `localhost:${origin.port}`, options);
      return (peer.socket as TLSSocket).alpnProtocol;
    };
    assert.equal(await agreed(["http/1.1", "h2"]), "h2");
    assert.equal(await agreed(["http/1.1"]), "http/1.1");
    assert.equal(await agreed(["h2"]), "h2");
  });

  it("prior knowledge, in a tunnel and on the proxy's own port", async t => {
    const origin = await rawOrigin(t);
    const fields: Pairs = [
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", origin.authority],
      [":path", "/h2c"],
    ];
    for (const peer of [await tunnelClient(t, engine.port(), origin.authority), await rawClient(t, engine.port())]) {
      const client = new Http2Client(peer).send(opening);
      const id = client.request(fields);
      const there = origin.peers[0] ?? (await origin.connection());
      assert.equal(await there.head(), `GET /h2c HTTP/1.1\r\nhost: ${origin.authority}\r\n\r\n`);
      there.send(OK);
      assert.equal((await client.over(id)).content.toString(), "ok");
    }
  });

  it("never: only http/1.1 is agreed on, and the preface is refused", async t => {
    const never = await startEngine(t, { flags: { http2: "never" } });
    const client = await rawClient(t, never.port());
    client.send(opening);
    assert.match(await client.rest(), /^HTTP\/1.1 505 /);
    const tls = await tlsClient(t, never.port(), "localhost:1", {
      ca: never.rootPem,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    assert.equal((tls.socket as TLSSocket).alpnProtocol, "http/1.1");
  });
});
