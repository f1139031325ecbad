import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import Ajv from "ajv";
import fc from "fast-check";
import { HAR } from "../../../src/flow/formats/har.ts";
import { FLAG_TUNNEL } from "../../../src/flow/row.ts";
import type { Session } from "../../../src/flow/store/session.ts";
import { begin, record, scene } from "../scene.ts";

const require = createRequire(import.meta.url);
const SCHEMAS = require("har-schema") as Record<string, object>; // has no types of its own
const DRAFT_06 = require("ajv/lib/refs/json-schema-draft-06.json") as object; // what har-schema is written in

test("every kind of flow makes an archive that validates, and says what there is to say", async () => {
  const { recorder, read } = await scene({ bodyLimit: 10_000 });
  record(recorder, {
    scheme: "https",
    port: 8443,
    path: "/a?b=1&b=%20&c",
    requestFields: ["Host: example.test", "Cookie: s=1; t=a=b"],
    status: 302,
    reason: "Found",
    responseFields: [
      "Location: /b",
      "Content-Type: application/json",
      "Content-Encoding: gzip",
      "Set-Cookie: s=2; Path=/; Domain=x.test; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure",
      "Set-Cookie: bad; Expires=never",
    ],
    responseBody: gzipSync('{"ä":1}'),
  });
  record(recorder, {
    method: "POST",
    requestFields: ["Content-Type: application/x-www-form-urlencoded"],
    requestBody: "name=v%C3%A4lue&x=",
  });
  record(recorder, { method: "PUT", requestBody: Buffer.from([0, 255, 1]), responseBody: Buffer.from([255, 0, 7]) });
  record(recorder, { responseFields: ["Content-Type: text/plain"], responseBody: "x".repeat(20_000) });
  const failed = begin(recorder, { path: '/"<odd>|path ä%zz', status: 0 });
  failed.error("dns", "no such host");
  failed.finish("error");
  const tunnel = begin(recorder, { method: "CONNECT", scheme: "", port: 22, path: "" });
  tunnel.flags |= FLAG_TUNNEL;
  tunnel.finish("complete");
  recorder.begin(0, "regular").finish("error");

  const entries = entriesOf(await read());
  assert.equal(entries.length, 7);
  const [first, form, binary, long, broken, connect] = entries;
  assert.equal(first.request.url, "https://example.test:8443/a?b=1&b=%20&c");
  assert.deepEqual(first.request.queryString, [
    { name: "b", value: "1" },
    { name: "b", value: " " },
    { name: "c", value: "" },
  ]);
  assert.deepEqual(first.request.cookies, [
    { name: "s", value: "1" },
    { name: "t", value: "a=b" },
  ]);
  assert.deepEqual(first.response.cookies, [
    {
      name: "s",
      value: "2",
      path: "/",
      domain: "x.test",
      expires: "2026-10-21T07:28:00.000Z",
      httpOnly: true,
      secure: true,
    },
    { name: "bad", value: "" },
  ]);
  assert.equal(first.response.redirectURL, "/b");
  assert.equal(first.response.content.text, '{"ä":1}');
  assert.equal(first.response.content.size, 8);
  assert.equal(first.response.content.size - first.response.content.compression, first.response.bodySize);
  assert.equal(first.request.httpVersion, "HTTP/1.1");
  assert.equal(first.serverIPAddress, "::1");
  assert.deepEqual(form.request.postData.params, [
    { name: "name", value: "välue" },
    { name: "x", value: "" },
  ]);
  assert.equal(form.request.bodySize, 18);
  assert.deepEqual([binary.request.postData.text, binary.request.postData._encoding], ["AP8B", "base64"]);
  assert.deepEqual([binary.response.content.text, binary.response.content.encoding], ["/wAH", "base64"]);
  assert.equal(long.response.content.comment, "the first 10000 of 20000 bytes were recorded");
  assert.equal(broken.response.status, 0);
  assert.equal(broken.response._error, "no such host");
  assert.equal(broken.request.url, "http://example.test/%22%3Codd%3E%7Cpath%20%E4%25zz");
  assert.equal(connect.request.url, "tcp://example.test:22");
});

test("timings are HAR's: parts that apply add up to the time, none that must be there is missing", async () => {
  const { recorder, read } = await scene();
  record(recorder);
  const [entry] = entriesOf(await read());
  const { blocked, dns, connect, send, wait, receive } = entry.timings;
  const sum = [blocked, dns, connect, send, wait, receive].reduce((total, part) => total + Math.max(0, part), 0);
  assert.ok(Math.abs(sum - entry.time) < 0.001);
  assert.ok(send >= 0 && wait >= 0 && receive >= 0);
});

test("an archive of nothing validates, too", async () => {
  const { read } = await scene();
  assert.deepEqual(entriesOf(await read()), []);
});

test("targets, fields and bodies of any bytes validate, and bodies come out whole", async () => {
  const { recorder, read } = await scene();
  const line = fc.string({ unit: "binary", maxLength: 30 }).map(text => text.replace(/[\r\n]/g, " "));
  const bodies: Uint8Array[] = [];
  fc.assert(
    fc.property(line, line, fc.uint8Array({ maxLength: 60 }), (path, value, body) => {
      bodies.push(body);
      record(recorder, { path: `/${path}`, responseFields: [`X-${value}: ${value}`], responseBody: body });
    }),
  );
  const entries = entriesOf(await read());
  bodies.forEach((body, i) => {
    const { text, encoding } = entries[i]!.response.content;
    assert.deepEqual(Buffer.from(text, encoding ?? "utf8"), Buffer.from(body));
  });
});

/** The archive's entries in order, after the whole of it was validated. */
function entriesOf(session: Session) {
  const text = Array.from(HAR.write(session.each(null, { order: "asc" }), { version: "0.0.0" }), piece =>
    piece.toString(),
  ).join("");
  const archive = JSON.parse(text);
  const ajv = new Ajv({ allErrors: true });
  ajv.addMetaSchema(DRAFT_06);
  for (const schema of Object.values(SCHEMAS)) ajv.addSchema(schema);
  assert.ok(ajv.validate("har.json#", archive), JSON.stringify(ajv.errors?.slice(0, 3), null, 2));
  return archive.log.entries;
}
