import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSecretName, REDACTED, redactField, redactText, redactUrl } from "../../src/flow/redact.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP";

describe("secrets are taken out of", () => {
  it("fields, of which what is no secret stays", () => {
    const cases: [name: string, value: string, left: string][] = [
      ["Authorization", "Bearer abc.def", `Bearer ${REDACTED}`],
      ["authorization", "Basic dXNlcjpwYXNz", `Basic ${REDACTED}`],
      ["Proxy-Authorization", "opaque", REDACTED],
      ["Cookie", "a=1; session=x=y; b=", `a=${REDACTED}; session=${REDACTED}; b=${REDACTED}`],
      ["Set-Cookie", "sid=abc; Path=/; HttpOnly", `sid=${REDACTED}; Path=/; HttpOnly`],
      ["X-Api-Key", "k", REDACTED],
      ["X-CSRF-Token", "k", REDACTED],
      ["X-Amz-Security-Token", "k", REDACTED],
      ["Location", "/cb?code=123&x=1", `/cb?code=${REDACTED}&x=1`],
      ["X-Debug", `seen ${JWT} there`, `seen ${REDACTED} there`],
      ["X-Echo", "Authorization=Bearer abcd", `Authorization=${REDACTED}`],
      ["WWW-Authenticate", 'Bearer realm="api"', 'Bearer realm="api"'],
      ["Content-Type", "text/html", "text/html"],
      ["Authority", "example.com", "example.com"],
      ["WWW-Authenticate", 'Basic realm="x"', 'Basic realm="x"'],
    ];
    for (const [name, value, left] of cases) assert.deepEqual(redactField([name, value]), [name, left]);
  });

  it("URLs: credentials, parameters of the query and the fragment", () => {
    assert.equal(redactUrl("https://u:p@x.test/a?b=1"), `https://${REDACTED}@x.test/a?b=1`);
    assert.equal(redactUrl("/a?access_token=t&q=token"), `/a?access_token=${REDACTED}&q=token`);
    assert.equal(redactUrl("/a?api%5Fkey=t#id_token=u&ok=1"), `/a?api%5Fkey=${REDACTED}#id_token=${REDACTED}&ok=1`);
    assert.equal(redactUrl(`/verify/${JWT}/now`), `/verify/${REDACTED}/now`);
    assert.equal(redactUrl("https://x.test/@user?a=%zz"), "https://x.test/@user?a=%zz");
  });

  it("bodies: JSON also when it is cut or in lines, forms, keys and tokens by their look", () => {
    const json = `{"user":"ann","password":"hunter2 \\" still","nested":{"refresh_token" : "r","pin":1234},"tokens":3}`;
    assert.equal(
      redactText(json, "application/json"),
      `{"user":"ann","password":"${REDACTED}","nested":{"refresh_token" : "${REDACTED}","pin":"${REDACTED}"},"tokens":3}`,
    );
    assert.equal(redactText('{"secret":"cut of', "application/json"), `{"secret":"${REDACTED}"`);
    assert.equal(
      redactText("user=ann&password=x&remember=1", "application/x-www-form-urlencoded; charset=utf-8"),
      `user=ann&password=${REDACTED}&remember=1`,
    );
    const pem = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----";
    assert.equal(redactText(`a ${pem} b ghp_${"a".repeat(36)} c`, null), `a ${REDACTED} b ${REDACTED} c`);
    const plain = '{"author":"me","keyboard":"qwerty","sessionCount":5,"passage":"x","design":"y"}';
    assert.equal(redactText(plain, "application/json"), plain);
  });
});

it("names are told apart from those that only look alike", () => {
  for (const name of [
    "token",
    "accessToken",
    "X-Auth-Token",
    "client_secret",
    "db.password",
    "sid",
    "session_id",
    "apikey",
  ]) {
    assert.ok(isSecretName(name), name);
  }
  for (const name of [
    "author",
    "tokenize",
    "monkey",
    "passenger",
    "signal",
    "side",
    "mapping",
    "sessions",
    "keep-alive",
  ]) {
    assert.ok(!isSecretName(name), name);
  }
});

it("text of any kind takes no longer than its length", () => {
  for (const text of [
    '"'.repeat(200_000),
    '"a'.repeat(100_000),
    "a=&".repeat(100_000),
    `"${"\\".repeat(200_000)}`,
    "eyJ".repeat(70_000),
    "-----BEGIN PRIVATE KEY-----".repeat(5000),
  ]) {
    const before = performance.now();
    redactText(text, "application/x-www-form-urlencoded");
    assert.ok(performance.now() - before < 1000, `${text.slice(0, 10)}: ${performance.now() - before} ms`);
  }
});
