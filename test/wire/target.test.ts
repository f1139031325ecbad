import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAuthority, parseAuthority, parseTarget, type Target, validHost } from "../../src/wire/target.ts";

/** A target in one line, or the fault's code. */
function say(method: string, text: string): string {
  const target = parseTarget(method, text);
  return typeof target === "string" ? target : line(target, text);
}

function line(target: Target, text: string): string {
  const { form, scheme, host, port, authority, path, pathStart, pathEnd, userinfo, fragment } = target;
  if (pathEnd > pathStart) assert.equal(text.slice(pathStart, pathEnd), path, "the path is not where it says");
  const parts = [form, scheme, host, port === 0 ? "" : String(port), authority === "" ? "" : `(${authority})`, path];
  return [...parts, userinfo ? "userinfo" : "", fragment ? "fragment" : ""].filter(part => part !== "").join(" ");
}

const targets: readonly (readonly [method: string, target: string, said: string])[] = [
  ["GET", "/", "origin /"],
  ["GET", "//a/../b?c=d//e", "origin //a/../b?c=d//e"],
  ["GET", "/a\\b@c:d[e]", "origin /a\\b@c:d[e]"],
  ["GET", "/a#b", "origin /a fragment"],
  ["GET", "http://a/b?c", "absolute http a 80 (a) /b?c"],
  ["GET", "HTTPS://A:8443/", "absolute https A 8443 (A:8443) /"],
  ["GET", "http://a", "absolute http a 80 (a) /"],
  ["GET", "http://a?b=c", "absolute http a 80 (a) /?b=c"],
  ["GET", "http://a:?b", "absolute http a 80 (a:) /?b"],
  ["GET", "http://a/b#c?d", "absolute http a 80 (a) /b fragment"],
  ["GET", "http://a#c", "absolute http a 80 (a) / fragment"],
  ["GET", "http://a//b/../c", "absolute http a 80 (a) //b/../c"],
  ["GET", "http://[::1]:81/", "absolute http ::1 81 ([::1]:81) /"],
  ["GET", "http://user:pass@a/b", "absolute http a 80 (a) /b userinfo"],
  ["GET", "http://evil.example:80@a/b", "absolute http a 80 (a) /b userinfo"],
  ["GET", "http://x@y@a/b", "absolute http a 80 (a) /b userinfo"],
  ["GET", "http://a/b@c", "absolute http a 80 (a) /b@c"],
  ["OPTIONS", "*", "asterisk *"],
  ["OPTIONS", "http://a", "absolute http a 80 (a) *"],
  ["OPTIONS", "http://a/", "absolute http a 80 (a) /"],
  ["OPTIONS", "http://a?b", "absolute http a 80 (a) /?b"],
  ["CONNECT", "a:443", "authority a 443 (a:443)"],
  ["CONNECT", "[::1]:443", "authority ::1 443 ([::1]:443)"],

  ["GET", "*", "target-form"],
  ["GET", "a", "target-form"],
  ["GET", "a/b", "target-form"],
  ["GET", "?a", "target-form"],
  ["GET", "a:80", "target-scheme"],
  ["GET", "ftp://a/", "target-scheme"],
  ["GET", "ws://a/", "target-scheme"],
  ["GET", "file:///etc/passwd", "target-scheme"],
  ["GET", "javascript:alert(1)", "target-scheme"],
  ["GET", "http:/a", "target-scheme"],
  ["GET", "http:///path", "target-host"],
  ["GET", "http://:80/", "target-host"],
  ["GET", "http://@/", "target-host"],
  ["GET", "http://a\\b/", "target-host"],
  ["GET", "http://a\\@b/", "target-host"],
  ["GET", "http://[::1/", "target-host"],
  ["GET", "http://::1/", "target-host"],
  ["GET", "http://[::1]a/", "target-host"],
  ["GET", "http://b\xfccher/", "target-host"],
  ["GET", "http://a:0/", "target-port"],
  ["GET", "http://a:65536/", "target-port"],
  ["GET", "http://a:80a/", "target-port"],
  ["GET", "http://a:+80/", "target-port"],
  ["GET", "http://a:000080/", "target-port"],
  ["CONNECT", "a", "target-port"],
  ["CONNECT", "a:", "target-port"],
  ["CONNECT", "a:0", "target-port"],
  ["CONNECT", "a:80x", "target-port"],
  ["CONNECT", ":443", "target-host"],
  ["CONNECT", "/x", "target-form"],
  ["CONNECT", "*", "target-form"],
  ["CONNECT", "user@a:443", "target-userinfo"],
  ["CONNECT", "http://a:443", "target-port"],
  ["CONNECT", "a:443/x", "target-port"],
  ["CONNECT", "::1:443", "target-host"],
];

describe("parseTarget", () => {
  for (const [method, target, said] of targets) {
    it(`${method} ${target}: ${said}`, () => assert.equal(say(method, target), said));
  }

  it("never throws, and never forwards userinfo or a fragment", () => {
    const text = fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string());
    fc.assert(
      fc.property(fc.constantFrom("GET", "OPTIONS", "CONNECT"), text, (method, target) => {
        const parsed = parseTarget(method, target);
        if (typeof parsed === "string") return;
        assert.ok(!parsed.path.includes("#"));
        assert.ok(!parsed.authority.includes("@"));
        assert.ok(parsed.port >= 0 && parsed.port <= 65535);
      }),
    );
  });
});

describe("authorities", () => {
  const valid = [
    "a", "a.b.c.", "a:80", "a:", "127.0.0.1:1", "[::1]", "[::1]:65535", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7:8]", "[1::]",
    "[fe80::1%25eth0]", "my_host", "xn--bcher-kva.example", "a%20b", "*.example",
  ]; // biome-ignore format: a list
  const invalid = [
    "", ":80", "a:b", "a:65536", "a:-1", "a b", "a,b", "a/b", "a@b", "a\\b", "::1", "[]", "[::1", "[:::1]", "[1:2]",
    "[1:2:3:4:5:6:7:8:9]", "[::1::]", "[12345::]", "[::1.2.3]", "[::256.1.1.1]", "[fe80::1%eth0]", "[a]", "[::1]x", "a%2",
    "a\xe9", "<a>", "a?b", "a#b", "[1.2.3.4::]",
  ]; // biome-ignore format: a list

  for (const text of valid) it(`${text} is a host`, () => assert.ok(validHost(text)));
  for (const text of invalid) it(`${JSON.stringify(text)} is no host`, () => assert.ok(!validHost(text)));

  it("formats what it parses", () => {
    assert.equal(formatAuthority({ host: "::1", port: 8080 }, 80), "[::1]:8080");
    assert.equal(formatAuthority({ host: "a", port: 80 }, 80), "a");
    assert.equal(formatAuthority({ host: "a", port: 0 }, 80), "a");
    for (const text of ["a:1", "[::1]:2", "1.2.3.4:3"]) {
      const authority = parseAuthority(text);
      assert.ok(typeof authority === "object");
      assert.equal(formatAuthority(authority, 0), text);
    }
  });
});
