import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openRoot } from "../../src/ca/root.ts";
import { checkRoot } from "../../src/cli/doctor/authority.ts";
import type { Check, Patient } from "../../src/cli/doctor/finding.ts";
import { checkDisk, checkHome } from "../../src/cli/doctor/home.ts";
import { checkNode } from "../../src/cli/doctor/machine.ts";
import { checkPrograms, findProgram } from "../../src/cli/doctor/programs.ts";
import { checkStore } from "../../src/cli/doctor/store.ts";

const folder = mkdtempSync(join(tmpdir(), "waylay-doctor-"));
after(() => rmSync(folder, { recursive: true }));

const patient = (changes: Partial<Patient> = {}): Patient => ({
  home: join(folder, "none"),
  env: { PATH: folder },
  platform: "linux",
  nodeVersion: "v20.19.0",
  now: Date.now,
  ...changes,
});
const states = async (check: Check, changes?: Partial<Patient>) =>
  (await check(patient(changes))).map(finding => `${finding.name}: ${finding.state}`);

describe("doctor", () => {
  it("Node's version", async () => {
    assert.deepEqual(await states(checkNode), ["node: good"]);
    assert.deepEqual(await states(checkNode, { nodeVersion: "v24.1.0" }), ["node: good"]);
    assert.deepEqual(await states(checkNode, { nodeVersion: "v20.18.9" }), ["node: bad"]);
  });

  it("a home that is not there yet will be made; one that is a file will not do", async () => {
    assert.deepEqual(await states(checkHome), ["home: good"]);
    const file = join(folder, "file");
    writeFileSync(file, "");
    assert.deepEqual(await states(checkHome, { home: file }), ["home: bad"]);
  });

  it("keys and sessions that others can read", async () => {
    const home = join(folder, "loose");
    mkdirSync(join(home, "sessions"), { recursive: true });
    const session = join(home, "sessions", "a.waylay");
    writeFileSync(session, "", { mode: 0o600 });
    assert.deepEqual(await states(checkHome, { home }), ["home: good", "modes: good"]);
    chmodSync(session, 0o644);
    const [, modes] = await checkHome(patient({ home }));
    assert.equal(modes!.state, "bad");
    assert.equal(modes!.mend, `chmod 600 ${session}`);
  });

  it("room on the disk", async () => assert.equal((await checkDisk(patient())).length, 1));

  it("the root: none yet, good, about to expire, broken", async () => {
    const home = join(folder, "rooted");
    assert.deepEqual(await states(checkRoot, { home }), ["root: note"]);
    openRoot(join(home, "ca"), { now: Date.now, user: "u", host: "h" });
    assert.deepEqual(await states(checkRoot, { home }), ["root: good"]);
    const years = (count: number) => () => Date.now() + count * 365.25 * 86_400_000;
    assert.deepEqual(await states(checkRoot, { home, now: years(9.95) }), ["root: note"]);
    assert.deepEqual(await states(checkRoot, { home, now: years(11) }), ["root: bad"]);
    writeFileSync(join(home, "ca", "root.crt"), "nonsense");
    const [broken] = await checkRoot(patient({ home }));
    assert.equal(broken!.state, "bad");
    assert.match(broken!.says, /waylay ca init/);
  });

  it("the store: SQLite loads, and the newest session opens", async () => {
    const home = join(folder, "stored");
    mkdirSync(join(home, "sessions"), { recursive: true });
    assert.deepEqual(await states(checkStore, { home }), ["store: good"]);
    const session = join(home, "sessions", "2026-01-01.waylay");
    writeFileSync(session, "no session at all, ".repeat(100));
    const [broken] = await checkStore(patient({ home }));
    assert.deepEqual([broken!.state, broken!.mend], ["bad", `mv ${session} ${session}.broken`]);
  });

  it("programs on PATH, and how to get those that are not", async () => {
    writeFileSync(join(folder, "curl"), "", { mode: 0o755 });
    writeFileSync(join(folder, "openssl"), "", { mode: 0o644 });
    assert.equal(findProgram("curl", { PATH: `:${folder}` }), join(folder, "curl"));
    assert.equal(findProgram("openssl", { PATH: folder }), undefined, "not executable");
    assert.equal(findProgram("curl", {}), undefined);
    const findings = await checkPrograms(patient());
    assert.equal(findings.find(finding => finding.name === "curl")!.state, "good");
    const missing = findings.find(finding => finding.name === "openssl")!;
    assert.deepEqual([missing.state, missing.mend], ["note", "sudo apt-get install openssl"]);
  });
});
