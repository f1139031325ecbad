// Stores for real where that harms nobody: NSS databases in a temporary home, Debian's program on temporary folders.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { exportWithKey } from "../../../src/ca/export.ts";
import { readAnchor } from "../../../src/ca/root.ts";
import { type AnchorFolder, anchorFolderStore } from "../../../src/ca/trust/anchor-folder.ts";
import { carryOut, planChange, surveyTrust, type TrustAction } from "../../../src/ca/trust/change.ts";
import { DEBIAN } from "../../../src/ca/trust/debian.ts";
import { type Machine, thisMachine } from "../../../src/ca/trust/machine.ts";
import { nss } from "../../../src/ca/trust/nss.ts";
import type { TrustStore } from "../../../src/ca/trust/store.ts";
import { type TrustedRoot, trustedRoot } from "../../../src/ca/trust/trusted-root.ts";
import { outputOf, skipWithout } from "../../support/tool.ts";
import { newRoot, temporary } from "../scene.ts";

async function change(action: TrustAction, root: TrustedRoot, machine: Machine, store: TrustStore): Promise<string[]> {
  const changes = planChange(action, root, await surveyTrust(root, machine, [store]));
  const outcomes = [];
  for (const one of changes.filter(({ steps }) => steps.length > 0)) outcomes.push(await carryOut(one, root, machine));
  return outcomes.map(({ state, failure }) => failure ?? state);
}

function newTrustedRoot(t: TestContext): TrustedRoot {
  const { root, caDir } = newRoot(t);
  return trustedRoot(root, caDir);
}

test("NSS: Firefox profiles and a Chromium without a database", { skip: skipWithout("certutil") }, async t => {
  const root = newTrustedRoot(t);
  const home = temporary(t);
  const profile = join(home, ".mozilla/firefox/ab cd.default");
  mkdirSync(profile, { recursive: true });
  outputOf("certutil", "-N", "--empty-password", "-d", `sql:${profile}`);
  const real = thisMachine({ PATH: process.env.PATH, HOME: home });
  const machine: Machine = { ...real, has: program => program === "chromium" || real.has(program) };

  assert.deepEqual(await change("install", root, machine, nss), ["trusted", "trusted"]);
  for (const folder of [profile, join(home, ".pki/nssdb")]) {
    const list = outputOf("certutil", "-L", "-d", `sql:${folder}`);
    assert.match(list, new RegExp(`${root.label} +C,,`));
    assert.match(
      outputOf("certutil", "-V", "-u", "L", "-n", root.label, "-d", `sql:${folder}`),
      /certificate is valid/,
    );
  }
  assert.deepEqual(await change("install", root, machine, nss), [], "nothing left to do");
  const other = newTrustedRoot(t);
  assert.deepEqual(await change("install", other, machine, nss), ["trusted", "trusted"], "a second root beside it");
  assert.deepEqual(await change("uninstall", root, machine, nss), ["absent", "absent"]);
  assert.ok(!outputOf("certutil", "-L", "-d", `sql:${profile}`).includes(root.label));
  assert.ok(outputOf("certutil", "-L", "-d", `sql:${profile}`).includes(other.label));
});

test("Debian: taken into the bundle, and out again without a trace", {
  skip: skipWithout("update-ca-certificates"),
}, async t => {
  const root = newTrustedRoot(t);
  const folder = temporary(t);
  const at = (name: string) => join(folder, name);
  for (const name of ["local", "shipped", "etc", "hooks"]) mkdirSync(at(name));
  writeFileSync(at("conf"), "other.crt\n");
  const other = newTrustedRoot(t); // stands for all that the system trusts anyway
  copyFileSync(other.file, at("shipped/other.crt"));
  const before = ["ca-certificates.crt", "other.pem"];
  const elsewhere = [
    ...["--localcertsdir", at("local"), "--certsdir", at("shipped"), "--etccertsdir", at("etc")],
    ...["--hooksdir", at("hooks"), "--certsconf", at("conf")],
  ];
  const spec: AnchorFolder = {
    ...DEBIAN,
    folder: at("local"),
    bundle: at("etc/ca-certificates.crt"),
    refresh: [DEBIAN.refresh[0], ...DEBIAN.refresh.slice(1), ...elsewhere],
    refreshAfterRemoval: [DEBIAN.refreshAfterRemoval[0], ...DEBIAN.refreshAfterRemoval.slice(1), ...elsewhere],
  };
  const machine: Machine = { ...thisMachine(), isRoot: true };
  const store = anchorFolderStore(spec);
  assert.deepEqual(await change("install", root, machine, store), ["trusted"]);
  assert.match(outputOf("openssl", "verify", "-CApath", at("etc"), root.file), /: OK/);
  assert.deepEqual(await change("install", root, machine, store), []);
  assert.deepEqual(await change("uninstall", root, machine, store), ["absent"]);
  assert.deepEqual(readdirSync(at("local")), []);
  const left = readdirSync(at("etc")).filter(name => !/^[\da-f]{8}\.0$/.test(name));
  assert.deepEqual(left, before);
  assert.equal(readdirSync(at("etc")).length, 3, "one link by hash, the other root's");
  assert.equal(readFileSync(at("etc/ca-certificates.crt"), "utf8"), readFileSync(other.file, "utf8"));
});

test("a root file with more in it never goes to a store: the root alone does", t => {
  const { root, caDir } = newRoot(t);
  writeFileSync(root.files.certificate, exportWithKey(root, "pem", "secret"));
  const anchor = readAnchor(caDir);
  assert.ok(anchor);
  const { file } = trustedRoot(anchor, caDir);
  assert.equal(file, join(caDir, "anchor.crt"));
  assert.equal(readFileSync(file, "utf8"), root.certPem);
});
