import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { type Engine, startEngine } from "../support/engine.ts";
import { rawClient, tlsClient, tunnelClient } from "../support/raw-client.ts";
import { acceptTls, answerEach, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const trusted = { "upstream-ca": [certificates.file("root.pem")] };
const credentials = certificates.file("auth");
writeFileSync(credentials, "ann:secret\n", { mode: 0o600 });
const AUTHORIZATION = `Basic ${Buffer.from("ann:secret").toString("base64")}`;

const behind = (t: Parameters<typeof startEngine>[0], proxy: string, auth = false): Promise<Engine> =>
  startEngine(t, {
    flags: { ...trusted, mode: [`upstream:${proxy}`], ...(auth ? { "upstream-auth-file": credentials } : {}) },
  });

describe("upstream mode", () => {
  it("through a real second proxy: plain, decrypted and opaque", async t => {
    const second = await startEngine(t, { flags: { ...trusted, pass: ["*"] } });
    const first = await behind(t, `http://127.0.0.1:${second.port()}`);
    const plain = await rawOrigin(t, { serve: answerEach });
    const client = await rawClient(t, first.port());
    client.send(plain.get("/through-two"));
    assert.equal((await client.answer()).content, "answer 1");
    await second.flow(f => f.path === "/through-two");

    const secure = await rawOrigin(t, { tls: certificates.server("two"), serve: answerEach });
    const encrypted = await tlsClient(t, first.port(), `localhost:${secure.port}`, { ca: first.rootPem });
    encrypted.send("GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.equal((await encrypted.answer()).content, "answer 1");
    const flow = await first.flow(f => f.path === "/tls");
    assert.equal(flow.url, `https://localhost:${secure.port}/tls`);

    const smtp = await rawOrigin(t, { serve: peer => peer.send("220 hello\r\n") });
    const opaque = await tunnelClient(t, first.port(), smtp.authority);
    await opaque.until("220 hello\r\n");
  });

  it("speaks to it as a client does, with its own credentials instead of the client's", async t => {
    const proxy = await rawOrigin(t);
    const engine = await behind(t, `http://${proxy.authority}`, true);
    const client = await rawClient(t, engine.port());
    client.send(
      "GET http://far.example/a HTTP/1.1\r\nHost: far.example\r\nProxy-Authorization: Basic mine\r\nX: y\r\n\r\n",
    );
    const there = await proxy.connection();
    assert.equal(
      await there.head(),
      `GET http://far.example/a HTTP/1.1\r\nHost: far.example\r\nX: y\r\nProxy-Authorization: ${AUTHORIZATION}\r\n\r\n`,
    );
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await client.answer();

    const secure = await tlsClient(t, engine.port(), "far.example:443", { ca: engine.rootPem });
    secure.send("GET / HTTP/1.1\r\nHost: far.example\r\n\r\n");
    const tunnel = await proxy.connection();
    assert.equal(
      await tunnel.head(),
      `CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\nProxy-Authorization: ${AUTHORIZATION}\r\n\r\n`,
    );
    tunnel.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    const { status, content } = await secure.answer();
    assert.equal(status, 502);
    assert.match(content, /407[\s\S]*waylay: via-refused/);
    assert.equal(content.includes("secret"), false);
  });

  it("over TLS, to a proxy whose certificate is verified", async t => {
    const proxy = await rawOrigin(t, { tls: certificates.server("proxy") });
    const engine = await behind(t, `https://localhost:${proxy.port}`);
    const client = await rawClient(t, engine.port());
    client.send("GET http://far.example/a HTTP/1.1\r\nHost: far.example\r\n\r\n");
    const there = await proxy.connection();
    assert.equal(await there.head(), "GET http://far.example/a HTTP/1.1\r\nHost: far.example\r\n\r\n");
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert.equal((await client.answer()).status, 200);

    const secure = await rawClient(t, engine.port());
    secure.send("GET https://localhost:1/b HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
    const tunnel = await proxy.connection();
    assert.match(await tunnel.head(), /^CONNECT localhost:1 /);
    tunnel.send("HTTP/1.1 200 Granted\r\n\r\n");
    const inner = await acceptTls(tunnel, certificates.server("inner"));
    assert.match(await inner.head(), /^GET \/b HTTP\/1.1\r\n/);
    inner.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ninner");
    assert.equal((await secure.answer()).content, "inner");
  });

  it("that is not there is said to be the proxy's fault", async t => {
    const ended: (() => unknown)[] = [];
    const { authority } = await rawOrigin({ after: end => ended.push(end) });
    for (const end of ended) await end();
    const engine = await behind(t, `http://${authority}`);
    const client = await rawClient(t, engine.port());
    client.send("GET http://far.example/ HTTP/1.1\r\nHost: far.example\r\n\r\n");
    const { status, content } = await client.answer();
    assert.equal(status, 502);
    assert.match(content, new RegExp(authority));
  });
});
