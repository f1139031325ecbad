// The user's own root or intermediate instead of ours.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openRoot, readAnchor } from "../../src/ca/root.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
import {
  annToday,
  leafCache,
  opensslIntermediate,
  opensslRoot,
  P256,
  P384,
  RSA,
  temporary,
  verifyStrictly,
} from "./scene.ts";

const skip = skipWithout("openssl");

function folders(t: TestContext): { folder: string; caDir: string } {
  const folder = temporary(t);
  const caDir = join(folder, "ca");
  mkdirSync(caDir);
  return { folder, caDir };
}

for (const kind of [RSA, P256, P384]) {
  test(`a root of one's own, ${kind.name}: leaves verify, AKI is its real SKI`, { skip }, t => {
    const { folder, caDir } = folders(t);
    const own = opensslRoot(folder, kind);
    copyFileSync(own.cert, join(caDir, "root.crt"));
    copyFileSync(own.key, join(caDir, "root.key"));
    const root = openRoot(caDir, annToday);
    assert.equal(root.created, false);
    const leaf = leafCache(root).get("example.com");
    assert.match(verifyStrictly(folder, own.cert, leaf.certPem, "example.com"), /: OK/);
    writeFileSync(join(folder, "leaf.pem"), leaf.certPem);
    const text = outputOf("openssl", "x509", "-in", join(folder, "leaf.pem"), "-noout", "-text");
    assert.match(text, /Authority Key Identifier: *\n\s+00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\n/);
    assert.match(text, kind === RSA ? /Algorithm: sha256WithRSAEncryption/ : /Algorithm: ecdsa-with-SHA(256|384)/);
    assert.match(text, /ASN1 OID: prime256v1/, "the leaf's key is EC whatever the root's is");
    assert.match(text, /Public Key Algorithm: id-ecPublicKey/);
  });
}

test("a root without SKI: the AKI is the hash that RFC 5280 proposes", { skip }, t => {
  const { folder, caDir } = folders(t);
  const extensions = [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign",
    "subjectKeyIdentifier=none",
  ];
  const own = opensslRoot(folder, P256, { extensions });
  copyFileSync(own.cert, join(caDir, "root.crt"));
  copyFileSync(own.key, join(caDir, "root.key"));
  const leaf = leafCache(openRoot(caDir, annToday)).get("example.com");
  const file = join(folder, "leaf.pem");
  writeFileSync(file, leaf.certPem);
  assert.match(outputOf("openssl", "verify", "-CAfile", own.cert, file), /: OK/);
  const hash = outputOf("openssl", "x509", "-in", own.cert, "-noout", "-ocspid");
  const keyHash = /Public key OCSP hash: ([\dA-F]{40})/.exec(hash)?.[1] ?? "none";
  const text = outputOf("openssl", "x509", "-in", file, "-noout", "-ext", "authorityKeyIdentifier");
  assert.equal(text.replace(/[^\dA-F]/g, "").slice(-40), keyHash);
});

for (const [rootKind, kind] of [
  [RSA, P256],
  [P256, RSA],
] as const) {
  test(`an issuing intermediate (${kind.name} below ${rootKind.name}) with its chain`, { skip }, t => {
    const { folder, caDir } = folders(t);
    const top = opensslRoot(folder, rootKind);
    const middle = opensslIntermediate(folder, rootKind, top, "Corp Policy");
    const issuing = opensslIntermediate(folder, kind, middle);
    const bundle = [issuing.cert, middle.cert, top.cert].map(file => readFileSync(file, "utf8"));
    copyFileSync(issuing.key, join(caDir, "root.key"));
    for (const order of [bundle, bundle.toReversed()]) {
      writeFileSync(join(caDir, "root.crt"), order.join("some text between\n"));
      const root = openRoot(caDir, annToday);
      assert.equal(root.subject, "CN=Corp Root, O=Corp", "what people trust is the root");
      assert.equal(root.chainPem, bundle[0]! + bundle[1]!);
      assert.equal(readAnchor(caDir)?.fingerprint256, root.fingerprint256, "found without the key too");
      assert.equal(readAnchor(caDir)?.chainPem, root.chainPem);
      const leaf = leafCache(root).get("example.com");
      assert.equal(leaf.certPem.match(/BEGIN CERTIFICATE/g)?.length, 3, "leaf, issuing, policy; never the root");
      assert.match(verifyStrictly(folder, top.cert, leaf.certPem, "example.com"), /: OK/);
      const middleEnd = Date.parse(new X509Certificate(bundle[1]!).validTo);
      assert.ok(root.notAfter.getTime() <= middleEnd, "nothing outlives the chain");
    }
  });
}

test("an intermediate whose root is elsewhere: sent with the leaf, verified by who has the root", { skip }, t => {
  const { folder, caDir } = folders(t);
  const top = opensslRoot(folder, P256);
  const issuing = opensslIntermediate(folder, P256, top);
  copyFileSync(issuing.cert, join(caDir, "root.crt"));
  copyFileSync(issuing.key, join(caDir, "root.key"));
  const root = openRoot(caDir, annToday);
  assert.equal(root.selfSigned, false);
  const leaf = leafCache(root).get("example.com");
  assert.match(verifyStrictly(folder, top.cert, leaf.certPem, "example.com"), /: OK/);
});

for (const [form, args] of [
  ["PKCS#8, encrypted", ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:secret"]],
  ["the older EC form, encrypted", ["ec", "-aes256", "-passout", "pass:secret"]],
  ["the older EC form", ["ec"]],
] as const) {
  test(`a key in ${form}`, { skip }, t => {
    const { folder, caDir } = folders(t);
    const own = opensslRoot(folder, P256);
    copyFileSync(own.cert, join(caDir, "root.crt"));
    outputOf("openssl", ...args, "-in", own.key, "-out", join(caDir, "root.key"));
    const root = openRoot(caDir, { ...annToday, passphrase: "secret" });
    assert.match(verifyStrictly(folder, own.cert, leafCache(root).get("a.test").certPem, "a.test"), /: OK/);
  });
}

test("an older EC key with its parameters before it, as `openssl ecparam -genkey` writes", { skip }, t => {
  const { folder, caDir } = folders(t);
  const own = opensslRoot(folder, P256);
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  writeFileSync(join(caDir, "root.key"), parameters + outputOf("openssl", "ec", "-in", own.key));
  copyFileSync(own.cert, join(caDir, "root.crt"));
  assert.equal(openRoot(caDir, annToday).subject, "CN=Corp Root, O=Corp");
});

test("certificate and key in one file, as other tools keep them", { skip }, t => {
  const { folder, caDir } = folders(t);
  const own = opensslRoot(folder, P256);
  const both = readFileSync(own.key, "utf8") + readFileSync(own.cert, "utf8");
  writeFileSync(join(caDir, "root.crt"), both);
  writeFileSync(join(caDir, "root.key"), both);
  assert.equal(openRoot(caDir, annToday).subject, "CN=Corp Root, O=Corp");
});
