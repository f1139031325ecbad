import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { pause } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after });
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("keep-alive", () => {
  it("one connection each side carries one exchange after another, and is shared between clients", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const contents: string[] = [];
    for (const requests of [3, 2]) {
      const client = await rawClient(t, engine.port());
      for (let i = 0; i < requests; i++) contents.push((await client.send(origin.get("/")).answer()).content);
    }
    assert.deepEqual(contents, ["answer 1", "answer 2", "answer 3", "answer 4", "answer 5"]);
    assert.equal(origin.peers.length, 1);
  });

  it("each request of a connection goes to its own authority", async t => {
    const [one, two] = [await rawOrigin(t, { serve: answerEach }), await rawOrigin(t, { serve: answerEach })];
    const client = await rawClient(t, engine.port());
    for (const origin of [one, two, one]) await client.send(origin.get("/")).answer();
    assert.deepEqual([one.peers.length, two.peers.length], [1, 1]);
    assert.match(one.peers[0]?.text ?? "", /^(GET [\s\S]*){2}$/);
  });

  it("Connection: close in any case and place ends it, and what is behind is not taken", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    for (const line of ["Connection: ClOsE", "Connection: keep-alive, close", "connection:x\r\nCONNECTION: y,close"]) {
      const client = await rawClient(t, engine.port());
      client.send(origin.get("/first", `${line}\r\n`) + origin.get("/second"));
      assert.match(await client.rest(), /^HTTP\/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanswer \d$/);
    }
    assert.equal(
      origin.peers.some(peer => peer.text.includes("second")),
      false,
    );
  });

  it("HTTP/1.0 is not kept without asking", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const client = await rawClient(t, engine.port());
    client.send(`GET http://${origin.authority}/ HTTP/1.0\r\n\r\n`);
    assert.match(await client.rest(), /answer 1$/);
  });

  it("an origin that says close is not used again", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    const first = await origin.connection();
    await first.head();
    first.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    await client.rest();
    await first.left();
  });
});

describe("pipelining", () => {
  it("answers in order, also when the first is slow and the origins differ", async t => {
    const [slow, fast] = [await rawOrigin(t), await rawOrigin(t, { serve: answerEach })];
    const client = await rawClient(t, engine.port());
    client.send(slow.get("/slow") + fast.get("/fast") + slow.get("/slow-again"));
    const there = await slow.connection();
    await there.head();
    await pause(150);
    assert.equal(client.text, "");
    there.send(OK.replace("ok", "s1"));
    assert.deepEqual([(await client.answer()).content, (await client.answer()).content], ["s1", "answer 1"]);
    await there.head();
    there.send(OK.replace("ok", "s2"));
    assert.equal((await client.answer()).content, "s2");
  });

  it("a defect in the second loses nothing of the first", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(`${origin.get("/first")}GET / HTTP/1.1\r\nHost : x\r\n\r\n`);
    const there = await origin.connection();
    await there.head();
    there.send(OK);
    assert.equal((await client.answer()).content, "ok");
    assert.equal((await client.answer()).status, 400);
    assert.equal(await client.rest(), "");
  });

  it("content of one is not the head of the next", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    const inner = origin.get("/inner");
    client.send(origin.request("POST", "/1", `Content-Length: ${inner.length}\r\n`, inner) + origin.get("/2"));
    const there = await origin.connection();
    await there.head();
    assert.equal(await there.take(inner.length), inner);
    there.send(OK);
    assert.match(await there.head(), /^GET \/2 /);
    there.send(OK);
    await client.answer();
    await client.answer();
  });
});

describe("a kept connection that died", () => {
  /** An origin whose first connection answers once and is kept. */
  async function kept(t: Parameters<typeof rawOrigin>[0]) {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/warm"));
    const first = await origin.connection();
    await first.head();
    first.send(OK);
    await client.answer();
    return { origin, client, first };
  }

  it("before the request: another is made", async t => {
    const { origin, client, first } = await kept(t);
    first.end();
    await first.gone();
    client.send(origin.request("POST", "/", "Content-Length: 0\r\n"));
    const second = await origin.connection();
    await second.head();
    second.send(OK);
    assert.equal((await client.answer()).status, 200);
  });

  for (const [how, kill] of [
    ["closed", "end"],
    ["was reset", "reset"],
  ] as const) {
    it(`as the request came and ${how}: what is idempotent and has no content is sent again`, async t => {
      const { origin, client, first } = await kept(t);
      client.send(origin.request("DELETE", "/again", "X-A: b\r\n"));
      const sent = await first.head();
      first[kill]();
      const second = await origin.connection();
      assert.equal(await second.head(), sent);
      second.send(OK);
      assert.equal((await client.answer()).content, "ok");
      const flow = await engine.flow(f => f.path === "/again" && f.port === origin.port);
      assert.deepEqual([flow.state, flow.status], ["complete", 200]);
    });
  }

  it("a POST is not sent again", async t => {
    const { origin, client, first } = await kept(t);
    client.send(origin.request("POST", "/", "Content-Length: 2\r\n", "ok"));
    await first.head();
    first.reset();
    assert.equal((await client.answer()).status, 502);
    assert.equal(origin.peers.length, 1);
  });

  it("nor is anything once a byte of the answer was seen", async t => {
    const { origin, client, first } = await kept(t);
    client.send(origin.get("/"));
    await first.head();
    first.send("H").end();
    assert.equal((await client.answer()).status, 502);
    assert.equal(origin.peers.length, 1);
  });

  it("nor twice, nor on a connection that was new", async t => {
    const { origin, client, first } = await kept(t);
    client.send(origin.get("/"));
    await first.head();
    first.end();
    const second = await origin.connection();
    await second.head();
    second.end();
    assert.equal((await client.answer()).status, 502);
    assert.equal(origin.peers.length, 2);
  });

  it("an answer that nobody asked for ends it, and nobody gets it", async t => {
    const { origin, client, first } = await kept(t);
    first.send(OK.replace("ok", "no"));
    await first.left();
    client.send(origin.get("/"));
    const second = await origin.connection();
    await second.head();
    second.send(OK);
    assert.equal((await client.answer()).content, "ok");
  });
});

describe("bytes behind an answer", () => {
  for (const [name, method, answer] of [
    ["with a length", "GET", `${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`],
    ["to HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"],
    ["of 204", "GET", "HTTP/1.1 204 No Content\r\n\r\nevil"],
    ["of 304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"],
  ] as const) {
    it(`${name} never reach a client`, async t => {
      const origin = await rawOrigin(t);
      const client = await rawClient(t, engine.port());
      client.send(origin.request(method, "/"));
      const first = await origin.connection();
      await first.head();
      first.send(answer);
      await first.left();
      client.send(origin.get("/next"));
      const second = await origin.connection();
      await second.head();
      second.send(OK);
      await client.until("\r\n\r\nok");
      await pause(50);
      assert.equal(client.text.includes("evil"), false);
    });
  }
});

describe("NTLM and Negotiate", () => {
  it("authenticate a connection, which serves this client alone from then on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    const pinned = await origin.connection();
    await pinned.head();
    pinned.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n");
    await client.answer();

    const other = await rawClient(t, engine.port());
    other.send(origin.get("/other"));
    const theirs = await origin.connection();
    assert.match(await theirs.head(), /^GET \/other /);
    theirs.send(OK);
    await other.answer();

    for (const step of ["NTLM TlRM1", "NTLM TlRM3"]) {
      client.send(origin.get("/", `Authorization: ${step}\r\n`));
      assert.match(await pinned.head(), new RegExp(`Authorization: ${step}`));
      pinned.send(OK);
      await client.answer();
    }
    client.send(origin.get("/later"));
    assert.match(await pinned.head(), /^GET \/later /);
    pinned.send(OK);
    await client.answer();
    client.end();
    await pinned.left();
    assert.equal(origin.peers.length, 2);
  });
});
