// Request targets and authorities (RFC 9112 §3.2, RFC 3986 §3): which form is it, and where does it point? Pure syntax.
// A fault is the code of a WireError, returned and not thrown: whoever asked knows the offset, and whether to go on.

import { isIpv6 } from "./ip.ts";

export type TargetForm = "origin" | "absolute" | "authority" | "asterisk";

export interface Target {
  readonly form: TargetForm;
  /** "" unless the form is absolute. */
  readonly scheme: "" | "http" | "https";
  /** As written, without brackets; "" when the target names none. */
  readonly host: string;
  /** 1 to 65535, the scheme's own when none was written; 0 when the target names no host. */
  readonly port: number;
  /** What Host must say: host[:port] as written, userinfo taken out. "" when the target names no host. */
  readonly authority: string;
  /**
   * What goes to the origin: path and query as received, without fragment. "/" for an empty path, "*" for an asterisk
   * and for an absolute OPTIONS with an empty path; "" for authority-form.
   */
  readonly path: string;
  /** Where `path` stands in the target; both 0 when it stands nowhere because it was empty. */
  readonly pathStart: number;
  readonly pathEnd: number;
  /** Taken out, since neither is ever forwarded (RFC 9110 §4.2.4, RFC 9112 §3.2). */
  readonly userinfo: boolean;
  readonly fragment: boolean;
}

export type TargetFault = "target-form" | "target-scheme" | AuthorityFault;

export interface Authority {
  /** As written, without the brackets of an IP literal. */
  readonly host: string;
  /** 0 when none was written. */
  readonly port: number;
}

export type AuthorityFault = "target-host" | "target-port" | "target-userinfo";

/** Reads a request target. `target` must be free of white space and control bytes, as the head parser sees to. */
export function parseTarget(method: string, target: string): Target | TargetFault {
  if (method === "CONNECT") return authorityForm(target);
  if (target.charCodeAt(0) === SLASH) return originForm(target);
  if (target === "*") return method === "OPTIONS" ? ASTERISK : "target-form";
  return absoluteForm(method, target);
}

/**
 * Splits and checks host[:port] without userinfo. A port is 1 to 65535 in digits; an empty one ("a:") is RFC 3986's way
 * to write none.
 */
export function parseAuthority(text: string): Authority | AuthorityFault {
  if (text.includes("@")) return "target-userinfo";
  const bracketed = text.charCodeAt(0) === BRACKET;
  const hostEnd = bracketed ? text.indexOf("]") + 1 : endOf(text, ":");
  const host = bracketed ? text.slice(1, hostEnd - 1) : text.slice(0, hostEnd);
  if (hostEnd === 0 || !(bracketed ? isIpv6Literal(host) : isRegName(host))) return "target-host";
  if (hostEnd === text.length) return { host, port: 0 };
  if (text.charCodeAt(hostEnd) !== COLON) return "target-host";
  const port = parsePort(text.slice(hostEnd + 1));
  return port < 0 ? "target-port" : { host, port };
}

/** host:port as Host and CONNECT have it: brackets around IPv6, and no port where it is 0 or the default. */
export function formatAuthority(authority: Authority, defaultPort: number): string {
  const { host, port } = authority;
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 0 || port === defaultPort ? name : `${name}:${port}`;
}

/** Whether the value of a Host field names a host, with or without a port (RFC 9112 §3.2). Empty is no host. */
export function validHost(value: string): boolean {
  return typeof parseAuthority(value) === "object";
}

const SLASH = 0x2f;
const COLON = 0x3a;
const BRACKET = 0x5b;
const DEFAULT_PORTS = { http: 80, https: 443 } as const;

const NOWHERE = { scheme: "", host: "", port: 0, authority: "", userinfo: false, fragment: false } as const;
const ASTERISK: Target = { ...NOWHERE, form: "asterisk", path: "*", pathStart: 0, pathEnd: 1 };

function originForm(target: string): Target {
  const pathEnd = endOf(target, "#");
  const path = target.slice(0, pathEnd);
  // perf: written out, since spreading NOWHERE here costs 3.4 µs a request, and this 0.02 µs (Node 20).
  return {
    form: "origin",
    scheme: "",
    host: "",
    port: 0,
    authority: "",
    path,
    pathStart: 0,
    pathEnd,
    userinfo: false,
    fragment: pathEnd < target.length,
  };
}

/** CONNECT: host and port, both of them (RFC 9112 §3.2.3). */
function authorityForm(target: string): Target | TargetFault {
  if (target.charCodeAt(0) === SLASH || target === "*") return "target-form";
  const authority = parseAuthority(target);
  if (typeof authority === "string") return authority;
  if (authority.port === 0) return "target-port";
  return { ...NOWHERE, ...authority, form: "authority", authority: target, path: "", pathStart: 0, pathEnd: 0 };
}

function absoluteForm(method: string, target: string): Target | TargetFault {
  const colon = target.indexOf("://");
  if (colon < 0) return SCHEME.test(target) ? "target-scheme" : "target-form";
  const scheme = target.slice(0, colon).toLowerCase();
  if (scheme !== "http" && scheme !== "https") return "target-scheme";
  const start = colon + 3;
  const end = authorityEnd(target, start);
  const at = target.lastIndexOf("@", end - 1);
  const userinfo = at >= start;
  const authority = target.slice(userinfo ? at + 1 : start, end);
  // A backslash is a path separator to WHATWG's URL and nothing to RFC 3986: two readings (SSRF).
  if (target.slice(start, end).includes("\\")) return "target-host";
  const parsed = parseAuthority(authority);
  if (typeof parsed === "string") return parsed;
  const pathEnd = endOf(target, "#");
  const written = target.slice(end, pathEnd);
  return {
    form: "absolute",
    scheme,
    host: parsed.host,
    port: parsed.port === 0 ? DEFAULT_PORTS[scheme] : parsed.port,
    authority,
    path: pathOf(method, written),
    pathStart: written.charCodeAt(0) === SLASH ? end : 0,
    pathEnd: written.charCodeAt(0) === SLASH ? pathEnd : 0,
    userinfo,
    fragment: pathEnd < target.length,
  };
}

/** RFC 9112 §3.2.1 and §3.2.4: an empty path is "/", or "*" when OPTIONS asks about the server itself. */
function pathOf(method: string, written: string): string {
  if (written === "") return method === "OPTIONS" ? "*" : "/";
  return written.charCodeAt(0) === SLASH ? written : `/${written}`;
}

function authorityEnd(target: string, start: number): number {
  for (let i = start; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === SLASH || code === 0x3f || code === 0x23) return i;
  }
  return target.length;
}

function endOf(text: string, mark: string): number {
  const at = text.indexOf(mark);
  return at < 0 ? text.length : at;
}

/** 1 to 65535, 0 for none, -1 for what is no port. Leading zeros would be a second way to write one. */
function parsePort(digits: string): number {
  if (digits === "") return 0;
  const port = PORT.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65535 ? port : -1;
}

/** reg-name (RFC 3986 §3.2.2) but for the comma, which those who join lines read as a list, and never empty. */
function isRegName(text: string): boolean {
  return text.length <= LONGEST_NAME && REG_NAME.test(text);
}

/** IPv6address, with the zone of RFC 6874 (%25eth0) if there is one. */
function isIpv6Literal(text: string): boolean {
  const zone = text.indexOf("%25");
  if (zone < 0) return isIpv6(text);
  return ZONE.test(text.slice(zone + 3)) && isIpv6(text.slice(0, zone));
}

/** A name has at most 255 bytes (RFC 1035 §3.1); each may be written as an escape of three. */
const LONGEST_NAME = 3 * 255;
const REG_NAME = /^(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+$/;
const ZONE = /^[A-Za-z0-9._~-]{1,64}$/;
const PORT = /^[0-9]{1,5}$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
