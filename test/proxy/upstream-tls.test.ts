import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { TLSSocket, TlsOptions } from "node:tls";
import { type CertificateSpec, makeCertificates } from "../support/certificates.ts";
import { type Engine, startEngine } from "../support/engine.ts";
import type { Peer } from "../support/peer.ts";
import { type Cleaner, tlsClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
certificates.authority("rogue", "Nobody's Root");
certificates.authority("namesake", "Test Origins");
certificates.authority("intermediate", "Test Intermediate", "root");
certificates.server("leaf-as-issuer");
const trusted = { "upstream-ca": [certificates.file("root.pem")] };
const engine = await startEngine({ after }, { flags: trusted });

/** Asks an origin with this certificate, under this name, through an engine. */
async function ask(t: Cleaner, of: Engine, tls: TlsOptions, host = "localhost") {
  const listening = host === "::1" ? { host } : {};
  const origin = await rawOrigin(t, { ...listening, tls: { maxVersion: "TLSv1.3", ...tls }, serve: answerEach });
  const authority = `${host.includes(":") ? `[${host}]` : host}:${origin.port}`;
  const client = await tlsClient(t, of.port(), authority, { ca: of.rootPem });
  client.send(`GET / HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  return { ...(await client.answer()), origin };
}

let count = 0;
const made = (spec: CertificateSpec) => certificates.server(`server-${++count}`, spec);

describe("a server is taken whose certificate is good:", () => {
  const good: readonly [name: string, spec: CertificateSpec, host?: string][] = [
    ["ecdsa", {}],
    ["RSA 2048", { key: "rsa2048" }],
    ["through an intermediate that it sends", { issuer: "intermediate", chain: ["intermediate"] }],
    ["by its IPv4 address", { san: "IP:127.0.0.1" }, "127.0.0.1"],
    ["by its IPv6 address", { san: "IP:::1" }, "::1"],
  ];
  for (const [name, spec, host] of good) {
    it(name, async t => {
      assert.equal((await ask(t, engine, made(spec), host)).status, 200);
    });
  }
});

describe("a server is refused, and told why, before a byte of the request has left:", () => {
  const bad: readonly [name: string, spec: CertificateSpec, code: string, host?: string][] = [
    ["expired", { from: "20200101000000Z", until: "20210101000000Z" }, "cert-expired"],
    ["not valid yet", { from: "20400101000000Z", until: "20410101000000Z" }, "cert-not-yet-valid"],
    ["another host's", { san: "DNS:other.example" }, "cert-wrong-host"],
    ["a host's that only begins like it", { san: "DNS:localhost.evil.example" }, "cert-wrong-host"],
    ["the common name alone", { san: "" }, "cert-wrong-host"],
    ["an address as common name alone", { san: "", cn: "127.0.0.1" }, "cert-wrong-host", "127.0.0.1"],
    ["another address", { san: "DNS:localhost,IP:127.0.0.9" }, "cert-wrong-host", "127.0.0.1"],
    ["an address spelt as a name", { san: "DNS:127.0.0.1" }, "cert-wrong-host", "127.0.0.1"],
    ["a bare wildcard", { san: "DNS:*" }, "cert-wrong-host"],
    ["self-signed", { issuer: "self" }, "cert-self-signed"],
    ["an unknown authority's", { issuer: "rogue" }, "cert-unknown-issuer"],
    ["an authority's that only has the name of a trusted one", { issuer: "namesake" }, "cert-"],
    ["an intermediate's that it does not send", { issuer: "intermediate" }, "cert-unknown-issuer"],
    ["for clients only", { extendedKeyUsage: "clientAuth" }, "cert-wrong-purpose"],
    ["RSA 1024", { key: "rsa1024" }, "cert-weak"],
    ["signed by SHA-1", { digest: "sha1" }, "cert-weak"],
    ["issued by a server's", { issuer: "leaf-as-issuer", chain: ["leaf-as-issuer"] }, "cert-invalid"],
  ];
  for (const [name, spec, code, host = "localhost"] of bad) {
    it(name, async t => {
      // The origin's own OpenSSL would not show so weak a certificate by default.
      const { status, content, origin } = await ask(t, engine, { ...made(spec), ciphers: "DEFAULT:@SECLEVEL=0" }, host);
      assert.equal(status, 502);
      assert.match(content, new RegExp(`waylay: ${code}`));
      assert.match(content, new RegExp(`--insecure-host ${host.replaceAll(".", "\\.")}`));
      assert.ok(origin.peers.every(peer => peer.text === ""));
      const flow = await engine.flow(f => f.port === origin.port);
      assert.deepEqual([flow.state, flow.status], ["error", 502]);
      assert.match(flow.error?.code ?? "", new RegExp(`^${code}`));
    });
  }

  it("TLS 1.1", async t => {
    const tls: TlsOptions = { ...made({}), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" };
    const { status, content } = await ask(t, engine, tls);
    assert.equal(status, 502);
    assert.match(content, /waylay: tls-handshake/);
  });
});

describe("towards the server", () => {
  it("TLS 1.2 is enough, HTTP/1.1 is agreed on, the name is sent, an address is not", async t => {
    const hellos: (string | false)[] = [];
    const tls: TlsOptions = {
      ...made({}),
      maxVersion: "TLSv1.2",
      ALPNProtocols: ["h2", "http/1.1"],
    };
    for (const host of ["localhost", "127.0.0.1"]) {
      const { status, origin } = await ask(t, engine, tls, host);
      assert.equal(status, 200);
      const socket = origin.peers[0]?.socket as unknown as { servername: string | false; alpnProtocol: string };
      hellos.push(socket.servername);
      assert.equal(socket.alpnProtocol, "http/1.1");
      const flow = await engine.flow(f => f.port === origin.port);
      assert.deepEqual([flow.tls.server?.version, flow.tls.server?.alpn], ["TLSv1.2", "http/1.1"]);
      assert.equal(flow.tls.server?.sni, host === "localhost" ? "localhost" : null);
    }
    assert.deepEqual(hellos, ["localhost", false]);
  });

  it("a session is resumed, and still of the same host", async t => {
    const resumed: boolean[] = [];
    const serve = (peer: Peer) => {
      resumed.push((peer.socket as TLSSocket).isSessionReused());
      void closeAfterAnswer(peer);
    };
    const origin = await rawOrigin(t, { tls: made({}), serve });
    for (let i = 0; i < 2; i++) {
      const client = await tlsClient(t, engine.port(), `localhost:${origin.port}`, { ca: engine.rootPem });
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert.equal((await client.answer()).status, 200);
    }
    assert.deepEqual(resumed, [false, true]);
  });
});

describe("leave to take what is refused otherwise", () => {
  it("--insecure takes all, and every flow says so", async t => {
    const careless = await startEngine(t, { flags: { insecure: true } });
    const { status, origin } = await ask(t, careless, made({ issuer: "self" }));
    assert.equal(status, 200);
    const flow = await careless.flow(f => f.port === origin.port);
    assert.match(flow.tls.server?.insecure ?? "", /self-signed/);
    // One that would have been taken anyway is marked as not looked at.
    const good = await ask(t, careless, made({ san: "DNS:other.example" }));
    assert.equal(good.status, 200);
  });

  it("--insecure-host takes that host's alone", async t => {
    const choosy = await startEngine(t, { flags: { ...trusted, "insecure-host": ["local*"] } });
    const expired = made({ from: "20200101000000Z", until: "20210101000000Z" });
    assert.equal((await ask(t, choosy, expired, "localhost")).status, 200);
    assert.equal((await ask(t, choosy, expired, "127.0.0.1")).status, 502);
  });
});

async function closeAfterAnswer(peer: Peer): Promise<void> {
  await peer.head();
  peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").end();
}
