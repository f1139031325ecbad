// Names for what a TLS client is, from what it offers: JA3 (Salesforce, 2017) and JA4 (FoxIO, 2023). Clients of one
// library and version share them, whatever they call themselves.

import { createHash } from "node:crypto";
import type { ClientHello } from "./client-hello.ts";

/** What JA3 hashes: version, ciphers, extensions, groups, point formats, in their own order, in decimal. */
export function ja3Text(hello: ClientHello): string {
  const lists = [hello.ciphers, hello.extensions, hello.groups, hello.pointFormats];
  return [hello.legacyVersion, ...lists.map(list => list.filter(isReal).join("-"))].join(",");
}

/** 32 hexadecimal digits. Browsers shuffle their extensions since 2023, and with it this. */
export function ja3(hello: ClientHello): string {
  return createHash("md5").update(ja3Text(hello)).digest("hex");
}

/** As in t13d1516h2_8daaf6152771_e5627efa2ab1. Lists are sorted, so shuffling them changes nothing. */
export function ja4(hello: ClientHello): string {
  const ciphers = hello.ciphers.filter(isReal);
  const extensions = hello.extensions.filter(isReal);
  const start = [
    "t", // over TCP
    VERSIONS.get(highestVersion(hello)) ?? "00",
    extensions.includes(SERVER_NAME) ? "d" : "i",
    twoDigits(ciphers.length),
    twoDigits(extensions.length),
    alpnEnds(hello.alpn[0]),
  ].join("");
  return `${start}_${hash(sortedHex(ciphers))}_${hash(extensionText(hello, extensions))}`;
}

const SERVER_NAME = 0;
const ALPN = 16;

const VERSIONS = new Map([
  [0x0304, "13"],
  [0x0303, "12"],
  [0x0302, "11"],
  [0x0301, "10"],
  [0x0300, "s3"],
]);

/** GREASE (RFC 8701) is noise on purpose: 0x0a0a, 0x1a1a … 0xfafa. */
function isReal(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff);
}

function highestVersion(hello: ClientHello): number {
  return hello.versions.filter(isReal).reduce((a, b) => Math.max(a, b), 0) || hello.legacyVersion;
}

/** Server name and ALPN stand in the first part already; signature algorithms keep their order. */
function extensionText(hello: ClientHello, extensions: readonly number[]): string {
  const text = sortedHex(extensions.filter(type => type !== SERVER_NAME && type !== ALPN));
  const signatures = hello.signatureAlgorithms.filter(isReal).map(hex);
  return signatures.length === 0 ? text : `${text}_${signatures.join(",")}`;
}

/** First and last character of the first protocol; of its hexadecimal form when they are no letters or digits. */
function alpnEnds(protocol: string | undefined): string {
  if (protocol === undefined || protocol === "") return "00";
  const plain = /^[0-9A-Za-z](?:[\s\S]*[0-9A-Za-z])?$/.test(protocol);
  const text = plain ? protocol : Buffer.from(protocol, "latin1").toString("hex");
  return `${text[0]}${text[text.length - 1]}`;
}

function sortedHex(values: readonly number[]): string {
  return values.map(hex).sort().join(",");
}

function hex(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, "0");
}

function hash(text: string): string {
  return text === "" ? "0".repeat(12) : createHash("sha256").update(text).digest("hex").slice(0, 12);
}
