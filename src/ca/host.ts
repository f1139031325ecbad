// What a certificate is made for: a DNS name or an IP address, in the one form it has in a certificate.
import { domainToASCII } from "node:url";
import { CaError } from "./error.ts";

export interface CertHost {
  readonly kind: "dns" | "ip";
  /** Lower-case A-labels without a final dot, or the address in its shortest form. */
  readonly text: string;
  /** The SAN's content: the name in ASCII, or 4 or 16 bytes. */
  readonly bytes: Buffer;
}

const MAX_NAME = 253; // RFC 1035 §2.3.4: 255 bytes on the wire
const MAX_LABEL = 63;

/**
 * Reads a host as it comes from SNI, CONNECT or a person: a DNS name, an IDN in either form, IPv4, IPv6 with or without
 * brackets. Throws `CaError` "bad-name" for wildcards, zones, empty labels and everything else that is neither.
 */
export function parseHost(host: string): CertHost {
  const inner = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  if (inner.includes(":")) {
    const bytes = parseIpv6(inner);
    if (bytes === null) throw badName(host, "not an IPv6 address");
    return { kind: "ip", text: ipv6Text(bytes), bytes };
  }
  if (inner !== host) throw badName(host, "only IPv6 stands in brackets");
  const ipv4 = parseIpv4(host);
  if (ipv4 !== null) return { kind: "ip", text: host, bytes: ipv4 };
  const name = asciiName(host);
  const mapped = name === host ? null : parseIpv4(name); // full-width digits are digits to IDNA
  if (mapped !== null) return { kind: "ip", text: name, bytes: mapped };
  return { kind: "dns", text: name, bytes: Buffer.from(name, "latin1") };
}

function asciiName(host: string): string {
  let foreign = false;
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    if (code > 0x7f) foreign = true;
    else if (!isNameCode(code)) throw badName(host, `illegal character ${JSON.stringify(host[i])}`);
  }
  let name = foreign ? domainToASCII(host) : host.toLowerCase();
  if (name.endsWith(".")) name = name.slice(0, -1); // a name's final dot is no part of it in a certificate
  if (name === "") throw badName(host, foreign ? "not a valid international name" : "empty");
  if (name.length > MAX_NAME) throw badName(host, `longer than ${MAX_NAME} characters`);
  let numeric = true;
  for (const label of name.split(".")) {
    if (label === "") throw badName(host, "empty label");
    if (label.length > MAX_LABEL) throw badName(host, `a label longer than ${MAX_LABEL} characters`);
    if (!/^(?:\d+|0x[\da-f]*)$/.test(label)) numeric = false;
  }
  // "127.1" and "0x7f.1" are addresses to some clients and names to others: nobody could rely on such a certificate.
  if (numeric && parseIpv4(name) === null) throw badName(host, "not an IPv4 address");
  return name;
}

/** Letters, digits, hyphen and dot; the underscore too, since such names exist and are asked for. */
function isNameCode(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2e ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f
  );
}

function parseIpv4(text: string): Buffer | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  for (const part of parts) if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
  return Buffer.from(parts.map(Number));
}

function parseIpv6(text: string): Buffer | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return Buffer.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The bytes of "a:b:c"; the last group may be an IPv4 address where `last` says that the address ends here. */
function groups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const ipv4 = last && i === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 !== null) bytes.push(...ipv4);
    else if (/^[\da-f]{1,4}$/i.test(part)) bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return null;
  }
  return bytes;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups cut. */
function ipv6Text(bytes: Buffer): string {
  return new URL(`http://[${bytes.toString("hex").replace(/(.{4})(?=.)/g, "$1:")}]`).hostname.slice(1, -1);
}

function badName(host: string, why: string): CaError {
  const shown = JSON.stringify(host.length > 80 ? `${host.slice(0, 80)}…` : host);
  return new CaError("bad-name", shown, why);
}
