// The root: there, fit to sign, and trusted by whom.

import { join } from "node:path";
import { loadRoot } from "../../ca/root.ts";
import { bad, type Finding, good, note, type Patient } from "./finding.ts";

const DAY_MS = 86_400_000;

export function checkRoot({ home, env, now }: Patient): Finding[] {
  try {
    const root = loadRoot(join(home, "ca"), { passphrase: env.WAYLAY_CA_PASSPHRASE, now });
    if (!root) return [note("root", "not made yet; the first start makes it", "waylay ca init")];
    const days = Math.floor((root.notAfter.getTime() - now()) / DAY_MS);
    const facts = `${root.subject}, ${days} days left`;
    const findings = [
      days < 30 ? note("root", facts, "waylay ca init --force && waylay ca install") : good("root", facts),
    ];
    return [...findings, ...root.warnings.map(warning => bad("root key", warning, `chmod 600 ${root.files.key}`))];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // The authority's errors are sentences that end with the next command.
    return [bad("root", text)];
  }
}
