// Every store against a machine that takes notes: where it is found, and which commands go in and out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { carryOut, commandLine, planChange, surveyTrust, type TrustAction } from "../../../src/ca/trust/change.ts";
import type { Machine } from "../../../src/ca/trust/machine.ts";
import type { TrustedRoot } from "../../../src/ca/trust/trusted-root.ts";
import { recordedMachine, type Told } from "./recorded-machine.ts";

const ROOT: TrustedRoot = {
  file: "/home/ann/.waylay/ca/root.crt",
  label: "waylay-1a2b3c4d",
  base64: "MIIBAAAA",
  sha1: "00112233445566778899AABBCCDDEEFF00112233",
};
const BUNDLED = "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----\n";

async function planned(action: TrustAction, machine: Machine): Promise<string[]> {
  const changes = planChange(action, ROOT, await surveyTrust(ROOT, machine));
  return changes.flatMap(change => change.steps.map(step => commandLine(step, machine)));
}

interface Case {
  readonly name: string;
  readonly told: Told;
  /** The same machine once the root is trusted there. */
  readonly trusting: Told;
  readonly install: readonly string[];
  readonly uninstall: readonly string[];
}

const DEBIAN: Told = {
  platform: "linux",
  programs: ["update-ca-certificates"],
  files: { "/usr/local/share/ca-certificates/other.crt": "", "/etc/ssl/certs/ca-certificates.crt": "…" },
};
const FEDORA: Told = {
  platform: "linux",
  programs: ["update-ca-trust"],
  files: { "/etc/pki/ca-trust/source/anchors/other.crt": "" },
};
const ARCH: Told = {
  platform: "linux",
  programs: ["trust"],
  files: { "/etc/ca-certificates/trust-source/anchors/other.crt": "" },
};
const MACOS: Told = { platform: "darwin", answers: { "security verify-cert": { status: 1 } } };
const KEYCHAIN = "/home/ann/Library/Keychains/login.keychain-db";
const WINDOWS: Told = { platform: "win32", isRoot: true, answers: { [certutilExe("-store")]: { status: 1 } } };
const FIREFOX: Told = {
  platform: "linux",
  programs: ["certutil"],
  files: { "/home/ann/.mozilla/firefox/x1.default/cert9.db": "", "/home/ann/.mozilla/firefox/profiles.ini": "" },
};
const PROFILE = "sql:/home/ann/.mozilla/firefox/x1.default";
const LISTED = "\nCertificate Nickname      Trust Attributes\n\nother CA   CT,C,C\nwaylay-1a2b3c4d           C,,  \n";

function certutilExe(action: string): string {
  return `C:\\Windows\\System32\\certutil.exe -user ${action} Root`;
}

const CASES: readonly Case[] = [
  {
    name: "Debian",
    told: DEBIAN,
    trusting: { ...DEBIAN, files: { ...DEBIAN.files, "/etc/ssl/certs/ca-certificates.crt": BUNDLED } },
    install: [
      `sudo install -m 0644 ${ROOT.file} /usr/local/share/ca-certificates/waylay-1a2b3c4d.crt`,
      "sudo update-ca-certificates",
    ],
    uninstall: [
      "sudo rm -f /usr/local/share/ca-certificates/waylay-1a2b3c4d.crt",
      "sudo update-ca-certificates --fresh",
    ],
  },
  {
    name: "Fedora",
    told: FEDORA,
    trusting: { ...FEDORA, files: { ...FEDORA.files, "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": BUNDLED } },
    install: [
      `sudo install -m 0644 ${ROOT.file} /etc/pki/ca-trust/source/anchors/waylay-1a2b3c4d.crt`,
      "sudo update-ca-trust extract",
    ],
    uninstall: ["sudo rm -f /etc/pki/ca-trust/source/anchors/waylay-1a2b3c4d.crt", "sudo update-ca-trust extract"],
  },
  {
    name: "Arch",
    told: ARCH,
    trusting: { ...ARCH, files: { ...ARCH.files, "/etc/ca-certificates/extracted/tls-ca-bundle.pem": BUNDLED } },
    install: [`sudo trust anchor --store ${ROOT.file}`],
    uninstall: [`sudo trust anchor --remove ${ROOT.file}`],
  },
  {
    name: "macOS",
    told: MACOS,
    trusting: { ...MACOS, answers: {} },
    install: [`security add-trusted-cert -r trustRoot -p ssl -p basic -k ${KEYCHAIN} ${ROOT.file}`],
    uninstall: [`security delete-certificate -t -Z ${ROOT.sha1} ${KEYCHAIN}`],
  },
  {
    name: "Windows",
    told: WINDOWS,
    trusting: { ...WINDOWS, answers: {} },
    install: [`${certutilExe("-addstore")} ${ROOT.file}`],
    uninstall: [`${certutilExe("-delstore")} ${ROOT.sha1}`],
  },
  {
    name: "a Firefox profile",
    told: FIREFOX,
    trusting: { ...FIREFOX, answers: { "certutil -L": { stdout: LISTED } } },
    install: [`certutil -A -t C,, -n waylay-1a2b3c4d -i ${ROOT.file} -d ${PROFILE}`],
    uninstall: [`certutil -D -n waylay-1a2b3c4d -d ${PROFILE}`],
  },
];

for (const { name, told, trusting, install, uninstall } of CASES) {
  test(`${name}: what goes in, what goes out, and nothing twice`, async () => {
    assert.deepEqual(await planned("install", recordedMachine(told)), install);
    assert.deepEqual(await planned("uninstall", recordedMachine(told)), []);
    assert.deepEqual(await planned("install", recordedMachine(trusting)), []);
    assert.deepEqual(await planned("uninstall", recordedMachine(trusting)), uninstall);
  });

  test(`${name}: looking and planning run nothing that changes anything; carrying out runs just the plan`, async () => {
    for (const [action, machine, commands] of [
      ["install", recordedMachine(told), install],
      ["uninstall", recordedMachine(trusting), uninstall],
    ] as const) {
      const changes = planChange(action, ROOT, await surveyTrust(ROOT, machine));
      assert.deepEqual(machine.commands, []);
      for (const change of changes) await carryOut(change, ROOT, machine);
      assert.deepEqual(machine.commands, commands);
    }
  });
}

test("the administrator needs no sudo; where there is only doas, that", async () => {
  assert.deepEqual(
    (await planned("install", recordedMachine({ ...DEBIAN, isRoot: true })))[1],
    "update-ca-certificates",
  );
  const doas = recordedMachine({ ...DEBIAN, programs: ["update-ca-certificates", "doas"] });
  assert.equal((await planned("install", doas))[1], "doas update-ca-certificates");
});

test("a file that was copied but not taken up is installed again, and can be removed", async () => {
  const half = { ...DEBIAN, files: { ...DEBIAN.files, "/usr/local/share/ca-certificates/waylay-1a2b3c4d.crt": "" } };
  assert.equal((await planned("install", recordedMachine(half))).length, 2);
  assert.equal((await planned("uninstall", recordedMachine(half))).length, 2);
});

test("a nickname without trust for servers does not count as trusted", async () => {
  const told = { ...FIREFOX, answers: { "certutil -L": { stdout: "waylay-1a2b3c4d                 ,,  \n" } } };
  assert.equal((await planned("install", recordedMachine(told))).length, 1);
  assert.equal((await planned("uninstall", recordedMachine(told))).length, 1);
});

test("Firefox and Chromium wherever packagers put them", async () => {
  const databases = [
    ".pki/nssdb",
    "snap/chromium/current/.pki/nssdb",
    ".var/app/com.google.Chrome/.pki/nssdb",
    ".mozilla/firefox/a.default",
    "snap/firefox/common/.mozilla/firefox/b.default",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/c.default-release",
  ];
  const files = Object.fromEntries(databases.map(path => [`/home/ann/${path}/cert9.db`, ""]));
  const machine = recordedMachine({ platform: "linux", programs: ["certutil", "chromium"], files });
  const places = (await surveyTrust(ROOT, machine)).map(({ place }) => place.where.slice("/home/ann/".length));
  assert.deepEqual(places.sort(), databases.sort());
});

test("a Chromium that has never run gets the database that it would make", async () => {
  const machine = recordedMachine({ platform: "linux", programs: ["certutil", "google-chrome"] });
  assert.deepEqual(await planned("install", machine), [
    "mkdir -p -m 0700 /home/ann/.pki/nssdb",
    "certutil -N --empty-password -d sql:/home/ann/.pki/nssdb",
    `certutil -A -t C,, -n waylay-1a2b3c4d -i ${ROOT.file} -d sql:/home/ann/.pki/nssdb`,
  ]);
  assert.deepEqual(await planned("uninstall", machine), []);
});

test("without certutil a browser's place is named with what to install", async () => {
  const machine = recordedMachine({ ...FIREFOX, programs: [] });
  const [finding] = await surveyTrust(ROOT, machine);
  assert.match(finding?.place.blocked ?? "", /certutil is not installed\. Run: apt install libnss3-tools/);
  assert.deepEqual(await planned("install", machine), []);
});

test("a command that fails ends its place's steps, and its last words are kept", async () => {
  const answers = { "sudo install": { status: 1, stderr: "sudo: a terminal is required\ninstall: no\n" } };
  const machine = recordedMachine({ ...DEBIAN, answers });
  const [change] = planChange("install", ROOT, await surveyTrust(ROOT, machine));
  const outcome = await carryOut(change!, ROOT, machine);
  assert.equal(machine.commands.length, 1);
  assert.match(outcome.failure ?? "", /^sudo install -m 0644 .*: install: no$/);
  assert.equal(outcome.state, "absent");
});

test("words with spaces are quoted for the shell", () => {
  const machine = recordedMachine({ platform: "linux" });
  const line = commandLine({ says: "", argv: ["a", "it's here", "b/c"] }, machine);
  assert.equal(line, `a 'it'\\''s here' b/c`);
});

test("a machine without any store", async () => {
  assert.deepEqual(await surveyTrust(ROOT, recordedMachine({ platform: "freebsd" })), []);
  assert.deepEqual(await surveyTrust(ROOT, recordedMachine({ platform: "linux" })), []);
});
