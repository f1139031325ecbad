// What each kind of certificate contains. Pure data and the extensions made of it; `certificate.ts` signs them.

import { implicit, integer, namedBits, octets, oid, sequence, set, tlv, utf8, yes } from "./der.ts";
import type { CertHost } from "./host.ts";

export const DAY_MS = 86_400_000;

/** Clients whose clock is up to two days behind ours still take what we make; mitmproxy found two days to be enough. */
export const BACKDATE_MS = 2 * DAY_MS;

/**
 * From notBefore to notAfter. Chromium refuses more than 200 days from certificates issued since 2026-03-15 (CA/Browser
 * Forum ballot SC-081v3) and counts the backdate (mitmproxy #8203); 197 keeps a distance. Both ends are part of the
 * period (RFC 5280 §4.1.2.5), hence a second less.
 */
export const LEAF_VALIDITY_MS = 197 * DAY_MS - 1000;

/** A cached leaf is made anew this long before it ends, so that a long connection does not outlive it. */
export const LEAF_RENEWAL_MARGIN_MS = 2 * DAY_MS;

/** Ten years: clients have no limit for roots that their owner installed, and trusting a new one is the laborious step. */
export const ROOT_VALIDITY_MS = 3650 * DAY_MS;

/** 16 bytes (RFC 5280 §4.1.2.2 allows 20; CA/Browser Forum BR §7.1 wants 64 random bits or more). */
export const SERIAL_BYTES = 16;

/** P-256: taken by every TLS stack, signs in 0.02 ms (RSA 2048: 0.24 ms), and a leaf stays under 600 bytes. */
export const CURVE = "prime256v1";

/** X.520 ub-common-name; OpenSSL and Go refuse longer ones. */
export const MAX_COMMON_NAME = 64;

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

const BOOLEAN_TRUE = yes();

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), BOOLEAN_TRUE, octets(value)) : sequence(oid(id), octets(value));
}

const subjectKeyId = (keyId: Buffer): Buffer => extension(OID.subjectKeyId, false, octets(keyId));
const authorityKeyId = (keyId: Buffer): Buffer => extension(OID.authorityKeyId, false, sequence(implicit(0, keyId)));

/** Root: basicConstraints and keyUsage critical (RFC 5280 §4.2.1.9, §4.2.1.3); it signs leaves, never another authority. */
export function rootExtensions(keyId: Buffer): Buffer[] {
  return [
    extension(OID.basicConstraints, true, sequence(BOOLEAN_TRUE, integer(0))),
    extension(OID.keyUsage, true, namedBits(KEY_CERT_SIGN, CRL_SIGN)),
    subjectKeyId(keyId),
  ];
}

/**
 * Leaf: what is the same for every certificate of one key and issuer. An ECDSA key only signs, so keyUsage is
 * digitalSignature alone; `authority` must be the issuer's own SKI, or chains are refused (mitmproxy #8214).
 */
export function leafExtensions(purpose: "server" | "client", keyId: Buffer, authority: Buffer): Buffer {
  return Buffer.concat([
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, namedBits(DIGITAL_SIGNATURE)),
    extension(OID.extKeyUsage, false, sequence(oid(purpose === "server" ? OID.serverAuth : OID.clientAuth))),
    subjectKeyId(keyId),
    authorityKeyId(authority),
  ]);
}

const SAN_OID = oid(OID.subjectAltName);
const SAN_DNS = 0x82;
const SAN_IP = 0x87;

/** The exact names and no other: dNSName in A-labels, iPAddress in bytes. Not critical, since no subject is empty. */
export function subjectAltName(hosts: readonly CertHost[]): Buffer {
  const names = hosts.map(host => tlv(host.kind === "dns" ? SAN_DNS : SAN_IP, host.bytes));
  return sequence(SAN_OID, octets(sequence(...names)));
}

const CN_OID = oid(OID.commonName);
const ORGANIZATION = set(sequence(oid(OID.organization), utf8("waylay")));

/** A Name of one CN; for names that a CN cannot hold, of our organization alone (the SAN says the rest). */
export function leafSubject(text: string): Buffer {
  if (text.length > MAX_COMMON_NAME) return sequence(ORGANIZATION);
  return sequence(set(sequence(CN_OID, utf8(text))));
}

/**
 * "waylay ann@laptop 2026-11-22 3f9a2c": whose it is, where and when it was made, and the beginning of its key id, so
 * that several can be told apart. By programs too: of two trusted roots of one name OpenSSL verifies only the first.
 */
export function rootName(user: string, host: string, nowMs: number, keyId: Buffer): string {
  const who = `${user}@${host}`.replace(/[^\x21-\x7e]+/g, "_");
  const when = `${new Date(nowMs).toISOString().slice(0, 10)} ${keyId.toString("hex", 0, 3)}`;
  return `waylay ${who.slice(0, MAX_COMMON_NAME - "waylay  ".length - when.length)} ${when}`;
}

export function rootSubject(commonName: string): Buffer {
  return sequence(ORGANIZATION, set(sequence(CN_OID, utf8(commonName))));
}
