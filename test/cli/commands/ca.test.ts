// `waylay ca …` as it is typed, with homes of its own. The machine's own stores are looked at, never changed.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { newRoot, opensslIntermediate, opensslRoot, P256, RSA, temporary } from "../../ca/scene.ts";
import { notedIo } from "../../support/io.ts";
import { outputOf, skipWithout } from "../../support/tool.ts";

interface Typed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface User {
  readonly home: string;
  readonly caDir: string;
  /** Runs `waylay ca …`; answers are given to its questions in order, and with none there is nobody to ask. */
  ca(args: readonly string[], answers?: readonly string[]): Promise<Typed>;
}

function user(t: TestContext, env: Readonly<Record<string, string>> = {}): User {
  const home = temporary(t);
  return {
    home,
    caDir: join(home, ".waylay", "ca"),
    async ca(args, answers = []) {
      const io = notedIo({ env: { PATH: process.env.PATH ?? "", HOME: home, ...env }, cwd: home });
      const left = [...answers];
      io.ask = async () => left.shift();
      await run(["node", "waylay", "ca", ...args], io);
      return { status: io.exitCode, stdout: io.stdout, stderr: io.stderr };
    },
  };
}

test("init makes a root once, and says where and what next", async t => {
  const { ca, caDir } = user(t);
  const first = await ca(["init"]);
  assert.equal(first.status, 0);
  assert.match(
    first.stdout,
    /^Subject {6}CN=waylay .*\nSHA-256 {6}(?:[\dA-F]{2}:){31}[\dA-F]{2}\nCertificate {2}.*root\.crt\n$/,
  );
  assert.match(first.stderr, /waylay ca install/);
  const certificate = readFileSync(join(caDir, "root.crt"));
  const again = await ca(["init"]);
  assert.equal(again.status, 0);
  assert.equal(again.stdout, first.stdout);
  assert.match(again.stderr, /nothing was changed/);
  assert.deepEqual(readFileSync(join(caDir, "root.crt")), certificate);
});

test("init --force puts the old root aside whole and says how to distrust it", async t => {
  const { ca, caDir } = user(t);
  const old = JSON.parse((await ca(["init", "--json"])).stdout);
  const renewed = await ca(["init", "--force", "--json"]);
  assert.equal(renewed.status, 0);
  assert.notEqual(JSON.parse(renewed.stdout).fingerprint256, old.fingerprint256);
  const aside = join(caDir, readdirSync(caDir).find(name => name.startsWith("old-")) ?? "none");
  assert.deepEqual(readdirSync(aside).sort(), ["root.crt", "root.der", "root.key"]);
  assert.equal(new X509Certificate(readFileSync(join(aside, "root.crt"))).fingerprint256, old.fingerprint256);
  assert.ok(renewed.stderr.includes(`waylay ca uninstall --cert ${aside}/root.crt`));
  assert.deepEqual(readdirSync(caDir).sort().slice(1), ["root.crt", "root.der", "root.key"]);
  assert.equal(statSync(join(caDir, "root.key")).mode & 0o777, 0o600);
});

test("a passphrase: from the environment, a file, or the terminal; never from an argument", async t => {
  const secret = user(t, { WAYLAY_CA_PASSPHRASE: "one" });
  await secret.ca(["init"]);
  assert.match(readFileSync(join(secret.caDir, "root.key"), "utf8"), /ENCRYPTED/);
  const plain = { ...user(t), home: secret.home };
  const home = ["--home", join(secret.home, ".waylay")];
  const nobody = await plain.ca(["issue", "server", "a.test", ...home]);
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /root\.key is encrypted and no passphrase was given\. Set WAYLAY_CA_PASSPHRASE/);
  assert.equal((await plain.ca(["issue", "server", "a.test", ...home], ["one"])).status, 0);
  const file = join(secret.home, "passphrase");
  writeFileSync(file, "wrong\n");
  const wrong = await plain.ca(["issue", "server", "b.test", "--passphrase-file", file, ...home]);
  assert.match(wrong.stderr, /the passphrase does not open it/);
  writeFileSync(file, "one\n");
  assert.equal((await plain.ca(["issue", "server", "b.test", "--passphrase-file", file, ...home])).status, 0);
  assert.equal((await plain.ca(["init", "--passphrase", "x"])).status, 2);
});

test("init --encrypt asks twice", async t => {
  const { ca, caDir } = user(t);
  assert.equal((await ca(["init", "--encrypt"])).status, 2);
  assert.equal((await ca(["init", "--encrypt"], ["a", "b"])).status, 2);
  assert.ok(!existsSync(caDir));
  assert.equal((await ca(["init", "--encrypt"], ["a", "a"])).status, 0);
  assert.match(readFileSync(join(caDir, "root.key"), "utf8"), /ENCRYPTED/);
});

test("init --cert --key brings an intermediate home with its chain", { skip: skipWithout("openssl") }, async t => {
  const { ca, caDir, home } = user(t, { WAYLAY_CA_PASSPHRASE: "secret" });
  const top = opensslRoot(home, RSA);
  const issuing = opensslIntermediate(home, P256, top);
  const bundle = join(home, "bundle.pem");
  writeFileSync(bundle, readFileSync(top.cert, "utf8") + readFileSync(issuing.cert, "utf8"));
  const wrongKey = await ca(["init", "--cert", issuing.cert, "--key", opensslRoot(home, P256, { name: "X" }).key]);
  assert.equal(wrongKey.status, 1);
  assert.match(wrongKey.stderr, /X\.key does not match the certificate/);
  assert.equal((await ca(["init", "--cert", bundle])).status, 2);
  const brought = await ca(["init", "--cert", bundle, "--key", issuing.key, "--json"]);
  assert.equal(brought.status, 0, brought.stderr);
  assert.equal(JSON.parse(brought.stdout).subject, "CN=Corp Root, O=Corp");
  assert.match(readFileSync(join(caDir, "root.key"), "utf8"), /ENCRYPTED/);
  assert.equal((await ca(["init", "--cert", bundle, "--key", issuing.key])).status, 1, "not over one that is there");
  assert.equal((await ca(["issue", "server", "a.test"])).status, 0);
  const issued = join(home, "a.test.crt");
  assert.match(
    outputOf("openssl", "verify", "-x509_strict", "-CAfile", top.cert, "-untrusted", issued, issued),
    /: OK/,
  );
});

test("show tells all that install and people ask for; nothing is changed by it", async t => {
  const { ca, caDir } = user(t);
  const none = await ca(["show"]);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /root\.crt is not there yet\. Make it: waylay ca init\n$/);
  assert.ok(!existsSync(caDir));
  await ca(["init"]);
  const shown = JSON.parse((await ca(["show", "--json"])).stdout);
  const x509 = new X509Certificate(readFileSync(join(caDir, "root.crt")));
  assert.equal(shown.fingerprint256, x509.fingerprint256);
  assert.equal(Date.parse(shown.notAfter), Date.parse(x509.validTo));
  assert.equal(shown.keyEncrypted, false);
  assert.deepEqual(shown.problems, []);
  for (const place of shown.trust) assert.ok(["absent", "unknown"].includes(place.state), JSON.stringify(place));
  const human = await ca(["show"]);
  for (const word of [shown.subject, shown.fingerprint256, "days left", shown.key])
    assert.ok(human.stdout.includes(word));
  if (process.platform !== "win32") {
    chmodSync(join(caDir, "root.key"), 0o644);
    assert.match((await ca(["show"])).stderr, /can be read by others/);
  }
});

test("install and uninstall: shown, asked, done, undone", { skip: skipWithout("certutil") }, async t => {
  const { ca, home } = user(t);
  const profile = join(home, ".mozilla/firefox/x.default");
  mkdirSync(profile, { recursive: true });
  outputOf("certutil", "-N", "--empty-password", "-d", `sql:${profile}`);
  const list = () => outputOf("certutil", "-L", "-d", `sql:${profile}`);
  const empty = list();
  await ca(["init"]);
  const nss = ["--store", "nss"];

  const planned = await ca(["install", ...nss, "--dry-run"]);
  assert.equal(planned.status, 0);
  assert.match(planned.stdout, /\$ certutil -A -t C,, -n waylay-[\da-f]{8} -i .*root\.crt -d sql:/);
  const nobody = await ca(["install", ...nss]);
  assert.equal(nobody.status, 2);
  assert.match(nobody.stderr, /\$ certutil -A[\s\S]*nothing was done: there is nobody to ask; --yes says yes/);
  assert.equal((await ca(["install", ...nss], ["n"])).status, 1);
  assert.equal(list(), empty, "nothing so far");

  const done = await ca(["install", ...nss, "--json"], ["y"]);
  assert.equal(done.status, 0, done.stderr);
  for (const place of JSON.parse(done.stdout).places) assert.equal(place.state, "trusted");
  assert.match(list(), /waylay-[\da-f]{8} +C,,/);
  assert.match((await ca(["install", ...nss])).stdout, /Nothing to do/);
  const undone = await ca(["uninstall", ...nss, "--yes"]);
  assert.equal(undone.status, 0, undone.stderr);
  assert.equal(list(), empty);
});

test("uninstall --cert takes out a root that was put aside", { skip: skipWithout("certutil") }, async t => {
  const { ca, caDir, home } = user(t);
  const database = join(home, ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  outputOf("certutil", "-N", "--empty-password", "-d", `sql:${database}`);
  await ca(["init"]);
  await ca(["install", "--store", "nss", "--yes"]);
  await ca(["init", "--force"]);
  const aside = join(caDir, readdirSync(caDir).find(name => name.startsWith("old-")) ?? "none", "root.crt");
  assert.match(outputOf("certutil", "-L", "-d", `sql:${database}`), /waylay-/);
  assert.equal((await ca(["uninstall", "--store", "nss", "--yes", "--cert", aside])).status, 0);
  assert.doesNotMatch(outputOf("certutil", "-L", "-d", `sql:${database}`), /waylay-/);
});

test("export: the certificate to standard output, a key only encrypted and 0600", async t => {
  const { ca, home, caDir } = user(t);
  await ca(["init"]);
  const pem = await ca(["export"]);
  assert.equal(pem.stdout, readFileSync(join(caDir, "root.crt"), "latin1"));
  assert.equal((await ca(["export", "--format", "der"])).stdout, readFileSync(join(caDir, "root.der"), "latin1"));
  assert.equal((await ca(["export", "--format", "jks"])).status, 2);
  assert.equal((await ca(["export", "--with-key"])).status, 2);
  assert.equal((await ca(["export", "--with-key", "--format", "der"], ["p", "p"])).status, 2);
  const file = join(home, "with.key");
  assert.equal((await ca(["export", "--with-key", "-o", file], ["p", "p"])).status, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, "utf8"), /BEGIN ENCRYPTED PRIVATE KEY/);
});

test("issue writes two files, under harmless names, and overwrites none", async t => {
  const { ca, home } = user(t);
  await ca(["init"]);
  const issued = await ca(["issue", "server", "dev.example", "::1", "--json", "-o", "certs"]);
  assert.equal(issued.status, 0, issued.stderr);
  const { certificate, key, names } = JSON.parse(issued.stdout);
  assert.deepEqual(names, ["dev.example", "::1"]);
  assert.equal(certificate, join(home, "certs/dev.example.crt"));
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.equal((await ca(["issue", "server", "dev.example", "-o", "certs"])).status, 1);
  assert.equal((await ca(["issue", "server", "dev.example", "-o", "certs", "--force"])).status, 0);
  assert.equal((await ca(["issue", "client", "../../ann"])).status, 0);
  assert.ok(existsSync(join(home, "ann.key")));
  for (const wrong of [["server"], ["server", "*.x"], ["client", "a", "b"], ["other", "a"]]) {
    assert.equal((await ca(["issue", ...wrong])).status, 2, wrong.join(" "));
  }
});

test("a home that cannot be written, and one whose root cannot sign: one line each", async t => {
  const { ca, home } = user(t);
  writeFileSync(join(home, "file"), "");
  const unwritable = await ca(["init", "--home", join(home, "file")]);
  assert.equal(unwritable.status, 1);
  assert.match(unwritable.stderr, /^waylay: .*file\/ca cannot be written .*waylay --home DIR\n$/);
  const { caDir, root } = newRoot(t, { now: () => Date.now() - 4000 * 86_400_000 });
  const expired = join(caDir, "..");
  assert.match(
    (await ca(["issue", "server", "a.test", "--home", expired])).stderr,
    /root\.crt has expired .*ca init --force/,
  );
  const shown = await ca(["show", "--home", expired]);
  assert.equal(shown.status, 0);
  assert.ok(shown.stdout.includes(root.fingerprint256) && shown.stdout.includes("(expired)"));
});

test("without a subcommand the choices are told; a misspelt one gets a guess", async t => {
  const { ca } = user(t);
  const alone = await ca([]);
  assert.equal(alone.status, 2);
  assert.match(alone.stderr, /wants one of: init, show, export, install, uninstall, issue/);
  assert.match((await ca(["instal"])).stderr, /did you mean install\?/);
});
