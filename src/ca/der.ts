// DER as Buffers that are put together by concatenation, so that what never changes in a certificate is encoded once
// and copied from then on: a whole leaf without its signature takes 12 µs (bench/ca.ts). node-forge's asn1 gives OIDs,
// times and the reader.
import asn1, { type Asn1 } from "node-forge/lib/asn1.js";

export type { Asn1 };

const UNIVERSAL = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06 } as const;
const UTF8 = 0x0c;
const IA5 = 0x16;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const BMP = 0x1e;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** One tag, its length in the shortest form, and the parts as content. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const out = Buffer.allocUnsafe(2 + lengthBytes + length);
  out[0] = tag;
  if (lengthBytes === 0) out[1] = length;
  else {
    out[1] = 0x80 | lengthBytes;
    out.writeUIntBE(length, 2, lengthBytes);
  }
  let at = 2 + lengthBytes;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(SEQUENCE, ...parts);
/** A SET OF: in the order of its encodings (X.690 §11.6). */
export const set = (...parts: readonly Buffer[]): Buffer => tlv(SET, ...parts.toSorted(Buffer.compare));
export const octets = (...parts: readonly Uint8Array[]): Buffer => tlv(UNIVERSAL.octetString, ...parts);
export const nil = (): Buffer => tlv(UNIVERSAL.null);
export const yes = (): Buffer => tlv(UNIVERSAL.boolean, Buffer.of(0xff));
export const utf8 = (text: string): Buffer => tlv(UTF8, Buffer.from(text, "utf8"));
export const ia5 = (text: string): Buffer => tlv(IA5, Buffer.from(text, "latin1"));
/** Big-endian UTF-16, as PKCS#12 wants its names. */
export const bmp = (text: string): Buffer => tlv(BMP, Buffer.from(text, "utf16le").swap16());
export const oid = (dotted: string): Buffer =>
  tlv(UNIVERSAL.oid, Buffer.from(asn1.oidToDer(dotted).getBytes(), "latin1"));

/** `[n]` around whole values (EXPLICIT, or a constructed IMPLICIT one). */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer =>
  tlv(CONTEXT | CONSTRUCTED | n, ...parts);
/** `[n]` in place of a primitive value's own tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => tlv(CONTEXT | n, content);

/** A BIT STRING of whole bytes: keys and signatures. */
export const bits = (content: Uint8Array): Buffer => tlv(UNIVERSAL.bitString, Buffer.of(0), content);

/** A BIT STRING of named bits, such as keyUsage: bit 0 is the highest; trailing zero bits are cut (X.690 §11.2.2). */
export function namedBits(...positions: readonly number[]): Buffer {
  const last = Math.max(...positions);
  const content = Buffer.alloc((last >> 3) + 1);
  for (const position of positions) content[position >> 3]! |= 0x80 >> (position & 7);
  return tlv(UNIVERSAL.bitString, Buffer.of(7 - (last & 7)), content);
}

/** A non-negative INTEGER, from a number or from big-endian bytes. */
export function integer(value: number | Uint8Array): Buffer {
  let bytes = typeof value === "number" ? numberBytes(value) : value;
  while (bytes.length > 1 && bytes[0] === 0) bytes = bytes.subarray(1);
  return bytes[0]! & 0x80 ? tlv(UNIVERSAL.integer, Buffer.of(0), bytes) : tlv(UNIVERSAL.integer, bytes);
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5); fractions of a second are cut. */
export function time(epochMs: number): Buffer {
  const date = new Date(epochMs);
  return date.getUTCFullYear() < 2050
    ? tlv(UTC_TIME, Buffer.from(asn1.dateToUtcTime(date), "latin1"))
    : tlv(GENERALIZED_TIME, Buffer.from(asn1.dateToGeneralizedTime(date), "latin1"));
}

/** Reads DER into a tree. Throws what node-forge throws when it is none. */
export function read(der: Uint8Array): Asn1 {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("latin1");
  return asn1.fromDer(bytes, { strict: true, decodeBitStrings: false });
}

/** The DER of a tree: the bytes it was read from, if those were DER. */
export function write(node: Asn1): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), "latin1");
}

/** The children of a constructed value; none for a primitive one. */
export function children(node: Asn1 | undefined): readonly Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}

/** The content of a primitive value; a BIT STRING's begins with its count of unused bits. */
export function content(node: Asn1 | undefined): Buffer {
  return Buffer.from(typeof node?.value === "string" ? node.value : "", "latin1");
}

/** An OBJECT IDENTIFIER's dotted text. */
export function oidText(node: Asn1 | undefined): string {
  return typeof node?.value === "string" ? asn1.derToOid(node.value) : "";
}

/** DER as PEM (RFC 7468: lines of 64). */
export function pem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64");
  let lines = "";
  for (let at = 0; at < base64.length; at += 64) lines += `${base64.slice(at, at + 64)}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
