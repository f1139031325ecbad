import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { type Cleaner, rawClient } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after });

/** Sends a request and its answer through; returns what each side got. */
async function carry(t: Cleaner, origin: RawOrigin, request: string, answer: string) {
  const client = await rawClient(t, engine.port());
  client.send(request);
  const there = await origin.connection();
  const [, content] = request.split("\r\n\r\n");
  const head = await there.head();
  const arrived = head + (await there.take(content?.length ?? 0));
  there.send(answer);
  const got = await client.take(answer.length);
  return { arrived, got };
}

function originForm(origin: RawOrigin, request: string): string {
  return request.replace(`http://${origin.authority}`, "");
}

describe("a message that nobody touches", () => {
  it("arrives byte for byte: order, case, repeats, spacing, obs-text, odd names", async t => {
    const origin = await rawOrigin(t);
    const fields = [
      "hOST-like: 1",
      "X-Twice: a",
      "Accept:\t*/* \t",
      "x-twice:b",
      "X-TWICE:   a",
      "Cookie: a=1; b=\xe9\xff",
      "Cookie: c=2",
      "!#$%&'*+-.^_`|~09: tokens may look so",
      "X-Empty:",
      "User-Agent: none\x80of yours",
    ];
    const request = origin.request("PROPFIND", '/a//b/../%2e%2E/c;x=1?q=%zz&&=|{}"', `${fields.join("\r\n")}\r\n`);
    const answer = `HTTP/1.1 299 \xc4hm, ja \r\nX-A:1\r\nx-a:  2\t\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nServer: \r\nConnection: close\r\n\r\n\x00\x01binary`;
    const { arrived, got } = await carry(t, origin, request, answer);
    assert.equal(arrived, originForm(origin, request));
    assert.equal(got, answer);
  });

  it("is recorded in the very bytes that came, on both sides", async t => {
    const origin = await rawOrigin(t);
    const request = origin.request("POST", "/recorded", "x-ODD:  spaced  \r\nContent-Length: 5\r\n", "h\xe9llo");
    const answer = "HTTP/1.1 200 \r\nContent-Length: 3\r\nX-Was:\t here \r\nConnection: close\r\n\r\nyes";
    await carry(t, origin, request, answer);
    const { id } = await engine.flow(flow => flow.path === "/recorded");
    const recorded = await engine.recorded(id);
    const head = (side: "request" | "response") =>
      Buffer.from(recorded.flow[side]?.head ?? "", "base64").toString("latin1");
    assert.equal(head("request"), request.slice(0, -5));
    assert.equal(head("response"), answer.slice(0, -3));
    assert.equal(recorded.request.toString("latin1"), "h\xe9llo");
    assert.equal(recorded.response.toString("latin1"), "yes");
    assert.deepEqual([recorded.flow.reason, recorded.flow.state], ["", "complete"]);
  });

  it("keeps its chunks: sizes, extensions, trailers", async t => {
    const origin = await rawOrigin(t);
    const chunked = '3;a=b\r\nabc\r\n00A;q="x;y"\r\n0123456789\r\n000\r\nX-Trailer:  yes \r\nx-trailer: no\r\n\r\n';
    const fields = "Transfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n";
    const client = await rawClient(t, engine.port());
    client.send(origin.request("POST", "/chunks", fields, chunked));
    const there = await origin.connection();
    await there.head();
    assert.equal(await there.take(chunked.length), chunked);
    const answer = `HTTP/1.1 200 OK\r\n${fields}\r\n${chunked}`;
    there.send(answer);
    assert.equal(await client.take(answer.length), answer);
    const { flow, request, response } = await engine.recorded((await engine.flow(f => f.path === "/chunks")).id);
    assert.equal(request.toString(), "abc0123456789");
    assert.equal(response.toString(), "abc0123456789");
    const trailers = [
      ["X-Trailer", "yes"],
      ["x-trailer", "no"],
    ];
    assert.deepEqual([flow.request.trailers, flow.response?.trailers], [trailers, trailers]);
  });

  it("has a target of up to 64 KB", async t => {
    const origin = await rawOrigin(t);
    const request = origin.get(`/${"long".repeat(16_000)}?${"q".repeat(1_500)}`);
    const { arrived, got } = await carry(t, origin, request, "HTTP/1.1 204 No Content\r\n\r\n");
    assert.equal(arrived, originForm(origin, request));
    assert.match(got, /^HTTP\/1.1 204 /);
  });

  it("may have a field of 64 KB, also a name", async t => {
    const origin = await rawOrigin(t);
    const request = origin.get("/fields", `X-${"n".repeat(64_000)}: v\r\nX-V: ${"v".repeat(64_000)}\r\n`);
    const { arrived } = await carry(t, origin, request, "HTTP/1.1 204 No Content\r\n\r\n");
    assert.equal(arrived, originForm(origin, request));
  });
});

describe("what a proxy must change", () => {
  it("Host follows the absolute target, in place; a fragment stays behind", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(
      `GET http://${origin.authority}/p?q#fragment HTTP/1.1\r\nA: 1\r\nhost:  other.example \r\nB: 2\r\n\r\n`,
    );
    const there = await origin.connection();
    assert.equal(await there.head(), `GET /p?q HTTP/1.1\r\nA: 1\r\nhost:  ${origin.authority} \r\nB: 2\r\n\r\n`);
  });

  it("hop-by-hop fields go, and what Connection nominates; close stays", async t => {
    const origin = await rawOrigin(t);
    const fields = [
      "Keep-Alive: timeout=5",
      "Proxy-Connection: keep-alive",
      "Proxy-Authorization: Basic x",
      "X-Hop: 1",
      "Connection: x-hop, close",
      "TE: gzip",
      "X-Stays: 1",
    ];
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/hop", `${fields.join("\r\n")}\r\n`));
    const there = await origin.connection();
    assert.equal(
      await there.head(),
      `GET /hop HTTP/1.1\r\nHost: ${origin.authority}\r\nConnection: close\r\nX-Stays: 1\r\n\r\n`,
    );
  });

  it("Max-Forwards is counted for TRACE and OPTIONS, and answered at zero", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.request("OPTIONS", "", "Max-Forwards: 2\r\n"));
    const there = await origin.connection();
    assert.equal(await there.head(), `OPTIONS * HTTP/1.1\r\nHost: ${origin.authority}\r\nMax-Forwards: 1\r\n\r\n`);
    there.send("HTTP/1.1 204 No Content\r\n\r\n");
    await client.head();
    client.send(origin.request("TRACE", "/", "Max-Forwards: 0\r\nCookie: secret\r\nX-A: b\r\n"));
    const { head, content } = await client.answer();
    assert.match(head, /content-type: message\/http/i);
    assert.equal(
      content,
      `TRACE http://${origin.authority}/ HTTP/1.1\r\nHost: ${origin.authority}\r\nMax-Forwards: 0\r\nX-A: b\r\n\r\n`,
    );
  });
});

describe("a client of HTTP/1.0", () => {
  it("gets content without chunks, and the end of the connection", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(`GET http://${origin.authority}/old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
    const there = await origin.connection();
    assert.equal(
      await there.head(),
      `GET /old HTTP/1.0\r\nHost: ${origin.authority}\r\nConnection: keep-alive\r\n\r\n`,
    );
    there.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n");
    there.send("3;ext\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n");
    assert.equal(await client.rest(), "HTTP/1.1 200 OK\r\n\r\nabcde");
  });

  it("sees a broken chunked answer as a cut connection, not as an end", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(`GET http://${origin.authority}/old HTTP/1.0\r\n\r\n`);
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await client.until("abc");
    there.end();
    await client.gone();
    assert.ok(client.wasReset);
  });
});
