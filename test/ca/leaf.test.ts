import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { checkServerIdentity, connect, createServer } from "node:tls";
import { promisify } from "node:util";
import { CaError } from "../../src/ca/error.ts";
import { LeafCache } from "../../src/ca/leaf.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
import { ann, leafCache, NOW, newRoot, verifyStrictly } from "./scene.ts";

const DAY = 86_400_000;
const LONG = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.example.com`;

/** Host as asked for, and as it stands in the certificate. */
const HOSTS = [
  ["example.com", "example.com", "DNS:example.com"],
  ["EXAMPLE.com.", "example.com", "DNS:example.com"],
  ["localhost", "localhost", "DNS:localhost"],
  ["my_host.internal", "my_host.internal", "DNS:my_host.internal"],
  ["r3---sn-4g5e6nsz.example", "r3---sn-4g5e6nsz.example", "DNS:r3---sn-4g5e6nsz.example"],
  ["bücher.example", "xn--bcher-kva.example", "DNS:xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example", "DNS:xn--bcher-kva.example"],
  ["食狮.中国", "xn--85x722f.xn--fiqs8s", "DNS:xn--85x722f.xn--fiqs8s"],
  [LONG, LONG, `DNS:${LONG}`],
  ["127.0.0.1", "127.0.0.1", "IP Address:127.0.0.1"],
  ["::1", "::1", "IP Address:0:0:0:0:0:0:0:1"],
  ["[2001:DB8::00A1]", "2001:db8::a1", "IP Address:2001:DB8:0:0:0:0:0:A1"],
  ["::ffff:192.0.2.1", "::ffff:c000:201", "IP Address:0:0:0:0:0:FFFF:C000:201"],
] as const;

for (const [asked, host, alternative] of HOSTS) {
  test(`openssl -x509_strict takes a leaf for ${asked.slice(0, 40)}`, { skip: skipWithout("openssl") }, t => {
    const { caDir, root } = newRoot(t);
    const leaf = leafCache(root).get(asked);
    assert.equal(leaf.host, host);
    assert.match(verifyStrictly(caDir, root.files.certificate, leaf.certPem, host), /: OK/);
    writeFileSync(join(caDir, "leaf.pem"), leaf.certPem);
    const text = outputOf("openssl", "x509", "-in", join(caDir, "leaf.pem"), "-noout", "-text");
    const names = /Subject Alternative Name: *(critical)?\n\s+(.*)\n/.exec(text);
    assert.equal(names?.[2], alternative, "the one exact name");
    assert.equal(names?.[1], undefined);
    assert.match(text, /Basic Constraints: critical\n\s+CA:FALSE\n/);
    assert.match(text, /Key Usage: critical\n\s+Digital Signature\n/);
    assert.match(text, /Extended Key Usage: *\n\s+TLS Web Server Authentication\n/);
    assert.match(text, /Version: 3/);
    const rootText = outputOf("openssl", "x509", "-in", root.files.certificate, "-noout", "-text");
    const keyId = (where: string, name: string) =>
      new RegExp(`${name} Key Identifier: *\\n\\s+(\\S+)`).exec(where)?.[1];
    assert.equal(keyId(text, "Authority"), keyId(rootText, "Subject"));
    assert.notEqual(keyId(text, "Subject"), keyId(rootText, "Subject"), "a key of its own");
  });
}

test("at most 197 days with the backdate, both ends counted", t => {
  const { root } = newRoot(t, { ...ann, now: () => NOW - 300 * DAY });
  const leaf = leafCache(root, () => NOW).get("example.com");
  const x509 = new X509Certificate(leaf.certPem);
  const from = Date.parse(x509.validFrom);
  const to = Date.parse(x509.validTo);
  assert.equal(from, NOW - 2 * DAY);
  assert.equal(to + 1000 - from, 197 * DAY);
  assert.equal(leaf.notAfterMs, to);
});

test("a leaf does not begin before its root or end after it", t => {
  const { root } = newRoot(t, ann);
  const end = root.notAfter.getTime();
  const cache = leafCache(root, () => end - 5 * DAY);
  const leaf = cache.get("example.com");
  assert.equal(leaf.notAfterMs, end);
  assert.equal(cache.get("example.com"), leaf, "near the root's end a leaf is not made anew each time");
  const first = new X509Certificate(leafCache(root, () => NOW - DAY).get("example.com").certPem);
  assert.equal(Date.parse(first.validFrom), root.notBefore.getTime());
  assert.throws(() => leafCache(root, () => end + 1).get("example.com"), { name: "CaError", code: "expired" });
});

test("one object per host until it nears its end, then a new one", t => {
  const { root } = newRoot(t, ann);
  let now = NOW;
  const cache = leafCache(root, () => now);
  const leaf = cache.get("example.com");
  assert.equal(cache.get("example.com"), leaf);
  assert.equal(cache.get("Example.COM."), leaf, "by the name's one form");
  assert.notEqual(cache.get("www.example.com"), leaf);
  now = leaf.notAfterMs - 2 * DAY - 1;
  assert.equal(cache.get("example.com"), leaf);
  now += 1;
  const renewed = cache.get("example.com");
  assert.notEqual(renewed.serial, leaf.serial);
  assert.ok(renewed.notAfterMs > leaf.notAfterMs);
  now = NOW - 2 * DAY; // the clock was set back
  assert.notEqual(cache.get("example.com").serial, renewed.serial);
});

test("the least recently used leaf goes when there are too many", t => {
  const { root } = newRoot(t, ann);
  const cache = new LeafCache(root, { now: () => NOW, max: 2 });
  const a = cache.get("a.test");
  cache.get("b.test");
  assert.equal(cache.get("a.test"), a);
  cache.get("c.test");
  assert.equal(cache.get("a.test"), a);
  for (const name of ["A.test", "a.TEST", "a.test."]) cache.get(name);
  assert.equal(cache.get("a.test"), a, "other spellings take no place");
});

test("serials: 128 bits, positive, never twice, whatever the random bytes are", t => {
  const { root } = newRoot(t, ann);
  const cache = leafCache(root, () => NOW);
  const serials = new Set<string>();
  for (let i = 0; i < 5000; i++) {
    const { serial, certPem } = cache.get(`${i}.test`);
    if (i % 500 === 0) assert.equal(new X509Certificate(certPem).serialNumber.toLowerCase(), serial);
    assert.match(serial, /^[4-7][\da-f]{31}$/);
    serials.add(serial);
  }
  assert.equal(serials.size, 5000);
  for (const byte of [0x00, 0x80, 0xff]) {
    const fixed = new LeafCache(root, { now: () => NOW, max: 1, randomBytes: size => Buffer.alloc(size, byte) });
    const leaf = fixed.get("a.test");
    assert.equal(new X509Certificate(leaf.certPem).serialNumber.toLowerCase(), leaf.serial);
    assert.match(leaf.serial, /^[4-7]/);
  }
});

test("all leaves share one key, and it is not the root's", t => {
  const { root } = newRoot(t, ann);
  const cache = leafCache(root, () => NOW);
  const a = cache.get("a.test");
  const b = cache.get("b.test");
  assert.equal(a.keyPem, b.keyPem);
  const spki = (pem: string) => new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" });
  assert.equal(spki(a.certPem), spki(b.certPem));
  assert.notEqual(spki(a.certPem), spki(root.certPem));
  assert.ok(new X509Certificate(a.certPem).verify(new X509Certificate(root.certPem).publicKey));
});

const HOSTILE = [
  "",
  ".",
  "..",
  "*",
  "*.example.com",
  "a..b",
  ".example.com",
  "example.com..",
  "../../etc/passwd",
  "a/b",
  "a\\b",
  "a\0b.example",
  "a\nb",
  "a b",
  "a:80",
  "example.com:443",
  "user@example.com",
  "a%2eexample",
  "ex\u0000",
  "a,DNS:evil.example",
  "1.2.3",
  "1.2.3.999",
  "256.1.1.1",
  "01.2.3.4",
  "0x7f.0.0.1",
  "127.1",
  "2130706433",
  "[1.2.3.4]",
  "[example.com]",
  "[::1",
  "::1]",
  "fe80::1%eth0",
  "1::2::3",
  ":::",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "12345::",
  "::1.2.3",
  "1.2.3.4::",
  "g::1",
  `${"a".repeat(64)}.example`,
  "x.".repeat(128),
  "a".repeat(100_000),
  "bücher.*.example",
  "bü cher.example",
  "\u00ad\u200b",
  "\ud800.example",
];

test("what is no name is refused in one line", t => {
  const cache = leafCache(newRoot(t, ann).root, () => NOW);
  for (const host of HOSTILE) {
    assert.throws(
      () => cache.get(host),
      (error: unknown) => {
        assert.ok(error instanceof CaError, `${JSON.stringify(host.slice(0, 50))}: ${error}`);
        assert.equal(error.code, "bad-name");
        assert.ok(!/[\0-\x1f]/.test(error.message) && error.message.length < 400, error.message);
        return true;
      },
      `${JSON.stringify(host.slice(0, 50))} was taken`,
    );
  }
});

for (const [asked, servername, host] of [
  ["example.com", "example.com", "example.com"],
  ["bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example"],
  [LONG, LONG, LONG],
  ["127.0.0.1", "", "127.0.0.1"],
  ["::1", "", "::1"],
] as const) {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`Node accepts the leaf for ${asked.slice(0, 20)} over ${maxVersion}`, async t => {
      const { root } = newRoot(t);
      const { certPem, keyPem } = leafCache(root).get(asked);
      const server = createServer({ cert: certPem, key: keyPem, maxVersion }, socket => socket.end("hello"));
      t.after(() => server.close());
      await once(server.listen(0, "127.0.0.1"), "listening");
      const { port } = server.address() as AddressInfo;
      const client = connect({
        port,
        host: "127.0.0.1",
        servername,
        ca: root.certPem,
        checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      });
      let text = "";
      client.on("data", data => (text += data));
      await once(client, "end");
      assert.equal(client.authorized, true);
      assert.equal(text, "hello");
    });
  }
}

test("curl accepts a leaf", { skip: skipWithout("curl") }, async t => {
  const { root } = newRoot(t);
  const { certPem, keyPem } = leafCache(root).get("localhost");
  const server = createServer({ cert: certPem, key: keyPem }, socket => {
    socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nhello"));
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const trusting = ["--cacert", root.files.certificate, "--noproxy", "*"];
  const ran = await promisify(execFile)("curl", [
    "-sS",
    ...trusting,
    "--resolve",
    `localhost:${port}:127.0.0.1`,
    `https://localhost:${port}/`,
  ]);
  assert.equal(ran.stdout, "hello");
});
