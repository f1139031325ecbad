// host[:port], as it stands in Host, in CONNECT and in absolute targets (RFC 3986 §3.2, RFC 9112 §3.2). Pure syntax:
// whether such a host exists is for others to find out.

export interface Authority {
  /** As written, without the brackets of an IP literal. */
  readonly host: string;
  /** 0 when none was written. */
  readonly port: number;
  /** The host stood in brackets: an IPv6 address. */
  readonly bracketed: boolean;
}

export type AuthorityFault = "target-host" | "target-port" | "target-userinfo";

/**
 * Splits and checks an authority without userinfo. A port is 1 to 65535 in digits; an empty one ("a:") is RFC 3986's
 * way of writing none. Returns the fault's code when it is not one.
 */
export function parseAuthority(text: string): Authority | AuthorityFault {
  if (text.includes("@")) return "target-userinfo";
  const bracketed = text.charCodeAt(0) === 0x5b;
  const hostEnd = bracketed ? text.indexOf("]") + 1 : endOfName(text);
  if (hostEnd === 0) return "target-host";
  const host = bracketed ? text.slice(1, hostEnd - 1) : text.slice(0, hostEnd);
  if (bracketed ? !isIpv6Literal(host) : !isRegName(host)) return "target-host";
  if (hostEnd === text.length) return { host, port: 0, bracketed };
  if (text.charCodeAt(hostEnd) !== 0x3a) return "target-host";
  const port = parsePort(text.slice(hostEnd + 1));
  return port < 0 ? "target-port" : { host, port, bracketed };
}

/** Whether the value of a Host field names a host, with or without a port (RFC 9112 §3.2). Empty is not a host. */
export function validHost(value: string): boolean {
  return typeof parseAuthority(value) === "object";
}

/** 1 to 65535, 0 for none, -1 for what is no port. */
export function parsePort(digits: string): number {
  if (digits === "") return 0;
  if (digits.length > 5) return -1;
  let port = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port >= 1 && port <= 65535 ? port : -1;
}

function endOfName(text: string): number {
  const colon = text.indexOf(":");
  return colon < 0 ? text.length : colon;
}

/** reg-name (RFC 3986 §3.2.2) but for the comma, which those who join lines read as a list, and never empty. */
function isRegName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x25) {
      if (!HEX_PAIR.test(text.slice(i + 1, i + 3))) return false;
    } else if (REG_NAME[code] !== 1) return false;
  }
  return text.length > 0;
}

/** IPv6address, with the zone of RFC 6874 (%25eth0) if there is one. */
function isIpv6Literal(text: string): boolean {
  const zone = text.indexOf("%25");
  if (zone >= 0) return ZONE.test(text.slice(zone + 3)) && isIpv6(text.slice(0, zone));
  return isIpv6(text);
}

/** IPv6address of RFC 3986 §3.2.2: eight groups, one run of zeros as "::", the last two groups maybe as IPv4. */
export function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map(half => (half === "" ? [] : half.split(":")));
  const last = groups[groups.length - 1];
  const tail = last[last.length - 1];
  let count = 0;
  if (tail?.includes(".")) {
    if (!IPV4.test(tail)) return false;
    last.pop();
    count = 2;
  }
  for (const group of groups.flat()) {
    if (!GROUP.test(group)) return false;
    count++;
  }
  return halves.length === 2 ? count <= 7 : count === 8;
}

const HEX_PAIR = /^[0-9A-Fa-f]{2}$/;
const ZONE = /^[A-Za-z0-9._~-]{1,64}$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const REG_NAME = charTable("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~!$&'()*+;=");

function charTable(members: string): Uint8Array {
  const table = new Uint8Array(128);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}
