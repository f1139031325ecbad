// A certificate as fields: signed into DER (RFC 5280 §4.1), and read back as far as an issuer must be known.
import { X509Certificate } from "node:crypto";
import {
  type Asn1,
  bits,
  children,
  content,
  explicit,
  integer,
  oidText,
  pem,
  read,
  sequence,
  time,
  write,
} from "./der.ts";
import { keyIdOf, type Signer, spkiOf } from "./signer.ts";

export interface CertificateFields {
  /** Big-endian, positive. */
  readonly serial: Uint8Array;
  /** Names and key as DER: a Name, a Name, a SubjectPublicKeyInfo. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Each one or several whole Extension values, DER. */
  readonly extensions: readonly Buffer[];
}

const VERSION_3 = explicit(0, integer(2));

/** The signed certificate, DER. */
export function signCertificate(fields: CertificateFields, signer: Signer): Buffer {
  const tbs = sequence(
    VERSION_3,
    integer(fields.serial),
    signer.algorithm,
    fields.issuer,
    sequence(time(fields.notBeforeMs), time(fields.notAfterMs)),
    fields.subject,
    fields.spki,
    explicit(3, sequence(...fields.extensions)),
  );
  return sequence(tbs, signer.algorithm, bits(signer.sign(tbs)));
}

/**
 * Random bytes as a serial: the top bit is cleared (positive) and the next one set (never short), so that all serials
 * have one length and none needs a check. 126 of 128 bits stay random.
 */
export function serialFrom(random: Buffer): Buffer {
  const serial = Buffer.from(random);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial;
}

export interface Certificate {
  readonly x509: X509Certificate;
  readonly der: Buffer;
  readonly pem: string;
  /** Name, DER, exactly as it stands in the certificate: Firefox compares issuer names byte by byte. */
  readonly subject: Buffer;
  /** The SKI extension's value, or what it would be by RFC 5280 if the certificate has none. */
  readonly keyId: Buffer;
  /** basicConstraints says CA, and keyUsage, if there, allows keyCertSign. */
  readonly mayIssue: boolean;
  readonly selfSigned: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const CONTEXT = 0x80;
const SUBJECT_KEY_ID = "2.5.29.14";

/** Reads one certificate, PEM or DER. Throws node's or node-forge's error when it is none. */
export function readCertificate(source: string | Buffer): Certificate {
  const x509 = new X509Certificate(source);
  const der = x509.raw;
  const fields = children(children(read(der))[0]);
  const first = fields[0]?.tagClass === CONTEXT ? 1 : 0; // version is there or not
  const subjectNode = fields[first + 4];
  if (subjectNode === undefined) throw new Error("no subject");
  const subject = write(subjectNode);
  if (!der.includes(subject)) throw new Error("not DER");
  const keyId = subjectKeyIdIn(fields.find(field => field.tagClass === CONTEXT && field.type === 3));
  return {
    x509,
    der,
    pem: pem("CERTIFICATE", der),
    subject,
    keyId: keyId ?? keyIdOf(spkiOf(x509.publicKey)),
    mayIssue: x509.ca,
    selfSigned: x509.checkIssued(x509),
    notBeforeMs: Date.parse(x509.validFrom),
    notAfterMs: Date.parse(x509.validTo),
  };
}

function subjectKeyIdIn(extensions: Asn1 | undefined): Buffer | null {
  for (const extension of children(children(extensions)[0])) {
    const parts = children(extension);
    if (oidText(parts[0]) === SUBJECT_KEY_ID) return content(read(content(parts.at(-1))));
  }
  return null;
}

/** One line for people: "CN=waylay ann@laptop 2026-11-22, O=waylay". */
export function nameLine(name: string): string {
  return name.split("\n").reverse().join(", ");
}
