// The three ways of saying who one is, right and wrong.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { ask } from "./client.ts";

let origin: Origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

const withAuthorization = (path: string, authorization?: string) =>
  ask(origin.port, path, { headers: authorization === undefined ? {} : { authorization } });

test("basic", async () => {
  const credentials = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  assert.equal((await withAuthorization("/basic-auth/ada/l%C3%B6ve", credentials("ada:löve"))).status, 200);
  const refused = await withAuthorization("/basic-auth/ada/x", credentials("ada:y"));
  assert.equal(refused.status, 401);
  assert.match(String(refused.headers["www-authenticate"]), /^Basic realm=/);
  assert.equal((await withAuthorization("/basic-auth/ada/x")).status, 401);
  assert.equal((await withAuthorization("/basic-auth/ada")).status, 404);
});

test("bearer", async () => {
  assert.equal((await withAuthorization("/bearer", "Bearer abc")).status, 200);
  assert.equal((await withAuthorization("/bearer", "Basic abc")).status, 401);
});

for (const [algorithm, hash] of [
  ["SHA-256", "sha256"],
  ["MD5", "md5"],
]) {
  test(`digest with ${algorithm}`, async () => {
    const path = "/digest-auth/ada/x?q=1";
    const challenge = await withAuthorization(path);
    assert.equal(challenge.status, 401);
    const line = challenge.raw.find(value => value.includes(`algorithm=${algorithm}`)) ?? "";
    const nonce = /nonce="([^"]+)"/.exec(line)?.[1] ?? "";
    const h = (text: string) => createHash(hash).update(text).digest("hex");
    const credentials = (password: string, uri: string, given = nonce) => {
      const a1 = h(`ada:waylay origin:${password}`);
      const response = h(`${a1}:${given}:00000001:c:auth:${h(`GET:${uri}`)}`);
      return `Digest username="ada", realm="waylay origin", nonce="${given}", uri="${uri}", qop=auth, nc=00000001, cnonce="c", algorithm=${algorithm}, response="${response}"`;
    };
    assert.equal((await withAuthorization(path, credentials("x", path))).status, 200);
    assert.equal((await withAuthorization(path, credentials("y", path))).status, 401);
    assert.equal((await withAuthorization(path, credentials("x", "/other"))).status, 401);
    assert.equal((await withAuthorization(path, credentials("x", path, `1.${"0".repeat(32)}`))).status, 401);
  });
}
