// PKCS#12 (RFC 7292) with EC keys too, which node-forge's cannot. Key in PBES2 (PBKDF2, AES-256), MAC of SHA-256: what
// OpenSSL 3, Java 8u301, Windows 10 1709 and NSS read. Certificates stand in the clear: they are public.
import { createHash, createHmac, type KeyObject, randomBytes } from "node:crypto";
import { bmp, explicit, integer, nil, octets, oid, sequence, set } from "./der.ts";

const OID = {
  data: "1.2.840.113549.1.7.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  x509Certificate: "1.2.840.113549.1.9.22.1",
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
  sha256: "2.16.840.1.101.3.4.2.1",
  /** Oracle's: without it Java lists no certificate that has no key beside it. */
  javaTrusted: "2.16.840.1.113894.746875.1.1",
  anyUsage: "2.5.29.37.0",
} as const;

const ITERATIONS = 10_000; // some 10 ms; Java's default
const SALT_BYTES = 16;

export interface Pkcs12Contents {
  /** Certificates, DER: the key's own first, if there is a key. */
  readonly certificates: readonly Buffer[];
  /** Its certificate is the first. */
  readonly key?: KeyObject | undefined;
  /** How the entry is called in lists. */
  readonly name: string;
  /** "" is allowed where there is no key; most programs then import without asking. */
  readonly passphrase: string;
}

/** The file's bytes. */
export function pkcs12({ certificates, key, name, passphrase }: Pkcs12Contents): Buffer {
  const keyId = createHash("sha1").update(certificates[0]!).digest(); // any value will do; OpenSSL takes this one too
  const named = attribute(OID.friendlyName, bmp(name));
  const paired = attribute(OID.localKeyId, octets(keyId));
  const trusted = attribute(OID.javaTrusted, oid(OID.anyUsage));
  const certBags = certificates.map((der, i) => {
    const attributes = key === undefined ? [named, trusted] : i === 0 ? [named, paired] : [];
    const certificate = sequence(oid(OID.x509Certificate), explicit(0, octets(der)));
    return bag(OID.certBag, certificate, attributes);
  });
  const contents = [dataContent(sequence(...certBags))];
  if (key !== undefined) {
    const shrouded = key.export({ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase });
    contents.unshift(dataContent(sequence(bag(OID.shroudedKeyBag, shrouded, [named, paired]))));
  }
  const authenticated = sequence(...contents);
  return sequence(integer(3), dataContent(authenticated), macOf(authenticated, passphrase));
}

function bag(type: string, value: Buffer, attributes: readonly Buffer[]): Buffer {
  return sequence(oid(type), explicit(0, value), ...(attributes.length > 0 ? [set(...attributes)] : []));
}

function attribute(type: string, value: Buffer): Buffer {
  return sequence(oid(type), set(value));
}

function dataContent(content: Buffer): Buffer {
  return sequence(oid(OID.data), explicit(0, octets(content)));
}

/** MacData (RFC 7292 §4, Appendix A). */
function macOf(content: Buffer, passphrase: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const mac = createHmac("sha256", macKey(passphrase, salt)).update(content).digest();
  const digestInfo = sequence(sequence(oid(OID.sha256), nil()), octets(mac));
  return sequence(digestInfo, octets(salt), integer(ITERATIONS));
}

/**
 * RFC 7292 Appendix B.2 with SHA-256 (u = 32, v = 64), purpose 3 (MAC). The key is as long as one hash, so that one
 * round of the construction gives it whole and its step 6C never comes.
 */
function macKey(passphrase: string, salt: Buffer): Buffer {
  const password = Buffer.from(`${passphrase}\0`, "utf16le").swap16(); // big-endian, with its two zero bytes
  const purpose = Buffer.alloc(64, 3);
  let key = Buffer.concat([purpose, filled(salt), filled(password)]);
  for (let i = 0; i < ITERATIONS; i++) key = createHash("sha256").update(key).digest();
  return key;
}

/** Repeated and cut to a multiple of 64 bytes. */
function filled(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / 64) * 64, bytes);
}
