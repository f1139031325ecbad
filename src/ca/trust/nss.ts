// NSS databases: Chromium and its kin on Linux, and every Firefox profile, wherever a packager put it.
import { join } from "node:path";
import type { Machine } from "./machine.ts";
import type { Place, Step, TrustState, TrustStore } from "./store.ts";

/** Databases that Chromium, Chrome, Brave and Edge read; the first is the one they make when there is none. */
const CHROMIUM_DATABASES = [
  ".pki/nssdb",
  ".local/share/pki/nssdb",
  "snap/chromium/current/.pki/nssdb",
  "snap/brave/current/.pki/nssdb",
  ".var/app/org.chromium.Chromium/.pki/nssdb",
  ".var/app/com.google.Chrome/.pki/nssdb",
  ".var/app/com.brave.Browser/.pki/nssdb",
  ".var/app/com.microsoft.Edge/.pki/nssdb",
];
const CHROMIUMS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "brave-browser",
  "microsoft-edge",
];

/** Folders of Firefox profiles, each with a cert9.db of its own. */
const FIREFOX_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  linux: [
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".librewolf",
    ".var/app/io.gitlab.librewolf-community/.librewolf",
  ],
  darwin: ["Library/Application Support/Firefox/Profiles"],
};

const DATABASE = "cert9.db";
/** Trusted to issue certificates of TLS servers; not of clients, mail or code. */
const TRUST = "C,,";
const NO_CERTUTIL =
  "certutil is not installed. Run: apt install libnss3-tools (Fedora: dnf install nss-tools; Arch: pacman -S nss; macOS: brew install nss)";

/** Not on Windows: Firefox reads the system's store there, and no certutil of NSS's comes with anything. */
export const nss: TrustStore = {
  id: "nss",
  detect(machine) {
    if (machine.platform !== "linux" && machine.platform !== "darwin") return [];
    return [...chromiumPlaces(machine), ...firefoxPlaces(machine)];
  },
};

function chromiumPlaces(machine: Machine): Place[] {
  if (machine.platform !== "linux") return []; // elsewhere Chromium reads the system's store
  const title = "Chromium, Chrome (NSS)";
  const found = CHROMIUM_DATABASES.map(path => join(machine.home, path)).filter(folder => hasDatabase(machine, folder));
  const own = join(machine.home, CHROMIUM_DATABASES[0]!);
  const willBeMade = !found.includes(own) && CHROMIUMS.some(program => machine.has(program));
  return [
    ...found.map(folder => nssPlace(machine, title, folder)),
    ...(willBeMade ? [nssPlace(machine, title, own)] : []),
  ];
}

function firefoxPlaces(machine: Machine): Place[] {
  return (FIREFOX_FOLDERS[machine.platform] ?? [])
    .map(path => join(machine.home, path))
    .flatMap(folder => machine.list(folder).map(profile => join(folder, profile)))
    .filter(profile => hasDatabase(machine, profile))
    .map(profile => nssPlace(machine, "Firefox profile (NSS)", profile));
}

const hasDatabase = (machine: Machine, folder: string): boolean => machine.exists(join(folder, DATABASE));

function nssPlace(machine: Machine, title: string, folder: string): Place {
  const database = `sql:${folder}`;
  const certutil = (says: string, ...args: string[]): Step => ({ says, argv: ["certutil", ...args, "-d", database] });
  return {
    store: "nss",
    title,
    where: folder,
    blocked: machine.has("certutil") ? undefined : NO_CERTUTIL,
    async state(root) {
      if (!hasDatabase(machine, folder)) return "absent";
      return stateIn((await machine.run(["certutil", "-L", "-d", database])).stdout, root.label);
    },
    install: root => [
      ...(hasDatabase(machine, folder)
        ? []
        : [
            { says: `make the folder ${folder}`, argv: ["mkdir", "-p", "-m", "0700", folder] as const },
            certutil("make an empty database in it, as the browser would", "-N", "--empty-password"),
          ]),
      certutil(
        `add the root as ${root.label}, trusted for TLS servers`,
        "-A",
        "-t",
        TRUST,
        "-n",
        root.label,
        "-i",
        root.file,
      ),
    ],
    uninstall: root => [certutil(`delete ${root.label}`, "-D", "-n", root.label)],
  };
}

/** `certutil -L` lists a name and its trust flags a line. */
function stateIn(listing: string, label: string): TrustState {
  const line = listing.split("\n").find(one => one.startsWith(`${label} `));
  if (line === undefined) return "absent";
  return /\sC[^,]*,[^,]*,[^,]*\s*$/.test(line) ? "trusted" : "present";
}
