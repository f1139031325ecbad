// The root for other programs: the certificate in the form they want, and, if asked, its key.
import type { KeyObject } from "node:crypto";
import { keyPem, readCertificates, readKey } from "./bundle.ts";
import { CaError } from "./error.ts";
import { readIfThere } from "./files.ts";
import { pkcs12 } from "./pkcs12.ts";
import type { Anchor, Root } from "./root.ts";

export const EXPORT_FORMATS = ["pem", "der", "p12"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The root's certificate. `passphrase` counts for p12 alone; "" suits most programs, since a certificate is public. */
export function exportCertificate(anchor: Anchor, format: ExportFormat, passphrase = ""): Buffer {
  if (format === "pem") return Buffer.from(anchor.certPem);
  if (format === "der") return anchor.certDer;
  return pkcs12({ certificates: [anchor.certDer], name: anchor.name, passphrase });
}

/**
 * The certificate that signs leaves, those above it, and its private key, which `passphrase` encrypts anew.
 * `unlock` is the passphrase of the key as it lies in HOME. @throws CaError as loading does.
 */
export function exportWithKey(root: Root, format: "pem" | "p12", passphrase: string, unlock?: string): Buffer {
  const key = keyOf(root, unlock);
  const path = pathOf(root);
  if (format === "p12") return pkcs12({ certificates: path.map(one => one.der), key, name: root.name, passphrase });
  const certificates = path.map(one => one.pem).join("");
  return Buffer.from(certificates + keyPem(key, passphrase));
}

function keyOf({ files }: Root, unlock: string | undefined): KeyObject {
  const text = readIfThere(files.key);
  if (text === null) throw new CaError("missing-key", files.key);
  return readKey(text, files.key, unlock);
}

/** From the signing certificate up to the anchor. */
function pathOf(root: Root): { pem: string; der: Buffer }[] {
  const anchor = { pem: root.certPem, der: root.certDer };
  if (root.chainPem === "") return [anchor];
  const chain = readCertificates(root.chainPem, root.files.certificate);
  return root.selfSigned ? [...chain, anchor] : chain;
}
