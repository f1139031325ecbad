import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openRoot, readAnchor } from "../../src/ca/root.ts";
import { outputOf, skipWithout } from "../support/tool.ts";
import { ann, NOW, newRoot, temporary } from "./scene.ts";

const DAY = 86_400_000;
const modeOf = (path: string) => statSync(path).mode & 0o777;

test("the first run makes a root for ten years, named after user, host and day", t => {
  const { root } = newRoot(t, ann);
  assert.equal(root.created, true);
  assert.match(root.subject, /^CN=waylay ann@laptop 2026-06-01 [\da-f]{6}, O=waylay$/);
  assert.notEqual(root.subject, newRoot(t, ann).root.subject, "two of one day have two names");
  assert.equal(root.notBefore.getTime(), NOW - 2 * DAY);
  assert.equal(root.notAfter.getTime(), NOW + 3650 * DAY);
  const x509 = new X509Certificate(root.certPem);
  assert.equal(x509.ca, true);
  assert.equal(x509.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  assert.equal(x509.fingerprint256, root.fingerprint256);
  assert.ok(x509.verify(x509.publicKey), "signed by itself");
  assert.equal(root.chainPem, "");
  assert.deepEqual(root.certDer, x509.raw);
  assert.deepEqual(readFileSync(root.files.der), x509.raw);
});

test("the second run loads the same root", t => {
  const { caDir, root } = newRoot(t, ann);
  const again = openRoot(caDir, ann);
  assert.equal(again.created, false);
  assert.equal(again.fingerprint256, root.fingerprint256);
  assert.equal(readAnchor(caDir)?.fingerprint256, root.fingerprint256);
});

test("a home that is made is 0700, the key 0600, and nothing else is left lying", t => {
  const { caDir, root } = newRoot(t, ann);
  assert.equal(modeOf(caDir), 0o700);
  assert.equal(modeOf(root.files.key), 0o600);
  assert.equal(modeOf(root.files.certificate), 0o644);
  assert.deepEqual(readdirSync(caDir).sort(), ["root.crt", "root.der", "root.key"]);
  assert.deepEqual(readdirSync(dirname(caDir)), ["ca"]);
});

test("a home is made with all its parents, and one that exists keeps its mode", t => {
  const folder = temporary(t);
  openRoot(join(folder, "deep", "home", "ca"), ann);
  assert.equal(modeOf(join(folder, "deep", "home")), 0o700);
  mkdirSync(join(folder, "open"), { mode: 0o755 });
  openRoot(join(folder, "open", "ca"), ann);
  assert.equal(modeOf(join(folder, "open")), 0o755);
});

test("a ca folder that holds other files gets its root beside them", t => {
  const caDir = join(temporary(t), "ca");
  mkdirSync(caDir);
  writeFileSync(join(caDir, "notes.txt"), "mine");
  const root = openRoot(caDir, ann);
  assert.equal(root.created, true);
  assert.deepEqual(readdirSync(caDir).sort(), ["notes.txt", "root.crt", "root.der", "root.key"]);
});

test("names that would not fit or print are cut and cleaned", t => {
  const { root } = newRoot(t, { ...ann, user: "ann\n/CN=evil", host: "h".repeat(300) });
  const name = /CN=(.*), O=waylay$/.exec(root.subject)?.[1] ?? "";
  assert.ok(name.length <= 64, name);
  assert.match(name, /^waylay ann_\/CN=evil@h+ 2026-06-01 [\da-f]{6}$/);
});

test("critical basicConstraints and keyUsage, SKI, and openssl -x509_strict", { skip: skipWithout("openssl") }, t => {
  const { root } = newRoot(t);
  const file = root.files.certificate;
  const text = outputOf("openssl", "x509", "-in", file, "-noout", "-text");
  assert.match(text, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
  assert.match(text, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  assert.match(text, /X509v3 Subject Key Identifier: *\n\s+(?:[\dA-F]{2}:){19}[\dA-F]{2}\n/);
  assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
  assert.match(outputOf("openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", file, file), /: OK/);
  const key = outputOf("openssl", "pkey", "-in", root.files.key, "-noout", "-text");
  assert.match(key, /ASN1 OID: prime256v1/);
});

test("two processes that start at once end with one root", async t => {
  const caDir = join(temporary(t), "ca");
  const module = new URL("../../src/ca/root.ts", import.meta.url).href;
  const script = `
    const { openRoot } = await import(${JSON.stringify(module)});
    process.stdout.write("ready\\n");
    process.stdin.once("data", () => {
      const root = openRoot(${JSON.stringify(caDir)}, { now: () => ${NOW}, user: "a", host: "b" });
      process.stdout.write(root.fingerprint256 + "\\n");
      process.exit(0);
    });`;
  const children = [1, 2, 3].map(() => {
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  });
  const outputs = children.map(() => "");
  for (const [i, child] of children.entries()) child.stdout.on("data", data => (outputs[i] += data));
  await Promise.all(children.map(child => once(child.stdout, "data")));
  for (const child of children) child.stdin.end("go");
  await Promise.all(children.map(child => once(child, "close")));
  const fingerprints = outputs.map(output => output.split("\n")[1]);
  assert.match(fingerprints[0] ?? "", /^[\dA-F:]{95}$/);
  assert.equal(new Set(fingerprints).size, 1);
  assert.equal(openRoot(caDir, ann).fingerprint256, fingerprints[0]);
});
