// What the `ca` commands have in common: where the root is, how its key is opened, how it is told.

import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { CaError } from "../ca/error.ts";
import { type Anchor, readAnchor } from "../ca/root.ts";
import { resolveConfig, resolveHome } from "../config/resolve.ts";
import type { Io } from "./io.ts";
import { configFlags } from "./options.ts";

/** HOME/ca. */
export function caDirOf(command: Command, io: Io): string {
  return join(resolveHome(configFlags(command), io), "ca");
}

/** From --passphrase-file, config.yaml or WAYLAY_CA_PASSPHRASE. */
export async function givenPassphrase(command: Command, io: Io): Promise<string | undefined> {
  return (await resolveConfig(configFlags(command), io)).caPassphrase;
}

/** The root without its key. @throws CaError "no-root". */
export function anchorIn(caDir: string): Anchor {
  const anchor = readAnchor(caDir);
  if (anchor === null) throw new CaError("no-root", join(caDir, "root.crt"));
  return anchor;
}

/** Opens with the passphrase given; if there is none and one is needed, asks for it on the terminal. */
export async function withPassphrase<T>(
  given: string | undefined,
  io: Io,
  open: (passphrase: string | undefined) => T,
): Promise<T> {
  try {
    return open(given);
  } catch (error) {
    if (!(error instanceof CaError) || error.code !== "passphrase-needed") throw error;
    const answer = await io.ask(`Passphrase of ${error.subject}: `, { secret: true });
    if (answer === undefined) throw error;
    return open(answer);
  }
}

/** A passphrase for something new, asked twice; undefined when there is nobody to ask or the two differ. */
export async function newPassphrase(what: string, io: Io): Promise<string | undefined> {
  const first = await io.ask(`New passphrase for ${what}: `, { secret: true });
  if (!first) return undefined;
  return (await io.ask("Once more: ", { secret: true })) === first ? first : undefined;
}

/** Who a new root is named after. */
export function owner(): { user: string; host: string } {
  try {
    return { user: userInfo().username, host: hostname() };
  } catch {
    return { user: "waylay", host: hostname() }; // a container's user id without a name
  }
}

/** The root as `--json` tells it. */
export function anchorFacts(anchor: Anchor): Readonly<Record<string, unknown>> {
  const { files } = anchor;
  return {
    subject: anchor.subject,
    fingerprint256: anchor.fingerprint256,
    notBefore: anchor.notBefore.toISOString(),
    notAfter: anchor.notAfter.toISOString(),
    certificate: files.certificate,
    key: files.key,
    der: files.der,
  };
}

/** Names and values in two columns. */
export function facts(rows: readonly (readonly [name: string, value: string])[], io: Io): string {
  const column = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${io.paint.bold(name.padEnd(column))}  ${value}\n`).join("");
}

export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** `2026-11-22`. */
export function dayText(date: Date): string {
  return date.toISOString().slice(0, 10);
}
