// One certificate below a root, valid as long as a leaf may be: what the cache and `ca issue` have in common.
import { serialFrom, signCertificate } from "./certificate.ts";
import { pem } from "./der.ts";
import { CaError } from "./error.ts";
import { BACKDATE_MS, LEAF_VALIDITY_MS, SERIAL_BYTES } from "./profiles.ts";
import type { Root } from "./root.ts";

export interface MintRequest {
  /** Name and SubjectPublicKeyInfo, DER. */
  readonly subject: Buffer;
  readonly spki: Buffer;
  /** Each one or several whole Extension values, DER. */
  readonly extensions: readonly Buffer[];
  readonly nowMs: number;
  readonly randomBytes: (size: number) => Buffer;
}

export interface Minted {
  /** The certificate and the chain below the root, as a server must send them. */
  readonly certPem: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** It neither begins before its root nor ends after it. @throws CaError "expired" with the root. */
export function mint(root: Root, request: MintRequest): Minted {
  const rootEndMs = root.notAfter.getTime();
  if (request.nowMs > rootEndMs) throw new CaError("expired", root.files.certificate, root.notAfter.toUTCString());
  const notBeforeMs = Math.max(request.nowMs - BACKDATE_MS, root.notBefore.getTime());
  const notAfterMs = Math.min(notBeforeMs + LEAF_VALIDITY_MS, rootEndMs);
  const serial = serialFrom(request.randomBytes(SERIAL_BYTES));
  const { subject, spki, extensions } = request;
  const issuer = root.issuer.subject;
  const der = signCertificate({ serial, issuer, subject, spki, notBeforeMs, notAfterMs, extensions }, root.signer);
  return { certPem: pem("CERTIFICATE", der) + root.chainPem, serial: serial.toString("hex"), notBeforeMs, notAfterMs };
}
