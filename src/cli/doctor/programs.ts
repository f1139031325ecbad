// Programs that waylay works with: found, not run.

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Finding, good, note, type Patient } from "./finding.ts";

interface Program {
  readonly name: string;
  /** Names on PATH, then where systems keep it otherwise. */
  readonly files: readonly string[];
  readonly use: string;
  /** Debian's package; other systems call it alike. */
  readonly package: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "Chromium or Chrome",
    files: [
      "chromium",
      "chromium-browser",
      "google-chrome",
      "google-chrome-stable",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    ],
    use: "browse through the proxy",
    package: "chromium",
  },
  {
    name: "Firefox",
    files: ["firefox", "firefox-esr", "/Applications/Firefox.app/Contents/MacOS/firefox"],
    use: "browse through the proxy",
    package: "firefox-esr",
  },
  { name: "curl", files: ["curl", "curl.exe"], use: "try a request", package: "curl" },
  { name: "openssl", files: ["openssl", "openssl.exe"], use: "look at certificates", package: "openssl" },
  { name: "certutil", files: ["certutil"], use: "trust the root in Chromium and Firefox", package: "libnss3-tools" },
  {
    name: "dumpcap or tcpdump",
    files: ["dumpcap", "tcpdump", "/Applications/Wireshark.app/Contents/MacOS/dumpcap"],
    use: "capture packets",
    package: "wireshark-common",
  },
  { name: "tshark", files: ["tshark"], use: "read captures", package: "tshark" },
];

export function checkPrograms(patient: Patient): Finding[] {
  return PROGRAMS.map(program => {
    const found = program.files.map(file => findProgram(file, patient.env)).find(path => path !== undefined);
    if (found) return good(program.name, found);
    return note(program.name, `not found; wanted to ${program.use}`, installCommand(program.package, patient.platform));
  });
}

/** The first executable file of that name on PATH, or the path itself if it is one. */
export function findProgram(name: string, env: Patient["env"]): string | undefined {
  if (/[\\/]/.test(name)) return isExecutable(name) ? name : undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter(folder => folder !== "");
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function installCommand(name: string, platform: NodeJS.Platform): string {
  if (platform === "darwin") return `brew install ${name}`;
  if (platform === "win32") return `winget install ${name}`;
  return `sudo apt-get install ${name}`;
}
