// HOME/ca on disk: names, modes, and a creation that two processes may attempt at once.
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../config/folder.ts";
import { CaError, reasonOf } from "./error.ts";

export interface RootFiles {
  /** PEM: the root; or an issuing intermediate and what leads from it to its root. */
  readonly certificate: string;
  /** PEM, PKCS#8, mode 0600. */
  readonly key: string;
  /** The root alone, for systems that want DER. */
  readonly der: string;
}

export function rootFiles(caDir: string): RootFiles {
  return { certificate: join(caDir, "root.crt"), key: join(caDir, "root.key"), der: join(caDir, "root.der") };
}

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;
const PUBLIC_FILE = 0o644;

/** The text of a file, or null if there is none. Throws `CaError` "unreadable". */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(reasonOf(error))) return null;
    throw new CaError("unreadable", path, reasonOf(error));
  }
}

export interface RootContents {
  readonly certificate: string;
  readonly key: string;
  readonly der: Buffer;
}

/**
 * Writes the three files, or none: they are made in a folder beside and moved into place whole. Returns false if
 * another process was faster; what it made is there then. Throws `CaError` "unwritable".
 */
export function writeRoot(caDir: string, contents: RootContents): boolean {
  try {
    const home = dirname(caDir);
    makeFolder(home, PRIVATE_DIR);
    const made = mkdtempSync(join(home, ".ca-")); // mkdtemp makes it 0700
    try {
      const files = rootFiles(made);
      writeFileSync(files.key, contents.key, { mode: PRIVATE_FILE, flag: "wx" });
      writeFileSync(files.certificate, contents.certificate, { mode: PUBLIC_FILE, flag: "wx" });
      writeFileSync(files.der, contents.der, { mode: PUBLIC_FILE, flag: "wx" });
      return moveInto(made, caDir);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  } catch (error) {
    throw new CaError("unwritable", caDir, reasonOf(error));
  }
}

/** A folder can be renamed onto nothing or an empty folder; if other files live there, each of ours is put among them. */
function moveInto(made: string, caDir: string): boolean {
  try {
    renameSync(made, caDir);
    return true;
  } catch (error) {
    if (!existsSync(caDir)) throw error;
  }
  const from = rootFiles(made);
  const to = rootFiles(caDir);
  try {
    copyFileSync(from.key, to.key, constants.COPYFILE_EXCL); // the first one has won; a key is never replaced
  } catch (error) {
    if (reasonOf(error) === "EEXIST") return false;
    throw error;
  }
  renameSync(from.certificate, to.certificate);
  renameSync(from.der, to.der);
  return true;
}

/** Moves the files of a root into a folder of their own below caDir; returns it. Nothing is ever deleted. */
export function setAside(caDir: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
  const aside = join(caDir, `old-${stamp}`);
  try {
    mkdirSync(aside, { mode: PRIVATE_DIR });
    const from = rootFiles(caDir);
    const to = rootFiles(aside);
    for (const name of ["certificate", "key", "der"] as const) {
      if (existsSync(from[name])) renameSync(from[name], to[name]);
    }
  } catch (error) {
    throw new CaError("unwritable", caDir, reasonOf(error));
  }
  return aside;
}

/** A key that others may read is said, not changed: its owner may have meant it. Null where modes mean nothing. */
export function looseMode(path: string): string | null {
  if (process.platform === "win32") return null;
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return null;
  return `${path} can be read by others (mode ${mode.toString(8)}). Run: chmod 600 ${path}`;
}

/** Writes a file for people or programs: a key 0600 whatever was there before, anything else 0644. */
export function writeOut(path: string, contents: string | Buffer, secret: boolean): void {
  try {
    const mode = secret ? PRIVATE_FILE : PUBLIC_FILE;
    writeFileSync(path, contents, { mode });
    if (secret) chmodSync(path, mode); // the mode above counts only for a new file
  } catch (error) {
    throw new CaError("unwritable", path, reasonOf(error));
  }
}
