import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, describe, it } from "node:test";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { type Peer, pause } from "../support/peer.ts";
import { rawClient, speakTls, tlsClient, tunnelClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";
import { bareTlsOf, clientHelloBytes } from "../support/slow-tls.ts";

const certificates = makeCertificates({ after });
const engine = await startEngine({ after }, { flags: { "upstream-ca": [certificates.file("root.pem")] } });
const origin = await rawOrigin({ after }, { tls: certificates.server("origin"), serve: answerEach });
const LOCAL = `localhost:${origin.port}`;
const trusting = { ca: engine.rootPem };

const certificateOf = (peer: Peer): PeerCertificate => (peer.socket as TLSSocket).getPeerCertificate();
const get = async (client: Peer) => {
  client.send(`GET / HTTP/1.1\r\nHost: ${LOCAL}\r\n\r\n`);
  assert.equal((await client.answer()).status, 200);
};

describe("a client is served", { concurrency: 4 }, () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`that speaks ${version}`, async t => {
      const client = await tlsClient(t, engine.port(), LOCAL, {
        ...trusting,
        minVersion: version,
        maxVersion: version,
      });
      await get(client);
      assert.equal((client.socket as TLSSocket).getProtocol(), version);
    });
  }

  it("that sends no name: the CONNECT's host is on the certificate", async t => {
    const below = await tunnelClient(t, engine.port(), LOCAL);
    const client = await speakTls(below, { ...trusting, host: "localhost" });
    assert.equal(certificateOf(client).subjectaltname, "DNS:localhost");
    await get(client);
  });

  it("that asks for an address", async t => {
    for (const [authority, san] of [
      [`127.0.0.1:${origin.port}`, "IP Address:127.0.0.1"],
      [`[::1]:${origin.port}`, "IP Address:0:0:0:0:0:0:0:1"],
    ] as const) {
      const client = await tlsClient(t, engine.port(), authority, trusting);
      assert.equal(certificateOf(client).subjectaltname, san);
    }
  });

  it("that offers no protocol, the one we speak, or only others", async t => {
    for (const [offered, agreed] of [
      [undefined, false],
      [["http/1.1"], "http/1.1"],
      [["h2", "http/1.1"], "http/1.1"],
      [["acme-tls/1"], false],
    ] as const) {
      const options = offered === undefined ? {} : { ALPNProtocols: [...offered] };
      const client = await tlsClient(t, engine.port(), LOCAL, { ...trusting, ...options });
      assert.equal((client.socket as TLSSocket).alpnProtocol, agreed);
      await get(client);
    }
  });

  it("that sends its hello byte by byte, in halves with a pause, or in many records", async t => {
    const hello = await clientHelloBytes({ servername: "localhost" });
    for (const pieces of [Array.from(hello, byte => Buffer.of(byte)), halves(hello), records(hello)]) {
      const client = await tunnelClient(t, engine.port(), LOCAL);
      const from = client.heard.length;
      for (const piece of pieces) {
        client.send(piece);
        await pause(pieces.length === 2 ? 600 : 0);
      }
      // A server hello comes back: the handshake goes on.
      while (client.heard.length < from + 6) await client.take(1);
      assert.deepEqual([client.heard[from], client.heard[from + 5]], [0x16, 0x02]);
    }
  });

  it("that sends a hello of 4 KB", async t => {
    const many = Array.from({ length: 200 }, (_, i) => `protocol-number-${i}`);
    const client = await tlsClient(t, engine.port(), LOCAL, { ...trusting, ALPNProtocols: [...many, "http/1.1"] });
    await get(client);
  });

  it("that resumes its session", async t => {
    const first = await tlsClient(t, engine.port(), LOCAL, trusting);
    const session = new Promise<Buffer>(resolve => first.socket.once("session", resolve));
    await get(first);
    const second = await tlsClient(t, engine.port(), LOCAL, { ...trusting, session: await session });
    assert.ok((second.socket as TLSSocket).isSessionReused());
    await get(second);
  });

  it("with a certificate that is its host's own", async t => {
    const serials = new Set<string>();
    for (const host of ["localhost", "a.localhost"]) {
      const client = await tlsClient(t, engine.port(), `${host}:${origin.port}`, trusting);
      const leaf = new X509Certificate(certificateOf(client).raw);
      assert.equal(leaf.subjectAltName, `DNS:${host}`);
      serials.add(leaf.serialNumber);
    }
    assert.equal(serials.size, 2);
  });
});

describe("a client is not served", { concurrency: 4 }, () => {
  for (const maxVersion of ["TLSv1", "TLSv1.1"] as const) {
    it(`that speaks ${maxVersion} at most`, async t => {
      const old = { ...trusting, minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT:@SECLEVEL=0" } as const;
      await assert.rejects(tlsClient(t, engine.port(), LOCAL, old), /protocol version|closed|ECONNRESET/i);
    });
  }

  it("that offers weak ciphers alone", async t => {
    const weak = { ...trusting, maxVersion: "TLSv1.2", ciphers: "NULL:aNULL:RC4:3DES:@SECLEVEL=0" } as const;
    await assert.rejects(tlsClient(t, engine.port(), LOCAL, weak));
  });

  it("that sends half a hello and no more, once its time is up; others are served meanwhile", async t => {
    const impatient = await startEngine(t, { limits: { headMs: 500, tlsHandshakeMs: 500 } });
    const hello = await clientHelloBytes({ servername: "localhost" });
    const slow = await tunnelClient(t, impatient.port(), LOCAL);
    slow.send(hello.subarray(0, 100));
    const other = await tunnelClient(t, impatient.port(), LOCAL);
    await speakTls(other, { ca: impatient.rootPem, servername: "localhost" });
    await slow.left();
  });

  it("that asks to renegotiate", async t => {
    const client = await tlsClient(t, engine.port(), LOCAL, { ...trusting, maxVersion: "TLSv1.2" });
    await get(client);
    const refused = new Promise<unknown>(resolve => {
      (client.socket as TLSSocket).renegotiate({}, resolve);
      client.socket.once("error", resolve);
      client.socket.once("close", () => resolve(new Error("closed")));
    });
    assert.ok((await refused) instanceof Error);
  });
});

describe("a client that does not like our certificate", () => {
  it("and says so by an alert, is a flow with the alert's name and what to do", async t => {
    await assert.rejects(tlsClient(t, engine.port(), `a.localhost:${origin.port}`, {}), /unable to|self.signed/i);
    const flow = await engine.flow(f => f.method === "CONNECT" && f.host === "a.localhost");
    assert.equal(flow.error?.code, "client-tls-suspected");
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`under ${version}, by the alert unknown_ca`, async t => {
      const name = `alert-${version.slice(-1)}.localhost`;
      await bareTlsOf(t, engine.port(), `${name}:${origin.port}`, version);
      const flow = await engine.flow(f => f.method === "CONNECT" && f.host === name);
      assert.equal(flow.error?.code, "client-tls-refused");
      assert.match(flow.error?.message ?? "", /unknown ca/i);
    });
  }

  it("and only closes, is a suspicion, said as such", async t => {
    const client = await tlsClient(t, engine.port(), `b.localhost:${origin.port}`, trusting);
    client.end();
    const flow = await engine.flow(f => f.method === "CONNECT" && f.host === "b.localhost");
    assert.equal(flow.error?.code, "client-tls-suspected");
  });
});

describe("a hostile name", { concurrency: 4 }, () => {
  const names = [
    "..%2f..%2fetc",
    "a..b",
    "-",
    "x".repeat(64),
    `${"y.".repeat(126)}z`,
    "*",
    "xn--",
    "a_b.example",
    "ex!$&'()mple",
  ];
  for (const name of names) {
    it(`in a CONNECT harms nobody: ${name.slice(0, 24)}`, async t => {
      const client = await rawClient(t, engine.port());
      client.send(`CONNECT ${name}:443 HTTP/1.1\r\nHost: x\r\n\r\n`);
      if (!(await client.head()).startsWith("HTTP/1.1 200 ")) return;
      client.send(await clientHelloBytes({}));
      await pause(100);
      await get(await tlsClient(t, engine.port(), LOCAL, trusting));
    });

    it(`in a client hello harms nobody: ${name.slice(0, 24)}`, async t => {
      const below = await tunnelClient(t, engine.port(), LOCAL);
      const answered = speakTls(below, { rejectUnauthorized: false, servername: name }).catch(() => undefined);
      await Promise.race([answered, pause(1_000)]);
      await get(await tlsClient(t, engine.port(), LOCAL, trusting));
    });
  }
});

function halves(bytes: Buffer): Buffer[] {
  const middle = bytes.length >> 1;
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

/** The same handshake message in records of 40 bytes (RFC 8446 §5.1). */
function records(hello: Buffer): Buffer[] {
  const message = hello.subarray(5);
  const out: Buffer[] = [];
  for (let at = 0; at < message.length; at += 40) {
    const piece = message.subarray(at, at + 40);
    out.push(Buffer.concat([Buffer.from([0x16, 3, 1, 0, piece.length]), piece]));
  }
  return out;
}
