// The root: there, fit to sign, and trusted by whom.

import { join } from "node:path";
import { loadRoot, readAnchor } from "../../ca/root.ts";
import { type Finding as Survey, surveyTrust } from "../../ca/trust/change.ts";
import { thisMachine } from "../../ca/trust/machine.ts";
import { type TrustedRoot, trustedRoot } from "../../ca/trust/trusted-root.ts";
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

/** Who trusts the root. Nobody has to: programs can be told of it one by one. */
export async function checkTrust({ home, env }: Patient): Promise<Finding[]> {
  const root = rootIn(join(home, "ca"));
  if (!root) return [];
  return (await surveyTrust(root, thisMachine(env))).map(trustFinding);
}

function trustFinding({ place, state }: Survey): Finding {
  const where = `${place.title}, ${place.where}`;
  if (place.blocked !== undefined) return note("trust", `${where}: ${place.blocked}`);
  if (state === "trusted") return good("trust", `${where}: trusts the root`);
  const says = state === "present" ? "has the root, but does not trust it" : "does not know the root";
  return note("trust", `${where}: ${says}`, "waylay ca install");
}

/** What is wrong with the files is checkRoot's to say. */
function rootIn(caDir: string): TrustedRoot | undefined {
  try {
    const anchor = readAnchor(caDir);
    return anchor ? trustedRoot(anchor, caDir) : undefined;
  } catch {
    return undefined;
  }
}
