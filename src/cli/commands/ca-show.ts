// `waylay ca show`: the root, whether it is fit to sign, and who on this machine trusts it. Changes nothing.

import type { Command } from "commander";
import { CaError } from "../../ca/error.ts";
import { readIfThere } from "../../ca/files.ts";
import { type Anchor, loadRoot } from "../../ca/root.ts";
import { type Finding, surveyTrust } from "../../ca/trust/change.ts";
import { thisMachine } from "../../ca/trust/machine.ts";
import { trustedRoot } from "../../ca/trust/trusted-root.ts";
import { anchorFacts, anchorIn, caDirOf, dayText, facts, givenPassphrase, json } from "../authority.ts";
import type { Io } from "../io.ts";

const DAY_MS = 86_400_000;

export async function show(command: Command, io: Io): Promise<void> {
  const caDir = caDirOf(command, io);
  const anchor = anchorIn(caDir);
  const problems = problemsOf(caDir, await givenPassphrase(command, io));
  const encrypted = (readIfThere(anchor.files.key) ?? "").includes("ENCRYPTED");
  const findings = anchor.selfSigned ? await surveyTrust(trustedRoot(anchor, caDir), thisMachine(io.env)) : [];
  if (command.opts<{ json?: boolean }>().json) {
    const trust = findings.map(({ place: { store, title, where, blocked }, state }) => ({
      store,
      title,
      where,
      state: blocked === undefined ? state : "unknown",
      blocked,
    }));
    io.out(json({ ...anchorFacts(anchor), keyEncrypted: encrypted, problems, trust }));
    return;
  }
  io.out(facts(rootRows(anchor, encrypted, io), io));
  io.out(trustLines(findings, io));
  for (const problem of problems) io.err(`${io.errPaint.yellow("warning:")} ${problem}\n`);
  const missing = findings.some(({ place, state }) => place.blocked === undefined && state !== "trusted");
  if (missing && problems.length === 0) io.err("\nTrust it there: waylay ca install\n");
}

/** What would keep waylay from signing, and what its owner should know. A passphrase that is not at hand is neither. */
function problemsOf(caDir: string, passphrase: string | undefined): readonly string[] {
  try {
    return loadRoot(caDir, { passphrase, now: Date.now })?.warnings ?? [];
  } catch (error) {
    if (!(error instanceof CaError)) throw error;
    return error.code === "passphrase-needed" ? [] : [error.message];
  }
}

function rootRows(anchor: Anchor, encrypted: boolean, io: Io): (readonly [string, string])[] {
  const { files, notBefore, notAfter } = anchor;
  const days = Math.floor((notAfter.getTime() - Date.now()) / DAY_MS);
  const left =
    days < 0 ? io.paint.red("expired") : days < 30 ? io.paint.yellow(`${days} days left`) : `${days} days left`;
  return [
    ["Subject", anchor.subject],
    ["SHA-256", anchor.fingerprint256],
    ["Valid", `${dayText(notBefore)} to ${dayText(notAfter)} (${left})`],
    ["Certificate", files.certificate],
    ["Key", files.key + (encrypted ? " (encrypted)" : "")],
    ["DER", files.der],
  ];
}

function trustLines(findings: readonly Finding[], { paint }: Io): string {
  if (findings.length === 0) return "\nNo trust store that waylay knows is on this machine.\n";
  const lines = findings.map(({ place, state }) => {
    if (place.blocked !== undefined)
      return `  ${paint.yellow("?")} ${place.title}: ${place.where}\n      ${place.blocked}`;
    const mark = state === "trusted" ? paint.green("✓") : paint.dim("–");
    return `  ${mark} ${place.title}: ${place.where}${state === "present" ? " (there, but not trusted)" : ""}`;
  });
  return `\n${paint.bold("Trusted by")}\n${lines.join("\n")}\n`;
}
