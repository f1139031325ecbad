import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { after, describe, it } from "node:test";
import { type Engine, startEngine } from "../support/engine.ts";
import { rawClient, tlsClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

const engine = await startEngine({ after }, { limits: { connectMs: 800, tlsHandshakeMs: 800, answerMs: 800 } });

/** The answer to a GET of this URL, as a browser asks for it or as a program does. */
async function ask(t: Parameters<typeof rawClient>[0], url: string, fields = "") {
  const client = await rawClient(t, engine.port());
  const authority = url.split("/")[2];
  client.send(`GET ${url} HTTP/1.1\r\nHost: ${authority}\r\n${fields}\r\n`);
  return client.answer();
}

describe("what keeps a request from its origin is told apart", () => {
  it("a name that does not exist", async t => {
    const { status, content } = await ask(t, "http://no.such.name.invalid/");
    assert.ok(status === 502 || status === 504);
    assert.match(content, /waylay: dns-(not-found|failed)/);
    assert.match(content, /no\.such\.name\.invalid/);
  });

  it("a port where nothing listens", async t => {
    const { status, content } = await ask(t, `http://127.0.0.1:${await freePort(t)}/`);
    assert.equal(status, 502);
    assert.match(content, /Connection refused[\s\S]*waylay: connect-refused/);
  });

  it("a host that does not answer", async t => {
    const port = await silentPort(t);
    const { status, content } = await ask(t, `http://127.0.0.1:${port}/`);
    assert.equal(status, 504);
    assert.match(content, /waylay: connect-timeout/);
    await flowWith(engine, "connect-timeout");
  });

  it("TLS that is never answered", async t => {
    const origin = await rawOrigin(t);
    const client = await tlsClient(t, engine.port(), origin.authority, { ca: engine.rootPem });
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal((await client.answer()).status, 504);
    await flowWith(engine, "tls-timeout");
  });

  it("TLS where none is spoken", async t => {
    const origin = await rawOrigin(t, { serve: peer => peer.send("HTTP/1.1 400 Bad Request\r\n\r\n") });
    const client = await tlsClient(t, engine.port(), origin.authority, { ca: engine.rootPem });
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { status, content } = await client.answer();
    assert.equal(status, 502);
    assert.match(content, /does not speak TLS/);
  });

  it("TLS that is hung up on", async t => {
    const origin = await rawOrigin(t, { serve: peer => peer.close() });
    const client = await tlsClient(t, engine.port(), origin.authority, { ca: engine.rootPem });
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match((await client.answer()).content, /waylay: tls-closed/);
  });

  it("an answer that takes longer than --limit answer allows", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    const there = await origin.connection();
    assert.equal((await client.answer()).status, 504);
    await there.left();
    await flowWith(engine, "answer-timeout");
  });
});

describe("an error of ours", () => {
  it("is a page for browsers and lines for programs, and keeps the connection", async t => {
    const url = `http://127.0.0.1:${await freePort(t)}/`;
    const page = await ask(t, url, "Accept: text/html,*/*\r\n");
    assert.match(page.head, /content-type: text\/html/i);
    assert.match(page.content, /^<!doctype html>/);
    const client = await rawClient(t, engine.port());
    for (let i = 0; i < 2; i++) {
      client.send(`GET ${url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      const { status, head } = await client.answer();
      assert.equal(status, 502);
      assert.match(head, /content-type: text\/plain/i);
    }
  });

  it("escapes what the request said", async t => {
    const { content } = await ask(t, "http://x<script>.invalid/", "Accept: text/html\r\n");
    assert.equal(content.includes("<script>"), false);
  });

  it("has no content for HEAD", async t => {
    const port = await freePort(t);
    const client = await rawClient(t, engine.port());
    client.send(`HEAD http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(await client.rest(), /^HTTP\/1.1 502 [\s\S]*\r\n\r\n$/);
  });
});

async function flowWith(of: Engine, code: string): Promise<void> {
  assert.equal((await of.flow(flow => flow.error?.code === code)).state, "error");
}

/** A port that was free a moment ago. */
async function freePort(t: Parameters<typeof rawOrigin>[0]): Promise<number> {
  const ended: (() => unknown)[] = [];
  const { port } = await rawOrigin({ after: end => ended.push(end) });
  for (const end of ended) await end();
  t.after(() => undefined);
  return port;
}

/** A port whose listener is stopped and has a full queue: the kernel drops what knocks (Linux). */
async function silentPort(t: Parameters<typeof rawOrigin>[0]): Promise<number> {
  const program =
    "const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))";
  const child: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const port = await new Promise<number>(resolve => child.stdout?.once("data", text => resolve(Number(text))));
  child.kill("SIGSTOP");
  for (let i = 0; i < 4; i++) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
  }
  await new Promise(resolve => setTimeout(resolve, 100));
  return port;
}
