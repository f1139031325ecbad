// What follows from an edited body: framing, codings, validators; and what is not edited because it cannot be, or need not be held.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { decodeContent } from "../../../src/flow/decode/content.ts";
import { zstdStored } from "../../../src/wire/zstd.ts";
import { type Peer, pause } from "../../support/peer.ts";
import { type Cleaner, rawClient } from "../../support/raw-client.ts";
import { rawOrigin } from "../../support/raw-origin.ts";
import { message, ruledEngine } from "./scene.ts";

const edit = { body: { replace: { find: "old", with: "newer" } } };
const engine = await ruledEngine(
  { after },
  [
    { name: "up", when: "path:/up", request: edit },
    { name: "down", when: "path:/down", response: edit },
    {
      name: "heads",
      when: "path:/heads",
      request: { headers: { set: { "X-A": "1" } } },
      response: { headers: { set: { "X-B": "2" } } },
    },
    { name: "sees", when: "path:/sees request.body:*secret*", tag: "seen" },
    { name: "sees-back", when: "path:/sees response.body:*secret*", response: { status: 500 } },
  ],
  {},
  { limit: ["rule-body=1kB"] },
);

/** Both ends; `more` is what the client sends before the origin can hear of it. */
async function pair(
  t: Cleaner,
  request: string,
  more?: (client: Peer) => unknown,
): Promise<{ client: Peer; there: Peer }> {
  const origin = await rawOrigin(t);
  const client = await rawClient(t, engine.port());
  client.send(request.replaceAll("ORIGIN", origin.authority));
  await more?.(client);
  return { client, there: await origin.connection() };
}

const GET = (path: string, method = "GET"): string => `${method} http://ORIGIN${path} HTTP/1.1\r\nHost: ORIGIN\r\n\r\n`;

/** What the client gets of an answer to GET /down, to the end of the connection. */
async function down(t: Cleaner, answer: string | Buffer, method = "GET"): Promise<string> {
  const { client, there } = await pair(t, GET("/down", method));
  await there.head();
  there.send(answer).end();
  client.end();
  return client.rest();
}

describe("framing after an edit", () => {
  it("a chunked request gets a length: no chunks, no trailers, no Trailer", async t => {
    const { there } = await pair(
      t,
      "POST http://ORIGIN/up HTTP/1.1\r\nHost: ORIGIN\r\nX-1: a\r\nTrailer: X-T\r\ntransfer-encoding: chunked\r\nX-2: b\r\n\r\n" +
        "2\r\nol\r\n1;x=y\r\nd\r\n0\r\nX-T: 1\r\n\r\n",
    );
    assert.match(
      await message(there),
      /^POST \/up HTTP\/1.1\r\nHost: \S+\r\nX-1: a\r\nX-2: b\r\nContent-Length: 5\r\n\r\nnewer$/,
    );
  });

  it("a chunked answer gets a length, and loses what spoke of the old bytes", async t => {
    const answer = await down(
      t,
      'HTTP/1.1 200 OK\r\nETag: "x"\r\nTransfer-Encoding: chunked\r\nDigest: y\r\nX-1:  a\r\n\r\n3\r\nold\r\n0\r\nX-T: 1\r\n\r\n',
    );
    assert.equal(answer, "HTTP/1.1 200 OK\r\nX-1:  a\r\nContent-Length: 5\r\n\r\nnewer");
  });

  it("an answer that the connection's end ends gets a length", async t => {
    assert.equal(
      await down(t, "HTTP/1.1 200 OK\r\nX-1: a\r\n\r\nold"),
      "HTTP/1.1 200 OK\r\nX-1: a\r\nContent-Length: 5\r\n\r\nnewer",
    );
  });

  it("an edit that finds nothing changes nothing: chunks, trailers and validators stay", async t => {
    const answer =
      'HTTP/1.1 200 OK\r\nETag: "x"\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nnot\r\n0\r\nX-T: 1\r\n\r\n';
    assert.equal(await down(t, answer), answer);
  });

  const codings: readonly [string, (bytes: Buffer) => Buffer, (bytes: Buffer) => Buffer][] = [
    ["gzip", gzipSync, gunzipSync],
    ["br", brotliCompressSync, brotliDecompressSync],
    ["deflate", deflateSync, inflateSync],
    ["zstd", zstdStored, bytes => decodeContent(bytes, "zstd").bytes],
  ];
  for (const [name, encode, decode] of codings) {
    it(`content coded in ${name} is decoded for the edit and coded again`, async t => {
      const bytes = encode(Buffer.from("an old one"));
      const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${name}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      const answer = Buffer.from(await down(t, Buffer.concat([Buffer.from(head), bytes])), "latin1");
      const end = answer.indexOf("\r\n\r\n") + 4;
      const content = answer.subarray(end);
      const said = answer.toString("latin1", 0, end);
      assert.match(said, new RegExp(`Content-Length: ${content.length}\r\n`));
      assert.equal(/Content-Encoding: (.*)\r\n/.exec(said)?.[1], name);
      assert.equal(decode(content).toString(), "an newer one");
    });
  }
});

describe("what is not edited", () => {
  for (const [name, method, answer] of [
    ["HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"],
    ["204", "GET", "HTTP/1.1 204 No Content\r\nX-1: a\r\n\r\n"],
    ["304", "GET", 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 3\r\n\r\n'],
    ["a part (206)", "GET", "HTTP/1.1 206 P\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nold"],
    ["a coding that is not known", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: x-own\r\nContent-Length: 3\r\n\r\nold"],
    ["a coding that is broken", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nold"],
  ] as const) {
    it(name, async t => assert.equal(await down(t, answer, method), answer));
  }

  it("an answer that is longer than the limit: it streams on, and the flow says so", async t => {
    const { client, there } = await pair(t, GET("/down"));
    await there.head();
    there.send(`HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n${"old".repeat(500)}`);
    await client.until("old".repeat(500));
    there.send("old".repeat(500));
    assert.equal(await client.take(1500), "old".repeat(500));
    const { id } = await engine.flow(flow => flow.responseBytes === 3000);
    const { flow } = await engine.recorded(id);
    assert.ok(
      flow.notes?.some(note => /not edited.*too long/.test(note)),
      JSON.stringify(flow.notes),
    );
  });

  it("a request that is longer than the limit", async t => {
    const head = "POST http://ORIGIN/up HTTP/1.1\r\nHost: ORIGIN\r\nContent-Length: 3000\r\n\r\n";
    const { client, there } = await pair(t, head, each => each.send("old".repeat(500)));
    await there.until("old".repeat(500));
    client.send("old".repeat(500));
    await there.take(1500);
    there.send("HTTP/1.1 204 No Content\r\n\r\n");
    await client.head();
    const { id } = await engine.flow(flow => flow.requestBytes === 3000);
    const { flow } = await engine.recorded(id);
    assert.ok(
      flow.notes?.some(note => /longer than 1000 bytes/.test(note)),
      JSON.stringify(flow.notes),
    );
  });
});

describe("what streams and what is held", () => {
  it("edits of heads alone hold nothing back, on either side", async t => {
    const { client, there } = await pair(
      t,
      "POST http://ORIGIN/heads HTTP/1.1\r\nHost: ORIGIN\r\nContent-Length: 6\r\n\r\n",
    );
    assert.match(await there.head(), /X-A: 1\r\n/);
    client.send("abc");
    assert.equal(await there.take(3), "abc");
    client.send("def");
    await there.take(3);
    there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.match(await client.head(), /X-B: 2\r\n/);
    for (const chunk of ["3\r\nabc\r\n", "0\r\n\r\n"]) {
      there.send(chunk);
      assert.equal(await client.take(chunk.length), chunk);
    }
  });

  it("a term on the body holds the message until it is judged, then lets it go as it came", async t => {
    const chunks = "3\r\nsec\r\n3\r\nret\r\n0\r\nX-T: 1\r\n\r\n";
    const head = "POST http://ORIGIN/sees HTTP/1.1\r\nHost: ORIGIN\r\nTransfer-Encoding: chunked\r\n\r\n";
    const { client, there } = await pair(t, head, async each => {
      each.send(chunks.slice(0, 10));
      await pause(100);
      each.send(chunks.slice(10));
    });
    assert.equal((await message(there)).split("\r\n\r\n").slice(1).join("\r\n\r\n"), chunks);
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsec");
    await pause(100);
    assert.equal(client.text, "");
    there.send("ret");
    assert.equal(await message(client), "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nsecret");
    const flow = await engine.flow(each => each.rules.includes("sees-back"));
    assert.deepEqual([flow.rules, flow.tags], [["sees", "sees-back"], ["seen"]]);
  });
});
