// The same rules on HTTP/2 streams: edits, answers, redirected bodies, faults and slow lines.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeCertificates } from "../support/certificates.ts";
import { startEngine } from "../support/engine.ts";
import { type HeardStream, type Http2Client, http2Client } from "../support/http2-client.ts";
import { data } from "../support/http2-frames.ts";
import type { Cleaner } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

const RULES = `rules:
  - name: user
    when: path:/mock/*
    answer: { headers: { X-Mock: "yes" }, json: { id: "\${1}" } }
  - name: page
    when: path:/page
    request: { headers: { set: { X-Seen: waylay } } }
    response: { inject: { script: hello() } }
  - name: cut
    when: path:/cut
    fault: { truncate: 1kB }
  - name: reset
    when: path:/reset
    fault: reset
  - name: busy
    when: method:POST request.body:*secret*
    block: 403
  - name: slow
    when: path:/slow
    throttle: slow 3g
`;

const folder = mkdtempSync(join(tmpdir(), "waylay-h2-rules-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "r.yaml"), RULES);
const certificates = makeCertificates({ after });
const engine = await startEngine(
  { after },
  {
    flags: {
      "upstream-ca": [certificates.file("root.pem")],
      http2: "always",
      rules: [join(folder, "r.yaml")],
    },
  },
);

interface Scene {
  readonly origin: RawOrigin;
  readonly client: Http2Client;
  request(method: string, path: string, more?: boolean): number;
}

async function scene(t: Cleaner): Promise<Scene> {
  const origin = await rawOrigin(t, { tls: certificates.server("good") });
  const authority = `localhost:${origin.port}`;
  const client = await http2Client(t, engine.port(), authority, { ca: engine.rootPem });
  const pseudo = (method: string, path: string): [string, string][] => [
    [":method", method],
    [":scheme", "https"],
    [":authority", authority],
    [":path", path],
  ];
  return { origin, client, request: (method, path, more) => client.request(pseudo(method, path), more) };
}

const field = (heard: HeardStream, name: string) => heard.sections[0]?.find(([key]) => key === name)?.[1];

describe("rules on HTTP/2 streams", () => {
  it("answer", async t => {
    const { client, request, origin } = await scene(t);
    const heard = await client.over(request("GET", "/mock/7"));
    assert.equal(field(heard, ":status"), "200");
    assert.equal(field(heard, "x-mock"), "yes");
    assert.deepEqual(JSON.parse(heard.content.toString()), { id: "7" });
    assert.equal(origin.peers.length, 0);
  });

  it("edit heads both ways and content, chunked as it came", async t => {
    const { client, request, origin } = await scene(t);
    const id = request("GET", "/page");
    const there = await origin.connection();
    assert.match(await there.head(), /\r\nX-Seen: waylay\r\n/i);
    there.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
    there.send("1c\r\n<html><head></head>hi</html>\r\n0\r\n\r\n");
    const heard = await client.over(id);
    assert.match(heard.content.toString(), /<script>hello\(\)<\/script>/);
    assert.equal(heard.reset, null);
    assert.equal(Number(field(heard, "content-length") ?? heard.content.length), heard.content.length);
  });

  it("see content before the server does", async t => {
    const { client, request, origin } = await scene(t);
    const bad = request("POST", "/in", true);
    client.send(data(bad, "the sec", true), data(bad, "ret"));
    assert.equal(field(await client.over(bad), ":status"), "403");
    assert.equal(origin.peers.length, 0);
    const good = request("POST", "/in", true);
    client.send(data(good, "the ", true), data(good, "weather"));
    const there = await origin.connection();
    await there.head();
    assert.equal(await there.until("0\r\n\r\n"), "4\r\nthe \r\n7\r\nweather\r\n0\r\n\r\n");
    there.send("HTTP/1.1 204 No Content\r\n\r\n");
    assert.equal(field(await client.over(good), ":status"), "204");
  });

  it("break answers off: the stream is reset, the connection lives", async t => {
    const { client, request, origin } = await scene(t);
    const cut = request("GET", "/cut");
    const there = await origin.connection();
    await there.head();
    there.send(`HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5000)}`);
    const heard = await client.over(cut);
    assert.equal(heard.reset, "INTERNAL_ERROR");
    assert.equal(heard.ended, false);
    assert.equal(heard.content.length, 1000);
    assert.equal((await client.over(request("GET", "/reset"))).reset, "INTERNAL_ERROR");
    assert.equal(field(await client.over(request("GET", "/mock/1")), ":status"), "200");
  });

  it("slow the line of one stream, and its trailers come behind its content", async t => {
    const { client, request, origin } = await scene(t);
    const id = request("GET", "/slow");
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    there.send(`4e20\r\n${"y".repeat(20_000)}\r\n0\r\nX-Sum: 1\r\n\r\n`);
    const quick = request("GET", "/mock/2");
    await client.over(quick);
    assert.equal(client.stream(id).ended, false);
    const heard = await client.over(id);
    assert.equal(heard.content.length, 20_000);
    assert.deepEqual(heard.sections[1], [["x-sum", "1"]]);
  });
});
