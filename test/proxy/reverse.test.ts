import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { rawClient, speakTls } from "../support/raw-client.ts";
import { answerEach, rawOrigin } from "../support/raw-origin.ts";

const certificates = makeCertificates({ after });
const trusted = { "upstream-ca": [certificates.file("root.pem")] };
const folder = mkdtempSync(join(tmpdir(), "waylay-sockets-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const REQUEST = "GET /a?b HTTP/1.1\r\nhost: asked.example\r\nX-A: 1\r\nProxy-Authorization: kept\r\n\r\n";

describe("reverse mode", () => {
  it("to an HTTP origin: Host becomes the target's, the rest stays", async t => {
    const origin = await rawOrigin(t);
    const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}`] } });
    const client = await rawClient(t, engine.port());
    client.send(REQUEST);
    const there = await origin.connection();
    assert.equal(await there.head(), REQUEST.replace("asked.example", origin.authority));
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await client.answer();
    const flow = await engine.flow(f => f.path === "/a?b");
    assert.deepEqual(
      [flow.mode, flow.scheme, flow.authority],
      [`reverse:http://${origin.authority}`, "http", origin.authority],
    );
  });

  it("--keep-host keeps it", async t => {
    const origin = await rawOrigin(t);
    const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}`], "keep-host": true } });
    const client = await rawClient(t, engine.port());
    client.send(REQUEST);
    assert.equal(await (await origin.connection()).head(), REQUEST);
  });

  it("to an HTTPS origin", async t => {
    const origin = await rawOrigin(t, { tls: certificates.server("reverse"), serve: answerEach });
    const engine = await startEngine(t, { flags: { ...trusted, mode: [`reverse:https://localhost:${origin.port}`] } });
    const client = await rawClient(t, engine.port());
    client.send(REQUEST);
    assert.equal((await client.answer()).content, "answer 1");
    assert.match(origin.peers[0]?.text ?? "", new RegExp(`host: localhost:${origin.port}`));
  });

  it("speaks TLS to clients that do, on the same port", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}`] } });
    for (const servername of ["app.example", undefined]) {
      const below = await rawClient(t, engine.port());
      const name = servername === undefined ? { host: "127.0.0.1" } : { servername };
      const client = await speakTls(below, { ca: engine.rootPem, ...name });
      client.send(REQUEST);
      assert.equal((await client.answer()).status, 200);
    }
  });

  it("to a Unix socket, and from one", async t => {
    const [there, here] = [join(folder, "origin.sock"), join(folder, "waylay.sock")];
    const origin = await rawOrigin(t, { unix: there, serve: answerEach });
    const engine = await startEngine(t, { flags: { mode: [`reverse:unix:${there}@unix:${here}`] } });
    assert.equal(statSync(here).mode & 0o777, 0o600);
    const client = await rawClient(t, here);
    client.send(REQUEST);
    assert.equal((await client.answer()).content, "answer 1");
    assert.match(origin.peers[0]?.text ?? "", /^GET \/a\?b HTTP\/1.1\r\nhost: asked\.example\r\n/);
    await engine.flow(f => f.path === "/a?b" && f.status === 200);
  });

  it("is no forward proxy: CONNECT is refused, an absolute target goes to the origin all the same", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}`] } });
    const client = await rawClient(t, engine.port());
    client.send("CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n");
    assert.equal((await client.answer()).status, 405);
    const other = await rawClient(t, engine.port());
    other.send("GET http://other.example/path HTTP/1.1\r\nHost: other.example\r\n\r\n");
    assert.equal((await other.answer()).status, 200);
    assert.match(origin.peers[0]?.text ?? "", new RegExp(`^GET /path HTTP/1.1\r\nHost: ${origin.authority}\r\n`));
  });

  it("the origin's end, a refused connection, and Expect are carried as in any mode", async t => {
    const origin = await rawOrigin(t);
    const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}`] } });
    const client = await rawClient(t, engine.port());
    client.send(REQUEST);
    (await origin.connection()).close();
    assert.equal((await client.answer()).status, 502);
  });
});

describe("several listeners", () => {
  it("live beside each other in one process, each in its mode", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const modes = ["regular@0", `reverse:http://${origin.authority}@0`, `regular@unix:${join(folder, "p.sock")}`];
    const engine = await startEngine(t, { flags: { mode: modes } });
    const forward = await rawClient(t, engine.port(0));
    forward.send(origin.get("/forward"));
    assert.equal((await forward.answer()).status, 200);
    const reverse = await rawClient(t, engine.port(1));
    reverse.send("GET /reverse HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal((await reverse.answer()).status, 200);
    const unix = await rawClient(t, join(folder, "p.sock"));
    unix.send(origin.get("/unix"));
    assert.equal((await unix.answer()).status, 200);
    for (const path of ["/forward", "/reverse", "/unix"]) await engine.flow(f => f.path === path);
  });

  it("a second engine in the same process shares nothing with the first", async t => {
    const origin = await rawOrigin(t, { serve: answerEach });
    const [one, two] = [await startEngine(t), await startEngine(t)];
    for (const engine of [one, two]) {
      const client = await rawClient(t, engine.port());
      client.send(origin.get("/"));
      assert.equal((await client.answer()).content, "answer 1");
    }
    assert.equal(origin.peers.length, 2);
    await one.close();
    const client = await rawClient(t, two.port());
    client.send(origin.get("/"));
    assert.equal((await client.answer()).status, 200);
  });
});
