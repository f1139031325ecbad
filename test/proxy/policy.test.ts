import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { makeCertificates } from "../support/certificates.ts";
import { type Engine, startEngine } from "../support/engine.ts";
import { speakTls, tunnelClient } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const tls = certificates.server("origin", { san: "DNS:localhost,DNS:pinned.example,DNS:app.example,IP:127.0.0.1" });
const trusted = { "upstream-ca": [certificates.file("root.pem")] };
const origin = await rawOrigin({ after }, { tls, serve: answerEach });

/** Whose certificate a client sees that CONNECTs to a host and asks for a name: "waylay" or "origin". */
async function whose(t: Parameters<typeof rawOrigin>[0], engine: Engine, host: string, servername?: string) {
  const below = await tunnelClient(t, engine.port(), `${host}:${origin.port}`);
  const client = await speakTls(below, { rejectUnauthorized: false, ...(servername ? { servername } : {}) });
  const { issuer } = (client.socket as TLSSocket).getPeerCertificate();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.equal((await client.answer()).status, 200);
  client.end();
  return issuer.CN === "Test Origins" ? "origin" : "waylay";
}

describe("--pass", () => {
  it("leaves a host alone by what CONNECT or the client hello calls it; all others are decrypted", async t => {
    const engine = await startEngine(t, { flags: { ...trusted, pass: ["127.0.0.1", "*.example"] } });
    assert.equal(await whose(t, engine, "127.0.0.1"), "origin");
    assert.equal(await whose(t, engine, "localhost", "pinned.example"), "origin");
    assert.equal(await whose(t, engine, "localhost", "localhost"), "waylay");
    const flow = await engine.flow(f => f.method === "CONNECT" && f.host === "127.0.0.1");
    assert.equal(flow.tunnel, true);
    assert.ok(flow.requestBytes > 200 && flow.responseBytes > 500, "bytes are counted");
    await engine.flow(f => f.method === "GET" && f.scheme === "https" && f.host === "localhost");
  });
});

describe("--only", () => {
  it("decrypts what it matches and nothing else", async t => {
    const engine = await startEngine(t, { flags: { ...trusted, only: "host:localhost" } });
    assert.equal(await whose(t, engine, "localhost", "localhost"), "waylay");
    assert.equal(await whose(t, engine, "127.0.0.1"), "origin");
  });
});
