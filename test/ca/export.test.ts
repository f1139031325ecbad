import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exportCertificate, exportWithKey } from "../../src/ca/export.ts";
import { openRoot } from "../../src/ca/root.ts";
import { outputOf, skipWithout, skipWithoutRare } from "../support/tool.ts";
import { annToday, newRoot, opensslIntermediate, opensslRoot, P256, RSA, temporary } from "./scene.ts";

const SECRET = "sésame 5";

test("pem and der are the certificate alone", t => {
  const { root } = newRoot(t);
  for (const format of ["pem", "der"] as const) {
    const bytes = exportCertificate(root, format);
    assert.equal(new X509Certificate(bytes).fingerprint256, root.fingerprint256);
    assert.ok(!bytes.includes("PRIVATE"));
  }
});

test("openssl reads a p12 of the certificate, with and without a passphrase", { skip: skipWithout("openssl") }, t => {
  const { caDir, root } = newRoot(t);
  const file = join(caDir, "root.p12");
  for (const passphrase of ["", "secret"]) {
    writeFileSync(file, exportCertificate(root, "p12", passphrase));
    const text = outputOf("openssl", "pkcs12", "-in", file, "-passin", `pass:${passphrase}`);
    assert.equal(new X509Certificate(text).fingerprint256, root.fingerprint256);
    assert.match(text, /friendlyName: waylay ann@laptop/);
    assert.ok(!text.includes("PRIVATE"));
  }
  assert.throws(() => outputOf("openssl", "pkcs12", "-in", file, "-passin", "pass:wrong"), /mac verify/i);
});

test("openssl reads a p12 with the key, which is encrypted", { skip: skipWithout("openssl") }, t => {
  const { caDir, root } = newRoot(t, { passphrase: SECRET });
  const file = join(caDir, "root.p12");
  writeFileSync(file, exportWithKey(root, "p12", "other", SECRET));
  const info = outputOf("openssl", "pkcs12", "-in", file, "-passin", "pass:other", "-info", "-nodes");
  const key = createPrivateKey(/-----BEGIN PRIVATE KEY[\s\S]*?END PRIVATE KEY-----/.exec(info)?.[0] ?? "");
  assert.ok(new X509Certificate(root.certPem).checkPrivateKey(key));
  assert.equal(info.match(/localKeyID/g)?.length, 2);
});

test("a passphrase beyond ASCII", { skip: skipWithout("openssl") }, t => {
  const { caDir, root } = newRoot(t);
  const file = join(caDir, "root.p12");
  writeFileSync(file, exportWithKey(root, "p12", SECRET));
  assert.match(outputOf("openssl", "pkcs12", "-in", file, "-passin", `pass:${SECRET}`, "-nodes"), /BEGIN PRIVATE KEY/);
});

test("pem with the key can be brought to another home", t => {
  const { root } = newRoot(t);
  const caDir = join(temporary(t), "ca");
  mkdirSync(caDir);
  const both = exportWithKey(root, "pem", SECRET);
  writeFileSync(join(caDir, "root.crt"), both);
  writeFileSync(join(caDir, "root.key"), both);
  const moved = openRoot(caDir, { ...annToday, passphrase: SECRET });
  assert.equal(moved.fingerprint256, root.fingerprint256);
});

test("p12 of an intermediate holds its whole path", { skip: skipWithout("openssl") }, t => {
  const folder = temporary(t);
  const caDir = join(folder, "ca");
  mkdirSync(caDir);
  const top = opensslRoot(folder, P256);
  const issuing = opensslIntermediate(folder, RSA, top);
  writeFileSync(join(caDir, "root.crt"), readFileSync(issuing.cert, "utf8") + readFileSync(top.cert, "utf8"));
  copyFileSync(issuing.key, join(caDir, "root.key"));
  const file = join(folder, "issuing.p12");
  writeFileSync(file, exportWithKey(openRoot(caDir, annToday), "p12", "secret"));
  const text = outputOf("openssl", "pkcs12", "-in", file, "-passin", "pass:secret", "-nodes");
  assert.equal(text.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.match(text, /subject=O = Corp, CN = Corp Issuing[\s\S]*subject=O = Corp, CN = Corp Root/);
});

test("Java's keytool lists the certificate as trusted, and the key as a key", {
  skip: skipWithoutRare("keytool"),
}, t => {
  const { caDir, root } = newRoot(t);
  const file = join(caDir, "root.p12");
  const list = () => outputOf("keytool", "-list", "-keystore", file, "-storepass", "secret1");
  writeFileSync(file, exportCertificate(root, "p12", "secret1"));
  assert.match(list(), /trustedCertEntry/);
  assert.ok(list().includes(root.fingerprint256));
  writeFileSync(file, exportWithKey(root, "p12", "secret1"));
  assert.match(list(), /PrivateKeyEntry/);
});

test("NSS imports the p12 with the key", { skip: skipWithout("certutil", "pk12util") }, t => {
  const { root } = newRoot(t);
  const database = temporary(t);
  const file = join(database, "root.p12");
  writeFileSync(file, exportWithKey(root, "p12", "secret1"));
  outputOf("certutil", "-N", "--empty-password", "-d", `sql:${database}`);
  assert.match(outputOf("pk12util", "-i", file, "-d", `sql:${database}`, "-W", "secret1"), /SUCCESSFUL/);
});
