// Everything that can be wrong with HOME/ca: one clear line that names the file and the next command.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CaError, type CaErrorCode } from "../../src/ca/error.ts";
import { openRoot } from "../../src/ca/root.ts";
import { skipWithout } from "../support/tool.ts";
import { ann, annToday, NOW, newRoot, opensslRoot, P256, temporary } from "./scene.ts";

function refused(caDir: string, code: CaErrorCode, named: string, options = ann): CaError {
  let caught: unknown;
  try {
    openRoot(caDir, options);
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof CaError, `expected ${code}, got ${caught}`);
  assert.equal(caught.code, code, caught.message);
  assert.ok(caught.message.includes(named), `${caught.message} does not name ${named}`);
  assert.ok(!caught.message.includes("\n"), "one line");
  assert.match(caught.message, /(waylay|chmod|passphrase-file|date)/, "says the next command");
  return caught;
}

test("a folder that cannot be written", t => {
  const folder = temporary(t);
  writeFileSync(join(folder, "file"), "");
  refused(join(folder, "file", "ca"), "unwritable", join(folder, "file", "ca"));
});

test("a home without the right to write", t => {
  const folder = temporary(t);
  chmodSync(folder, 0o555);
  // Root may write anywhere, so root is somebody else for a moment; nothing in between waits.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    refused(join(folder, "ca"), "unwritable", folder);
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o700);
  }
});

/** A user without rights of its own. */
const NOBODY = 65534;

test("a file that cannot be read", t => {
  const { caDir, root } = newRoot(t, ann);
  rmSync(root.files.certificate);
  mkdirSync(root.files.certificate);
  refused(caDir, "unreadable", root.files.certificate);
});

test("the key is missing", t => {
  const { caDir, root } = newRoot(t, ann);
  rmSync(root.files.key);
  refused(caDir, "missing-key", root.files.key);
});

test("the certificate is missing, and the key is not overwritten", t => {
  const { caDir, root } = newRoot(t, ann);
  const key = readFileSync(root.files.key);
  rmSync(root.files.certificate);
  refused(caDir, "missing-certificate", root.files.certificate);
  assert.deepEqual(readFileSync(root.files.key), key);
});

test("a key that belongs to another certificate", t => {
  const { caDir, root } = newRoot(t, ann);
  copyFileSync(newRoot(t, ann).root.files.key, root.files.key);
  refused(caDir, "key-mismatch", root.files.key);
});

test("an expired root", t => {
  const { caDir, root } = newRoot(t, ann);
  const later = { ...ann, now: () => NOW + 3651 * 86_400_000 };
  const error = refused(caDir, "expired", root.files.certificate, later);
  assert.match(error.message, /May 29 12:00:00 2036 GMT/);
});

test("a root that is not valid yet", t => {
  const { caDir, root } = newRoot(t, ann);
  refused(caDir, "not-yet-valid", root.files.certificate, { ...ann, now: () => NOW - 3 * 86_400_000 });
});

test("an encrypted key: none, wrong, and right passphrase", t => {
  const { caDir, root } = newRoot(t, { ...ann, passphrase: "öpen sesame" });
  assert.match(readFileSync(root.files.key, "utf8"), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  refused(caDir, "passphrase-needed", root.files.key);
  for (const passphrase of ["", "wrong", "x".repeat(1000)]) {
    refused(caDir, "wrong-passphrase", root.files.key, { ...ann, passphrase });
  }
  assert.equal(openRoot(caDir, { ...ann, passphrase: "öpen sesame" }).fingerprint256, root.fingerprint256);
});

test("a passphrase for a key that has none does no harm", t => {
  const { caDir, root } = newRoot(t, ann);
  assert.equal(openRoot(caDir, { ...ann, passphrase: "x" }).fingerprint256, root.fingerprint256);
});

for (const [what, text] of [
  ["empty", ""],
  ["no PEM", "hello"],
  ["PEM around garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
  ["PEM cut short", "-----BEGIN CERTIFICATE-----\nMIIB"],
] as const) {
  test(`a certificate file that is ${what}`, t => {
    const { caDir, root } = newRoot(t, ann);
    writeFileSync(root.files.certificate, text);
    refused(caDir, "bad-pem", root.files.certificate);
  });
  test(`a key file that is ${what}`, t => {
    const { caDir, root } = newRoot(t, ann);
    writeFileSync(root.files.key, text.replaceAll("CERTIFICATE", "PRIVATE KEY"));
    refused(caDir, "bad-pem", root.files.key);
  });
}

test("a certificate cut anywhere is bad PEM, never a crash", t => {
  const { caDir, root } = newRoot(t, ann);
  const base64 = root.certDer.toString("base64");
  for (let length = 0; length < base64.length - 4; length += 16) {
    const text = `-----BEGIN CERTIFICATE-----\n${base64.slice(0, length)}\n-----END CERTIFICATE-----\n`;
    writeFileSync(root.files.certificate, text);
    refused(caDir, "bad-pem", root.files.certificate);
  }
});

test("certificates that may not sign others", { skip: skipWithout("openssl") }, t => {
  const folder = temporary(t);
  for (const [i, extensions] of [
    ["basicConstraints=critical,CA:FALSE"],
    ["keyUsage=critical,digitalSignature"],
    ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
  ].entries()) {
    const caDir = join(folder, `ca${i}`);
    mkdirSync(caDir);
    const { cert, key } = opensslRoot(folder, P256, { name: `Leaf ${i}`, extensions });
    copyFileSync(cert, join(caDir, "root.crt"));
    copyFileSync(key, join(caDir, "root.key"));
    refused(caDir, "not-a-ca", join(caDir, "root.crt"), annToday);
  }
});

test("keys that browsers take from no authority", { skip: skipWithout("openssl") }, t => {
  const folder = temporary(t);
  for (const [i, generate] of [
    ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    ["-algorithm", "ED25519"],
    ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
  ].entries()) {
    const caDir = join(folder, `ca${i}`);
    mkdirSync(caDir);
    const { cert, key } = opensslRoot(folder, { name: "odd", generate }, { name: `Odd ${i}` });
    copyFileSync(cert, join(caDir, "root.crt"));
    copyFileSync(key, join(caDir, "root.key"));
    refused(caDir, "unsupported-key", join(caDir, "root.key"), annToday);
  }
});

test("a key that others can read is said and used", { skip: process.platform === "win32" }, t => {
  const { caDir, root } = newRoot(t, ann);
  chmodSync(root.files.key, 0o644);
  assert.match(openRoot(caDir, ann).warnings[0] ?? "", /root\.key can be read by others \(mode 644\)\. Run: chmod 600/);
  chmodSync(root.files.key, 0o600);
  assert.deepEqual(openRoot(caDir, ann).warnings, []);
});

test("a fresh key beside a certificate of another kind", t => {
  const { caDir, root } = newRoot(t, ann);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(root.files.key, privateKey.export({ type: "pkcs1", format: "pem" }));
  refused(caDir, "key-mismatch", root.files.key);
});
