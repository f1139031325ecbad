import assert from "node:assert/strict";
import { it } from "node:test";
import { decideRequest } from "../../src/rules/decide.ts";
import type { Redaction } from "../../src/rules/plan.ts";
import { redactContent, redactHead } from "../../src/rules/redact.ts";
import { ambientOf, get, headBytes, programOf, requestHead, responseHead } from "./support.ts";

function redactions(what: string): readonly Redaction[] {
  return decideRequest(programOf(`rules: [{ name: r, when: '*', redact: ${what} }]`), get("/"), ambientOf()).flow!
    .redact;
}

it("heads: headers, cookies both ways, query, regexes; the rest stays", () => {
  const all = redactions("{ headers: [Authorization], cookies: [sid], query: [token], text: ['/\\d{4}-\\d{4}/'] }");
  const head = requestHead(
    headBytes(
      "GET /a?token=abc&b=%2f&token=d HTTP/1.1",
      "Host: a",
      "authorization: Bearer x",
      "Authorization: y",
      "Cookie: a=1; sid=secret",
      "X-Card: 1234-5678",
    ),
  );
  const written = redactHead(head, all).toString();
  assert.doesNotMatch(written, /abc|Bearer|secret|1234/);
  assert.match(written, /&b=%2f&/);
  assert.match(written, /Cookie: a=1; sid=\[redacted\]/);
  const response = responseHead(headBytes("HTTP/1.1 200 OK", "Set-Cookie: sid=secret; Path=/", "Set-Cookie: b=2"));
  assert.match(redactHead(response, all).toString(), /Set-Cookie: sid=\[redacted\]; Path=\/\r\nSet-Cookie: b=2/);
});

it("content: JSON paths, form fields, regexes; what cannot be looked into is left out", () => {
  const all = redactions("{ json: ['users[*].pw'], query: [pw], text: ['/key-\\w+/'] }");
  assert.equal(
    redactContent(Buffer.from('{"users":[{"pw":"x","n":1}]}'), "application/json", all).toString(),
    '{"users":[{"pw":"[redacted]","n":1}]}',
  );
  assert.equal(redactContent(Buffer.from('{"users":[{"pw":"x'), "application/json", all).toString(), "[redacted]");
  assert.doesNotMatch(
    redactContent(Buffer.from("a=1&pw=x"), "application/x-www-form-urlencoded", all).toString(),
    /=x/,
  );
  assert.equal(redactContent(Buffer.from("a key-abc"), "text/plain", all).toString(), "a [redacted]");
  assert.equal(redactContent(Buffer.from([0xff]), "text/plain; charset=utf-8", all).toString(), "[redacted]");
});
