// Answers without the server: what the client gets, to the byte where it does not depend on the clock.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { rawClient, tlsClient } from "../../support/raw-client.ts";
import { rawOrigin } from "../../support/raw-origin.ts";
import { ruledEngine } from "./scene.ts";

const folder = mkdtempSync(join(tmpdir(), "waylay-mocks-"));
mkdirSync(join(folder, "m"));
writeFileSync(join(folder, "secret"), "secret");
writeFileSync(join(folder, "m", "a.txt"), "0123456789");
writeFileSync(join(folder, "m", "index.html"), "<p>");
symlinkSync(join(folder, "secret"), join(folder, "m", "link"));

const compressed = gzipSync("recorded content");
const origin = await rawOrigin(
  { after },
  {
    serve: async peer => {
      for (;;) {
        const head = await peer.head().catch(() => null);
        if (head === null) return void peer.end();
        const size = compressed.length.toString(16);
        peer.send(
          "HTTP/1.1 203 As Recorded\r\nx-A: 1\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nX-a:2\r\n\r\n",
        );
        peer.send(`${size}\r\n`).send(compressed).send("\r\n0\r\n\r\n");
      }
    },
  },
);

const engine = await ruledEngine(
  { after },
  [
    {
      name: "status",
      when: "path:/status",
      answer: { status: 418, reason: "Tea", headers: { "X-A": "1", "x-a": "2" } },
    },
    { name: "text", when: "path:/text/*", answer: { text: "${method} ${1} of ${host}" } },
    { name: "html", when: "path:/html", answer: { html: "<b>${query.q}</b>" } },
    { name: "json", when: "path:/json", answer: { json: { asked: "${query}" } } },
    { name: "file", when: "path:/file", answer: { file: join(folder, "m", "a.txt") } },
    { name: "gone", when: "path:/gone", answer: { file: "./none.txt" } },
    { name: "template", when: "path:/template", answer: { file: "./page.txt", template: true } },
    { name: "folder", when: "path:/m/*", answer: { file: `${join(folder, "m")}/`, type: "auto" } },
    { name: "redirect", when: "path:/redirect", answer: { redirect: "https://${host}/new", status: 308 } },
    { name: "echo", when: "path:/echo", answer: { echo: true } },
    { name: "sequence", when: "path:/sequence", answer: [{ status: 500 }, { status: 200 }] },
    { name: "slow", when: "path:/slow", answer: { delay: "300ms", text: "x" } },
    { name: "flow", when: "path:/flow", answer: { flow: 1, headers: { "X-From": "a flow" } } },
    { name: "no-flow", when: "path:/no-flow", answer: { flow: 123456 } },
    { name: "block", when: "path:/block", block: 403 },
    { name: "cors", when: "request.header.origin:*", response: { cors: { credentials: false, maxAge: 5 } } },
  ],
  { "page.txt": "for ${host}, not ${this}" },
);

/** The first flow of the session, which a rule answers with. */
const first = await rawClient({ after }, engine.port());
first.send(origin.get("/recorded"));
await first.until("0\r\n\r\n");
assert.equal((await engine.flow(flow => flow.path === "/recorded")).id, 1);

async function ask(t: Parameters<typeof rawClient>[0], path: string, method = "GET", fields = "", content = "") {
  const client = await rawClient(t, engine.port());
  client.send(origin.request(method, path, fields, content));
  const head = await client.head();
  const length = method === "HEAD" ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  return {
    head: head.replace(/Date: .*\r\n/, "").replace(/Last-Modified: .*\r\n/, ""),
    content: await client.take(length),
    client,
  };
}

describe("answer", () => {
  it("status, reason and headers, repeats in order; recorded as any answer", async t => {
    const { head } = await ask(t, "/status");
    assert.equal(head, "HTTP/1.1 418 Tea\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n");
    const flow = await engine.flow(each => each.path === "/status");
    assert.deepEqual([flow.rules, flow.status, flow.tags], [["status"], 418, ["answered-by-rule"]]);
    assert.equal(flow.server, null);
  });

  it("text with captures, html with what is filled in made harmless, json", async t => {
    assert.equal((await ask(t, "/text/a%20b")).content, "GET a%20b of 127.0.0.1");
    assert.equal((await ask(t, "/html?q=<i>")).content, "<b>&#60;i&#62;</b>");
    const { head, content } = await ask(t, "/json?a=1");
    assert.equal(content, '{"asked":"?a=1"}');
    assert.match(head, /^Content-Type: application\/json\r$/m);
  });

  it("a file, a part of it, its head alone; one that is missing names rule and file", async t => {
    assert.equal((await ask(t, "/file")).content, "0123456789");
    const part = await ask(t, "/file", "GET", "Range: bytes=2-4\r\n");
    assert.deepEqual([part.head.slice(9, 12), part.content], ["206", "234"]);
    assert.match(part.head, /Content-Range: bytes 2-4\/10\r\n/);
    const head = await ask(t, "/file", "HEAD");
    assert.match(head.head, /Content-Length: 10\r\n/);
    // Nothing of the content came behind it: the connection serves the next request.
    head.client.send(origin.get("/block"));
    assert.equal((await head.client.answer()).status, 403);
    const gone = await ask(t, "/gone");
    assert.match(gone.head, /^HTTP\/1.1 502 /);
    assert.match(gone.content, /rule "gone": .*none.txt is not there/);
  });

  it("a template file: what nothing fills stays", async t => {
    assert.equal((await ask(t, "/template")).content, "for 127.0.0.1, not ${this}");
  });

  it("a folder, with no way out of it", async t => {
    assert.equal((await ask(t, "/m/a.txt")).content, "0123456789");
    assert.equal((await ask(t, "/m/")).content, "<p>");
    for (const path of ["/m/../secret", "/m/%2e%2e/secret", "/m/link", "/m/none"]) {
      assert.match((await ask(t, path)).head, /^HTTP\/1.1 404 /, path);
    }
  });

  it("redirect", async t => {
    const { head } = await ask(t, "/redirect");
    assert.equal(
      head,
      "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://127.0.0.1/new\r\nContent-Length: 0\r\n\r\n",
    );
  });

  it("echo: the request as it arrived, content and all", async t => {
    const { content } = await ask(
      t,
      "/echo",
      "POST",
      "x-Odd: 1\r\nTransfer-Encoding: chunked\r\n",
      "3\r\nabc\r\n0\r\n\r\n",
    );
    const said = JSON.parse(content) as { method: string; body: string; headers: [string, string][] };
    assert.deepEqual([said.method, said.body, said.headers[1]], ["POST", "abc", ["x-Odd", "1"]]);
  });

  it("a sequence: in turn, the last for ever", async t => {
    const statuses: string[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask(t, "/sequence")).head.slice(9, 12));
    assert.deepEqual(statuses, ["500", "200", "200"]);
  });

  it("a delay", async t => {
    const started = performance.now();
    assert.equal((await ask(t, "/slow")).content, "x");
    assert.ok(performance.now() - started >= 290);
  });

  it("a recorded flow, in its coding, framed anew", async t => {
    const { head, content } = await ask(t, "/flow");
    assert.equal(
      head,
      `HTTP/1.1 203 As Recorded\r\nx-A: 1\r\nContent-Encoding: gzip\r\nX-a: 2\r\nX-From: a flow\r\nContent-Length: ${compressed.length}\r\n\r\n`,
    );
    assert.equal(content, compressed.toString("latin1"));
  });

  it("a flow that is not there", async t => {
    const { head, content } = await ask(t, "/no-flow");
    assert.match(head, /^HTTP\/1.1 502 /);
    assert.match(content, /rule "no-flow": there is no flow 123456/);
  });

  it("content of a request that nobody reads is no next request", async t => {
    const { client, head } = await ask(
      t,
      "/status",
      "POST",
      "Content-Length: 31\r\n",
      "GET http://x/ HTTP/1.1\r\nHost: x\r\n".slice(0, 31),
    );
    assert.match(head, /418/);
    client.send(origin.get("/block"));
    await client.left().catch(() => undefined);
    assert.ok(!/HTTP\/1.1 (?!418|403)/.test(client.text), client.text);
  });

  it("under TLS", async t => {
    const client = await tlsClient(t, engine.port(), "nowhere.test:443", { ca: engine.rootPem });
    client.send("GET /text/y HTTP/1.1\r\nHost: nowhere.test\r\n\r\n");
    assert.equal((await client.answer()).content, "GET y of nowhere.test");
  });
});

describe("without the server", () => {
  it("block", async t => {
    assert.equal((await ask(t, "/block")).head, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });

  it("response.cors answers preflights", async t => {
    const { head } = await ask(
      t,
      "/api",
      "OPTIONS",
      "Origin: https://b.com\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n",
    );
    assert.equal(
      head,
      "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: https://b.com\r\nAccess-Control-Expose-Headers: *\r\n" +
        "Vary: Origin\r\nAccess-Control-Allow-Methods: PUT\r\nAccess-Control-Allow-Headers: x-a\r\nAccess-Control-Max-Age: 5\r\n\r\n",
    );
  });
});
