// A private key and what it signs with. The signing is node:crypto's: node-forge takes 43 ms for RSA and knows no EC.
import { createHash, type KeyObject, sign } from "node:crypto";
import { children, content, nil, oid, read, sequence } from "./der.ts";

export interface Signer {
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Buffer;
  sign(bytes: Buffer): Buffer;
}

/** The hash goes with the curve's size (RFC 5480 §4); RSA is PKCS #1 v1.5 with SHA-256, which everything verifies. */
const ECDSA = {
  prime256v1: ["sha256", "1.2.840.10045.4.3.2"],
  secp384r1: ["sha384", "1.2.840.10045.4.3.3"],
  secp521r1: ["sha512", "1.2.840.10045.4.3.4"],
} as const satisfies Record<string, readonly [hash: string, oid: string]>;
const RSA_SHA256 = "1.2.840.113549.1.1.11";
/** What waylay, like browsers, asks of anybody. */
const MIN_RSA_BITS = 2048;

/** Null if browsers take no signature of such a key: RSA under 2048 bits, other curves, Ed25519, RSA-PSS keys. */
export function signerFor(key: KeyObject): Signer | null {
  if (key.asymmetricKeyType === "rsa") {
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) return null;
    return { algorithm: sequence(oid(RSA_SHA256), nil()), sign: bytes => sign("sha256", bytes, key) };
  }
  if (key.asymmetricKeyType !== "ec") return null;
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  if (!Object.hasOwn(ECDSA, curve)) return null;
  const [hash, algorithm] = ECDSA[curve as keyof typeof ECDSA]; // hasOwn has just said so
  return { algorithm: sequence(oid(algorithm)), sign: bytes => sign(hash, bytes, key) };
}

/** SubjectPublicKeyInfo, DER. */
export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the public key's bits. An identifier; nothing rests on SHA-1's strength. */
export function keyIdOf(spki: Buffer): Buffer {
  const unusedBitsAndKey = content(children(read(spki))[1]);
  return createHash("sha1").update(unusedBitsAndKey.subarray(1)).digest();
}
