// Where requests go, how the connection is made, how slow it is and how it breaks: each action on real connections.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { makeCertificates } from "../../support/certificates.ts";
import type { Peer } from "../../support/peer.ts";
import { httpProxy, socksProxy } from "../../support/proxies.ts";
import { type Cleaner, rawClient, speakTls, tlsClient, tunnelClient } from "../../support/raw-client.ts";
import { rawOrigin } from "../../support/raw-origin.ts";
import { actionAt, message, ruledEngine } from "./scene.ts";

const certificates = makeCertificates({ after });
const good = certificates.server("good");
certificates.server("me", { extendedKeyUsage: "clientAuth", cn: "me" });
const selfSigned = certificates.server("self", { issuer: "self" });

/** Says back the request that it got; what a test wants otherwise it says in the path. */
async function echo(peer: Peer): Promise<void> {
  for (;;) {
    const heard = await message(peer).catch(() => null);
    if (heard === null) return void peer.end();
    const tls = "getProtocol" in peer.socket ? (peer.socket as TLSSocket) : null;
    const seen =
      tls === null
        ? ""
        : `${tls.getProtocol()} ${tls.servername || "no name"} ${tls.getPeerCertificate().subject?.CN}\n`;
    const body = / \/timeout\/answer /.test(heard) ? null : `${seen}${heard}`;
    if (body === null) continue;
    peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`);
  }
}

const plain = await rawOrigin({ after }, { serve: echo });
const secure = await rawOrigin(
  { after },
  { serve: echo, tls: { ...good, requestCert: true, rejectUnauthorized: false } },
);
/** For the names that go through proxies. */
const wide = certificates.server("wide", {
  san: ["a", "b", "h", "s", "k", "l"].map(name => `DNS:${name}.localhost`).join(),
});
const insideTls = await rawOrigin({ after }, { serve: echo, tls: wide });
const unverified = await rawOrigin({ after }, { serve: echo, tls: selfSigned });
const oldTls = await rawOrigin({ after }, { serve: echo, tls: { ...good, maxVersion: "TLSv1.2" } });
const [byHttp, byHttps, bySocks, bySocksLogin] = await Promise.all([
  httpProxy({ after }),
  httpProxy({ after }, good),
  socksProxy({ after }),
  socksProxy({ after }, "s3cret"),
]);

/** Rules by host; a row's key is the action. */
const RULES: readonly (readonly [name: string, when: string, key: string, value: unknown, also?: object])[] = [
  ["to", "host:to.test path:/a/*", "request.to", `http://${plain.authority}/b/\${1}\${query}`],
  ["to-https", "host:secure.test", "request.to", `https://localhost:${secure.port}\${path}`],
  ["host", "host:host.test", "request.host", plain.authority],
  ["keep", "host:keep.test", "request.to", `http://${plain.authority}`, { keepHost: true }],
  ["port", `host:127.0.0.1 path:/port`, "request.port", plain.port],
  ["scheme", "path:/scheme", "request.scheme", "https"],
  ["map", "host:map.test", "connection.to", plain.authority],
  ["sni", "host:127.0.0.1", "connection.sni", "a.localhost"],
  ["no-sni", "host:b.localhost", "connection.sni", "off", { to: "127.0.0.1" }],
  ["via-http", "host:h.localhost", "connection.upstream", `http://me:p%40ss@127.0.0.1:${byHttp.port}`],
  ["via-https", "host:s.localhost", "connection.upstream", `https://localhost:${byHttps.port}`],
  ["via-socks", "host:k.localhost", "connection.upstream", `socks5://127.0.0.1:${bySocks.port}`],
  ["via-login", "host:l.localhost", "connection.upstream", `socks5://me:s3cret@127.0.0.1:${bySocksLogin.port}`],
  ["via-wrong", "host:w.localhost", "connection.upstream", `socks5://me:wrong@127.0.0.1:${bySocksLogin.port}`],
  [
    "certificate",
    `host:localhost port:${secure.port}`,
    "connection.clientCertificate",
    { cert: certificates.file("me.pem"), key: certificates.file("me.key") },
  ],
  [
    "no-file",
    "host:n.localhost",
    "connection.clientCertificate",
    { cert: "./none.pem", key: "./none.key" },
    { to: "127.0.0.1" },
  ],
  ["min", `port:${oldTls.port} host:localhost`, "connection.tls", { min: "1.3", alpn: "http/1.1" }],
  ["max", "host:a.localhost", "connection.tls", { max: "1.2" }, { to: "127.0.0.1" }],
  ["insecure", `host:localhost port:${unverified.port}`, "connection.tls", "insecure"],
  ["pass", "host:pass.test", "connection.tls", "pass", { to: secure.authority }],
  ["refuse", "host:refuse.test", "connection.tls", "refuse"],
];

const engine = await ruledEngine(
  { after },
  RULES.map(([name, when, key, value, also]) => {
    const section = key.split(".")[0] ?? "";
    const rule = actionAt(key, value) as Record<string, object>;
    return { name, when, ...rule, ...(also === undefined ? {} : { [section]: { ...rule[section], ...also } }) };
  }),
  {},
  { "upstream-ca": [certificates.file("root.pem")] },
);

/** Asks in plain HTTP; the answer's content is what the server saw. */
async function ask(t: Cleaner, host: string, path: string, fields = ""): Promise<{ status: number; content: string }> {
  const client = await rawClient(t, engine.port());
  client.send(`GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
  return client.answer();
}

async function askTls(t: Cleaner, authority: string, path = "/"): Promise<{ status: number; content: string }> {
  const client = await tlsClient(t, engine.port(), authority, { ca: engine.rootPem });
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  return client.answer();
}

describe("where a request goes", () => {
  it("request.to", async t => {
    const { content } = await ask(t, "to.test", "/a/x?y=%41", "X-A:  1\r\n");
    assert.equal(content, `GET /b/x?y=%41 HTTP/1.1\r\nHost: ${plain.authority}\r\nX-A:  1\r\n\r\n`);
    const overTls = await ask(t, "secure.test", "/c");
    assert.match(overTls.content, /^TLSv1.3 localhost undefined\nGET \/c HTTP\/1.1\r\nHost: localhost:\d+\r\n/);
  });
  it("request.host", async t => {
    assert.match(
      (await ask(t, "host.test:81", "/x")).content,
      new RegExp(`^GET /x .*\r\nHost: ${plain.authority}\r\n`),
    );
  });
  it("request.keepHost", async t => {
    assert.match((await ask(t, "keep.test", "/x")).content, /^GET \/x .*\r\nHost: keep.test\r\n/);
  });
  it("request.port", async t => {
    assert.match((await ask(t, "127.0.0.1:9", "/port")).content, /\r\nHost: 127.0.0.1:9\r\n/);
  });
  it("request.scheme", async t => {
    assert.equal((await ask(t, `localhost:${secure.port}`, "/scheme")).status, 200);
  });
});

describe("how the connection is made", () => {
  it("connection.to: Host and the rest stay as they were", async t => {
    assert.equal((await ask(t, "map.test", "/m")).content, "GET /m HTTP/1.1\r\nHost: map.test\r\n\r\n");
  });
  it("connection.sni: another name, or none; the certificate is still checked against the host", async t => {
    assert.match((await askTls(t, `127.0.0.1:${secure.port}`)).content, /^TLSv1.3 a.localhost /);
    assert.match((await askTls(t, `b.localhost:${insideTls.port}`)).content, /^TLSv1.3 no name /);
  });
  it("connection.upstream", async t => {
    const basic = `Proxy-Authorization: Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    assert.match((await ask(t, `h.localhost:${plain.port}`, "/p")).content, new RegExp(basic));
    assert.equal(
      byHttp.asked[0],
      `GET http://h.localhost:${plain.port}/p HTTP/1.1\r\nHost: h.localhost:${plain.port}\r\n${basic}\r\n\r\n`,
    );
    assert.match((await ask(t, `s.localhost:${plain.port}`, "/p")).content, /^GET http:\/\/s.localhost/);
    assert.equal(
      (await ask(t, `k.localhost:${plain.port}`, "/p")).content,
      `GET /p HTTP/1.1\r\nHost: k.localhost:${plain.port}\r\n\r\n`,
    );
    assert.deepEqual(bySocks.asked, [`k.localhost:${plain.port} as `]);
    assert.equal((await ask(t, `l.localhost:${plain.port}`, "/p")).status, 200);
    assert.deepEqual(bySocksLogin.asked, [`l.localhost:${plain.port} as me`]);
    const refused = await ask(t, `w.localhost:${plain.port}`, "/p");
    assert.deepEqual([refused.status, /refused the user name or password/.test(refused.content)], [502, true]);
  });
  for (const host of ["h", "s", "k", "l"]) {
    it(`connection.upstream: TLS through a tunnel of ${host}`, async t => {
      const { content } = await askTls(t, `${host}.localhost:${insideTls.port}`);
      assert.match(content, new RegExp(`^TLSv1.3 ${host}.localhost .*\nGET / HTTP/1.1`));
    });
  }
  it("connection.clientCertificate", async t => {
    assert.match((await askTls(t, `localhost:${secure.port}`)).content, /^TLSv1.3 localhost me\n/);
    const missing = await askTls(t, `n.localhost:${insideTls.port}`);
    assert.equal(missing.status, 502);
    assert.match(missing.content, /no-file: .*none\.\w+ cannot be read \(ENOENT\)/);
  });
  it("connection.tls: versions, insecure", async t => {
    const tooOld = await askTls(t, `localhost:${oldTls.port}`);
    assert.equal(tooOld.status, 502);
    assert.match((await askTls(t, `a.localhost:${secure.port}`)).content, /^TLSv1.2 /);
    assert.match((await askTls(t, `localhost:${unverified.port}`)).content, /^TLSv1.3 /);
  });
  it("connection.tls: pass is carried unread, refuse is no tunnel", async t => {
    const through = await speakTls(await tunnelClient(t, engine.port(), "pass.test:443"), {
      ca: readFileSync(certificates.file("root.pem")),
      servername: "localhost",
    });
    through.send("GET /through HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match((await through.answer()).content, /GET \/through/);
    through.end();
    const flow = await engine.flow(each => each.rules.includes("pass"));
    assert.equal(flow.method, "CONNECT");
    await assert.rejects(tunnelClient(t, engine.port(), "refuse.test:443"), /403 /);
  });
  it("what changes a connection is not shared with what does not", async t => {
    const before = secure.peers.length;
    for (const host of ["localhost", "a.localhost", "localhost"]) await askTls(t, `${host}:${secure.port}`);
    assert.ok(secure.peers.length - before <= 3);
    assert.match((await askTls(t, `localhost:${secure.port}`)).content, /^TLSv1.3 localhost me\n/);
  });
});
