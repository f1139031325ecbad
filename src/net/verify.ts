import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { PeerCertificate } from "node:tls";

/** What makes an upstream certificate unacceptable, told apart for people. */
export type CertCode =
  | "cert-expired"
  | "cert-not-yet-valid"
  | "cert-unknown-issuer"
  | "cert-self-signed"
  | "cert-wrong-host"
  | "cert-weak"
  | "cert-wrong-purpose"
  | "cert-invalid";

/**
 * Does the certificate name the host? By subjectAltName alone: Node falls back to the common name, which RFC 9525 §2
 * forbids. No partial wildcards, and no wildcard for a bare label (`*.com` style is left to the public suffix's owner).
 * Returns the error that Node's `checkServerIdentity` wants, or undefined.
 */
export function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const x509 = new X509Certificate(certificate.raw);
  const matched =
    isIP(host) !== 0
      ? x509.checkIP(host) !== undefined
      : x509.checkHost(host, { subject: "never", wildcards: true, partialWildcards: false }) !== undefined;
  if (matched) return undefined;
  const names = x509.subjectAltName ?? "no subjectAltName at all";
  return Object.assign(new Error(`the certificate is for ${names}`), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

/** OpenSSL's verdicts, as Node spells them, by what they mean to a person. */
const VERDICTS: Readonly<Record<string, { readonly code: CertCode; readonly text: string }>> = {
  CERT_HAS_EXPIRED: { code: "cert-expired", text: "its certificate has expired" },
  CERT_NOT_YET_VALID: { code: "cert-not-yet-valid", text: "its certificate is not valid yet" },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: "cert-self-signed", text: "its certificate is self-signed" },
  SELF_SIGNED_CERT_IN_CHAIN: {
    code: "cert-unknown-issuer",
    text: "its certificate comes from a root that this machine does not trust",
  },
  UNABLE_TO_GET_ISSUER_CERT: { code: "cert-unknown-issuer", text: "the issuer of its certificate is not known" },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    code: "cert-unknown-issuer",
    text: "the issuer of its certificate is not trusted here",
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    code: "cert-unknown-issuer",
    text: "it sent no chain to a trusted root (an intermediate certificate is missing, or the issuer is unknown)",
  },
  CERT_SIGNATURE_FAILURE: { code: "cert-invalid", text: "the signature of its certificate is wrong" },
  CERT_UNTRUSTED: { code: "cert-unknown-issuer", text: "its certificate is not trusted" },
  CERT_REJECTED: { code: "cert-invalid", text: "its certificate is rejected" },
  INVALID_CA: { code: "cert-invalid", text: "its certificate was issued by one that is no certificate authority" },
  INVALID_PURPOSE: { code: "cert-wrong-purpose", text: "its certificate is not for servers (extended key usage)" },
  PATH_LENGTH_EXCEEDED: { code: "cert-invalid", text: "its chain is longer than an issuer allows" },
  CERT_CHAIN_TOO_LONG: { code: "cert-invalid", text: "its certificate chain is too long" },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: "cert-wrong-host", text: "its certificate is for another host" },
};

/** Puts a verification failure into words; undefined when the error is none of certificates. */
export function certVerdict(code: string, message: string): { code: CertCode; text: string } | undefined {
  const known = VERDICTS[code];
  if (known !== undefined) {
    return known.code === "cert-wrong-host" ? { code: known.code, text: `${known.text}: ${message}` } : known;
  }
  // OpenSSL's security level 2: keys under 112 bits of strength and SHA-1 signatures.
  if (/(key|md|algorithm) too (weak|small)/i.test(`${code} ${message}`)) {
    return { code: "cert-weak", text: `its certificate is too weak to be trusted (${message})` };
  }
  // Whatever else OpenSSL finds has words, but no name in Node.
  return code === "UNSPECIFIED" ? { code: "cert-invalid", text: `its certificate is invalid: ${message}` } : undefined;
}
