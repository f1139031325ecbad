import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flowText } from "../../../src/cli/render/flow.ts";
import { paint } from "../../../src/cli/render/paint.ts";
import type { Message, WholeFlow } from "../../../src/flow/model.ts";
import type { Body } from "../../../src/flow/store/session.ts";
import { flow } from "../../support/flows.ts";

const LOOK = { paint: paint(false), width: 80, bodyLines: 5 };
const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");

function message(head: string, changes: Partial<Message> = {}): Message {
  const body = { size: 0, recorded: 0, truncated: false, encoding: null };
  return { head: base64(head), headers: [], trailers: [], body, ...changes };
}

function whole(changes: Partial<WholeFlow> = {}): WholeFlow {
  return {
    ...flow(),
    request: message("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n"),
    response: message("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", {
      body: { size: 7, recorded: 7, truncated: false, encoding: "gzip" },
    }),
    interim: [],
    ...changes,
  };
}

function body(text: string, contentType: string, changes: Partial<Body> = {}): Body {
  const bytes = Buffer.from(text);
  return { bytes, total: bytes.length, contentType, encoding: null, ...changes };
}

const text = (changes: Partial<WholeFlow>, response?: Body, look = LOOK) =>
  flowText(whole(changes), { request: undefined, response }, look);

describe("a whole flow", () => {
  it("is what it was, both messages, TLS and timings", () => {
    assert.equal(
      text({}, body('{"a":1}', "application/json")),
      `GET https://example.com/a?b=c  200 OK
flow 1 · complete · 2026-11-22 18:30:05.123 · 45 ms · regular · 127.0.0.1:51234 → example.com 93.184.216.34:443

── request ── HTTP/1.1 ─────────────────────────────────────────────────────────
GET /a?b=c HTTP/1.1
Host: example.com

── response ── HTTP/1.1 · 7 B gzip · json ──────────────────────────────────────
HTTP/1.1 200 OK
Content-Type: application/json

{
  "a": 1
}

── tls ─────────────────────────────────────────────────────────────────────────
  client  TLSv1.3  TLS_AES_256_GCM_SHA384  ALPN http/1.1  SNI example.com
  server  TLSv1.2  ECDHE-RSA-AES128-GCM-SHA256  ALPN none  SNI example.com

── timings ── 45 ms ────────────────────────────────────────────────────────────
  blocked   0.2 ms  ▎
  dns       3.0 ms  ███▉
  connect    21 ms      ███████████████████████████
  tls        12 ms                 ███████████████▍
  send      0.1 ms                                 ▏
  wait       18 ms                                 ███████████████████████▏
  receive   2.9 ms                                                        ███▊

`,
    );
  });

  it("says what went wrong, what was odd and what was done", () => {
    const error = { code: "cert-expired", message: "the certificate has expired" };
    const shown = text({ error, defects: ["bare-lf"], rules: ["mock"], status: null, response: null, tags: ["x"] });
    assert.match(shown, /\n✗ the certificate has expired \(cert-expired\)\n⚠ bare-lf\nrules: mock\ntags: x\n/);
    assert.doesNotMatch(shown, /── response/);
  });

  it("shows interim answers, trailers, and what a message was before it was changed", () => {
    const shown = text({
      interim: [
        {
          status: 103,
          reason: "Early Hints",
          head: base64("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
          headers: [],
        },
      ],
      response: message("HTTP/1.1 200 OK\r\nA: new\r\n\r\n", {
        trailers: [["Checksum", "1"]],
        original: { head: base64("HTTP/1.1 200 OK\r\nA: old\r\n\r\n"), headers: [], trailers: [] },
      }),
    });
    assert.match(shown, /── interim ── 103 Early Hints ─+\nHTTP\/1\.1 103 Early Hints\nLink: x\n/);
    assert.match(shown, /A: new\n\ntrailers\nChecksum: 1\n\nbefore it was changed:\nHTTP\/1\.1 200 OK\nA: old\n/);
  });

  it("counts the lines of a long body instead of showing them, unless all were asked for", () => {
    const long = body("line\n".repeat(100), "text/plain");
    assert.match(text({}, long), /(line\n){5}… 95 more lines \(--full shows them\)\n/);
    assert.match(text({}, long, { ...LOOK, bodyLines: Number.POSITIVE_INFINITY }), /(line\n){100}\n/);
  });

  it("says what a body hides: cut, not decodable, in another charset", () => {
    const cut = message("HTTP/1.1 200 OK\r\n\r\n", {
      body: { size: 9000, recorded: 1000, truncated: true, encoding: null },
    });
    assert.match(text({ response: cut }, body("x", "text/plain")), /9\.0 kB · text · 1\.0 kB of it recorded/);
    assert.match(
      text({}, body("x", "text/plain", { problem: "the content does not decode" })),
      /\nx\n✗ the content does not decode\n/,
    );
  });

  it("lets no body talk to the terminal", () => {
    const shown = text({}, body("a\x1b]52;c;cm0gLXJm\x07b\r\nc\u009b2J", "text/plain; charset=utf-8"));
    assert.match(shown, /a\\x1b\]52;c;cm0gLXJm\\x07b\nc\\x9b2J/);
  });

  it("has the same words with colour", () => {
    const response = body('{"a":[1,"b",null,{"c":true}]}', "application/json");
    const look = { ...LOOK, bodyLines: 50 };
    const coloured = text({}, response, { ...look, paint: paint(true) });
    assert.match(coloured, /\x1b\[36m"a"\x1b\[39m: \[/);
    assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), text({}, response, look));
  });
});
