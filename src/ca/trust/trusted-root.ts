// A root as trust stores want it: one certificate in a file of its own, and the names it goes by there.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { CaError } from "../error.ts";
import { readIfThere, writeOut } from "../files.ts";
import type { Anchor } from "../root.ts";

export interface TrustedRoot {
  /** PEM file with this certificate and nothing else. */
  readonly file: string;
  /** Name of its file or entry in a store: "waylay-" and the beginning of its fingerprint. */
  readonly label: string;
  /** Base64 of the DER, without line ends: what a bundle that holds it contains. */
  readonly base64: string;
  /** Upper-case hexadecimal: Windows and macOS name certificates by it. */
  readonly sha1: string;
}

/**
 * If the root's file holds more (intermediates, a key), the root alone is written to `anchor.crt` beside it.
 * @throws CaError "no-anchor" if the file ends at an intermediate, "unwritable".
 */
export function trustedRoot(anchor: Anchor, caDir: string): TrustedRoot {
  const { files, certPem, certDer } = anchor;
  if (!anchor.selfSigned) throw new CaError("no-anchor", files.certificate);
  let file = files.certificate;
  if (readIfThere(file)?.trim() !== certPem.trim()) {
    file = join(caDir, "anchor.crt");
    if (readIfThere(file) !== certPem) writeOut(file, certPem, false);
  }
  return {
    file,
    label: `waylay-${createHash("sha256").update(certDer).digest("hex").slice(0, 8)}`,
    base64: certDer.toString("base64"),
    sha1: createHash("sha1").update(certDer).digest("hex").toUpperCase(),
  };
}
