import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { rawClient, tlsClient } from "../support/raw-client.ts";

const engine = await startEngine({ after }, { flags: { mode: ["regular@0", "regular@[::1]:0"] } });

describe("waylay.test through the proxy", () => {
  for (const secure of [false, true]) {
    const scheme = secure ? "https" : "http";
    it(`over ${scheme} explains how to trust the root, and gives it`, async t => {
      const client = secure
        ? await tlsClient(t, engine.port(), "waylay.test:443", { ca: engine.rootPem })
        : await rawClient(t, engine.port());
      const ask = (path: string, method = "GET") => {
        const target = secure ? path : `http://waylay.test${path}`;
        client.send(`${method} ${target} HTTP/1.1\r\nHost: waylay.test\r\n\r\n`);
        return client.answer();
      };
      const page = await ask("/");
      assert.equal(page.status, 200);
      const root = new X509Certificate(readFileSync(engine.gateway.ready.ca));
      assert.ok(page.content.includes(root.fingerprint256));
      assert.equal((await ask("/root.crt")).content, engine.rootPem);
      const { head, content } = await ask("/root.der");
      assert.match(head, /content-type: application\/x-x509-ca-cert/i);
      assert.equal(content, root.raw.toString("latin1"));
      assert.equal((await ask("/nothing")).status, 404);
      assert.equal((await ask("/", "DELETE")).status, 405);
    });
  }
});

describe("the proxy's own address", () => {
  it("opened as a server's says what it is", async t => {
    const client = await rawClient(t, engine.port());
    client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const { status, content } = await client.answer();
    assert.equal(status, 200);
    assert.match(content, /waylay/);
  });

  const [four, six] = [engine.port(0), engine.port(1)];
  const selves: readonly [authority: string, port: number][] = [
    ["127.0.0.1", four],
    ["localhost", four],
    ["LOCALHOST", four],
    ["[::1]", six],
    ["[0:0:0:0:0:0:0:1]", six],
  ];
  for (const [host, port] of selves) {
    it(`asked for through it as ${host} is answered, not looped`, async t => {
      for (const through of [four, six]) {
        const client = await rawClient(t, { port: through, host: through === four ? "127.0.0.1" : "::1" });
        client.send(`GET http://${host}:${port}/ HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
        const { content } = await client.answer();
        assert.match(content, /waylay/);
      }
    });

    it(`tunnelled to as ${host} is not looped either`, async t => {
      const client = await rawClient(t, engine.port());
      client.send(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.head();
      client.send(`GET http://${host}:${port}/ HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
      assert.match((await client.answer()).content, /waylay/);
      const opaque = await rawClient(t, engine.port());
      opaque.send(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: x\r\n\r\n\x00\x00`);
      await opaque.left();
    });
  }

  it("asked for so often leaves no connection behind", async () => {
    await engine.flow(flow => flow.error?.code === "proxy-loop");
  });
});
