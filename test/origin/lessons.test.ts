// Every lesson does what its line says.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { decompress as zstdDecompress } from "fzstd";
import { downloadBlock } from "../../src/origin/lessons/download.ts";
import { LESSONS } from "../../src/origin/lessons.ts";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { zstdStored } from "../../src/wire/zstd.ts";
import { ask, askJson, askRaw } from "./client.ts";

let origin: Origin;
let port: number;
before(async () => {
  origin = await startOrigin();
  port = origin.port;
});
after(() => origin.close());

test("every lesson's example answers, and none is a 404 or a 500", async () => {
  const answering = LESSONS.filter(({ name }) => name !== "cut").map(async ({ example, methods }) => {
    const { status } = await ask(port, example, { method: methods?.[0] ?? "GET" });
    assert.ok(status !== 404 && status !== 500, `${example}: ${status}`);
  });
  await Promise.all(answering);
});

test("names of lessons are unique", () => {
  assert.equal(new Set(LESSONS.map(lesson => lesson.name)).size, LESSONS.length);
});

test("anything echoes method, target, fields in order with case and repeats, and the body", async () => {
  const bytes = await askRaw(
    port,
    "PURGE /anything/a%20b?x=1&x=2 HTTP/1.1\r\nHost: h.test\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhéy",
  );
  const echoed = JSON.parse(bytes.toString().split("\r\n\r\n")[1]);
  assert.equal(echoed.method, "PURGE");
  assert.equal(echoed.url, "http://h.test/anything/a%20b?x=1&x=2");
  assert.deepEqual(echoed.query, [
    ["x", "1"],
    ["x", "2"],
  ]);
  assert.deepEqual(echoed.headers.slice(1, 4), [
    ["X-B", "1"],
    ["x-a", "2"],
    ["X-B", "3"],
  ]);
  assert.equal(echoed.body.text, "héy");
  assert.equal(echoed.body.size, 4);
});

test("echo shows a binary body in base64, a form as pairs, JSON as JSON, and cuts what is over 1 MiB", async () => {
  const binary = await ask(port, "/anything", { method: "POST" }, Buffer.from([0xff, 0xfe, 0]));
  assert.equal(JSON.parse(binary.body.toString()).body.base64, "//4A");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.deepEqual((await askJson(port, "/post", { method: "POST", headers: form }, "a=1&b=%20")).body.form, [
    ["a", "1"],
    ["b", " "],
  ]);
  const json = { "content-type": "application/problem+json" };
  assert.deepEqual((await askJson(port, "/put", { method: "PUT", headers: json }, '{"a":[1]}')).body.json, { a: [1] });
  const big = await askJson(port, "/post", { method: "POST" }, "x".repeat(1024 * 1024 + 5));
  assert.equal(big.body.truncated, true);
  assert.equal(big.body.size, 1024 * 1024 + 5);
  assert.equal(big.body.text.length, 1024 * 1024);
});

test("echo shows request trailers", async () => {
  const bytes = await askRaw(
    port,
    "POST /post HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n",
  );
  assert.deepEqual(JSON.parse(bytes.toString().split("\r\n\r\n")[1]).trailers, [["X-Sum", "7"]]);
});

test("a lesson for one method refuses the others and names its own", async () => {
  const refused = await ask(port, "/post");
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.allow, "POST");
});

test("codings are real", async () => {
  const decoders = {
    gzip: gunzipSync,
    br: brotliDecompressSync,
    deflate: inflateSync,
    zstd: (packed: Buffer) => Buffer.from(zstdDecompress(packed)),
  };
  for (const [coding, decode] of Object.entries(decoders)) {
    const { headers, body } = await ask(port, `/${coding}`);
    assert.equal(headers["content-encoding"], coding);
    assert.equal(JSON.parse(decode(body).toString()).coding, coding);
  }
});

test("stored zstd frames are right at every block boundary", () => {
  for (const size of [0, 1, 131_071, 131_072, 131_073, 300_000]) {
    const content = Buffer.alloc(size, "zstd");
    assert.ok(Buffer.from(zstdDecompress(zstdStored(content))).equals(content), `${size} bytes`);
  }
});

test("chunked has no length and as many chunks as asked for", async () => {
  const text = (await askRaw(port, "GET /chunked?count=2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).toString();
  assert.match(text, /\r\nTransfer-Encoding: chunked\r\n/);
  assert.ok(text.endsWith("\r\n\r\nd\r\nchunk 1 of 2\n\r\nd\r\nchunk 2 of 2\n\r\n0\r\n\r\n"), JSON.stringify(text));
});

test("trailers carry the checksum of what came before", async () => {
  const { trailers, body } = await ask(port, "/trailers");
  assert.equal(trailers["x-checksum"], `sha256=${createHash("sha256").update(body).digest("hex")}`);
});

test("close ends the body with the connection", async () => {
  const text = (await askRaw(port, "GET /close HTTP/1.1\r\nHost: h\r\n\r\n")).toString();
  assert.doesNotMatch(text, /content-length|transfer-encoding/i);
  assert.ok(text.endsWith("A cut cable looks the same.\n"));
});

test("cut breaks its promise", async () => {
  await assert.rejects(ask(port, "/cut"), /aborted|ECONNRESET/);
});

test("early hints go ahead", async () => {
  const { status, interim } = await ask(port, "/early-hints?ms=0");
  assert.equal(status, 200);
  assert.equal(interim[0].statusCode, 103);
  assert.match(String(interim[0].headers.link), /style\.css.*script\.js/);
});

test("status answers with what was asked for", async () => {
  for (const status of [200, 201, 204, 205, 304, 404, 418, 503, 599, 999]) {
    assert.equal((await ask(port, `/status/${status}`)).status, status);
  }
  assert.equal((await ask(port, "/status/301")).headers.location, "/get");
  assert.match(String((await ask(port, "/status/401")).headers["www-authenticate"]), /^Basic/);
  for (const bad of ["100", "1000", "abc", "", "2e2"]) assert.equal((await ask(port, `/status/${bad}`)).status, 400);
});

test("redirects count down", async () => {
  const first = await ask(port, "/redirect/2?status=307");
  assert.equal(first.status, 307);
  assert.equal(first.headers.location, "/redirect/1?status=307");
  assert.equal((await ask(port, "/redirect/1")).headers.location, "/get");
  assert.equal((await ask(port, "/redirect/1?to=/json")).headers.location, "/json");
  assert.equal((await ask(port, "/redirect/1?to=/a%0d%0aX:1")).status, 400);
});

test("refresh is a field on a 200", async () => {
  const { status, headers } = await ask(port, "/refresh?seconds=3");
  assert.equal(status, 200);
  assert.equal(headers.refresh, "3; url=/get");
});

test("cookies are set one line each, shown and taken back", async () => {
  const set = await ask(port, "/cookies/set?a=1&b=x%20y");
  assert.equal(set.status, 302);
  assert.deepEqual(set.headers["set-cookie"], ["a=1; Path=/; SameSite=Lax", "b=x%20y; Path=/; SameSite=Lax"]);
  assert.deepEqual((await askJson(port, "/cookies", { headers: { cookie: "a=1; b=2" } })).cookies, [
    ["a", "1"],
    ["b", "2"],
  ]);
  assert.deepEqual((await ask(port, "/cookies/delete?a")).headers["set-cookie"], ["a=; Path=/; Max-Age=0"]);
  assert.equal((await ask(port, "/cookies/set?a%0a=1")).status, 400);
});

test("cache answers 304 to a fresh copy, and ETag beats the date", async () => {
  const { headers } = await ask(port, "/cache");
  const etag = String(headers.etag);
  const modified = String(headers["last-modified"]);
  const status = async (sent: Record<string, string>) => (await ask(port, "/cache", { headers: sent })).status;
  assert.equal(await status({ "if-none-match": etag }), 304);
  assert.equal(await status({ "if-none-match": `"x", W/${etag}` }), 304);
  assert.equal(await status({ "if-none-match": "*" }), 304);
  assert.equal(await status({ "if-none-match": '"x"' }), 200);
  assert.equal(await status({ "if-modified-since": modified }), 304);
  assert.equal(await status({ "if-modified-since": modified, "if-none-match": '"x"' }), 200);
});

test("uploads are reported part by part, whatever the chunking", async () => {
  const body = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a %22b%22.bin"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x-not\r\n\r\n--b\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n--b--\r\n',
  );
  const headers = { "content-type": 'multipart/form-data; charset=utf-8; boundary="b"' };
  const { parts, size } = await askJson(port, "/upload", { method: "POST", headers }, body.toString());
  assert.equal(size, body.length);
  assert.deepEqual(
    parts.map((part: { name: string; size: number }) => [part.name, part.size]),
    [
      ["note", 5],
      ["file", 11],
      ["empty", 0],
    ],
  );
  assert.equal(parts[1].filename, 'a "b".bin');
  assert.equal(parts[0].sha256, createHash("sha256").update("hello").digest("hex"));
});

test("upload takes forms and raw bodies, shows a form, and refuses half a multipart", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.deepEqual((await askJson(port, "/upload", { method: "POST", headers: form }, "a=1")).form, [["a", "1"]]);
  assert.equal((await askJson(port, "/upload", { method: "PUT" }, "raw")).size, 3);
  assert.match((await ask(port, "/upload")).body.toString(), /<form/);
  const half = await ask(
    port,
    "/upload",
    { method: "POST", headers: { "content-type": "multipart/form-data; boundary=b" } },
    "--b\r\n",
  );
  assert.equal(half.status, 400);
});

test("download gives the size asked for, the same bytes, and ranges of them", async () => {
  const whole = (await ask(port, "/download/200kB")).body;
  assert.equal(whole.length, 200_000);
  const range = async (value: string, extra: Record<string, string> = {}) =>
    ask(port, "/download/200kB", { headers: { range: value, ...extra } });
  const middle = await range("bytes=65530-131080");
  assert.equal(middle.status, 206);
  assert.equal(middle.headers["content-range"], "bytes 65530-131080/200000");
  assert.ok(middle.body.equals(whole.subarray(65530, 131081)));
  assert.ok((await range("bytes=-7")).body.equals(whole.subarray(-7)));
  assert.equal((await range("bytes=199999-")).body.length, 1);
  assert.equal((await range("bytes=0-999999")).body.length, 200_000);
  assert.equal((await range("bytes=200000-")).status, 416);
  assert.equal((await range("bytes=5-2")).status, 200);
  assert.equal((await range("bytes=0-1", { "if-range": '"other"' })).status, 200);
  assert.equal((await range("bytes=0-1", { "if-range": String(middle.headers.etag) })).status, 206);
  const head = await ask(port, "/download/3GiB", { method: "HEAD" });
  assert.equal(head.headers["content-length"], String(3 * 2 ** 30));
  assert.equal((await ask(port, "/download/lots")).status, 400);
  assert.equal(downloadBlock().length, 65536);
});

test("slow waits, drip drips", async () => {
  const started = Date.now();
  assert.equal((await askJson(port, "/slow?ms=60")).waitedMs, 60);
  assert.ok(Date.now() - started >= 55);
  const { headers, body } = await ask(port, "/drip?bytes=4&ms=20");
  assert.equal(headers["content-length"], "4");
  assert.equal(body.toString(), "****");
});

test("sse counts on from Last-Event-ID", async () => {
  const { headers, body } = await ask(port, "/sse?count=5&ms=0", { headers: { "last-event-id": "3" } });
  assert.equal(headers["content-type"], "text/event-stream");
  assert.deepEqual(body.toString().match(/^id: \d+$/gm), ["id: 4", "id: 5"]);
});

test("images are what they say", async () => {
  const png = await ask(port, "/image", { headers: { accept: "image/png" } });
  assert.equal(png.headers["content-type"], "image/png");
  assert.equal(png.body.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  assert.match((await ask(port, "/image/svg")).body.toString(), /^<svg /);
});

test("cors answers the preflight", async () => {
  const headers = {
    origin: "https://a.test",
    "access-control-request-method": "PUT",
    "access-control-request-headers": "x-a",
  };
  const preflight = await ask(port, "/cors", { method: "OPTIONS", headers });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers["access-control-allow-origin"], "https://a.test");
  assert.equal(preflight.headers["access-control-allow-headers"], "x-a");
  assert.equal((await ask(port, "/cors")).headers["access-control-allow-origin"], "*");
});

test("html, json and headers", async () => {
  assert.match((await ask(port, "/html")).body.toString(), /世界/);
  assert.equal((await askJson(port, "/json")).stateless, true);
  assert.deepEqual((await askJson(port, "/headers", { headers: { "X-Odd-CASE": "1" } })).headers[0], [
    "X-Odd-CASE",
    "1",
  ]);
});
