// `-m MODE`: what a listener does and where it listens, as data.

import { ConfigError } from "./error.ts";
import { parsePort } from "./units.ts";

/** Where a listener is bound. `named` is whether a person asked for this port: a default one may move to the next free. */
export type Listen = TcpListen | UnixListen;
export interface TcpListen {
  readonly host: string;
  readonly port: number;
  readonly named: boolean;
}
export interface UnixListen {
  readonly unix: string;
}

/** Where a reverse or upstream mode sends everything. `host` is without brackets, "" for a Unix socket. */
export interface ModeTarget {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly unix?: string;
}

export type Mode =
  | { readonly kind: "regular"; readonly text: string; readonly listen: Listen }
  | { readonly kind: "socks5"; readonly text: string; readonly listen: Listen }
  | { readonly kind: "transparent"; readonly text: string; readonly listen: Listen }
  | { readonly kind: "reverse"; readonly text: string; readonly listen: Listen; readonly target: ModeTarget }
  | { readonly kind: "upstream"; readonly text: string; readonly listen: Listen; readonly target: ModeTarget };

export type ModeKind = Mode["kind"];

const KINDS = "regular, socks5, reverse:URL, upstream:URL, transparent";

/**
 * The `-m` options in their order. The first without a listener of its own takes `fallback` (that is `--host` and
 * `--port`); a second without one is an error.
 */
export function parseModes(texts: readonly string[], fallback: TcpListen, where = "--mode"): Mode[] {
  let fallbackTakenBy: string | undefined;
  return texts.map(text => {
    const { spec, listen } = splitListener(text, fallback.host, where);
    if (listen) return parseMode(spec, text, listen, where);
    if (fallbackTakenBy !== undefined) {
      throw new ConfigError(
        where,
        `"${text}" needs a listener of its own, as in ${text}@${fallback.port + 1}: "${fallbackTakenBy}" has --port`,
      );
    }
    fallbackTakenBy = text;
    return parseMode(spec, text, fallback, where);
  });
}

/** What follows the last `@` is a listener if it is PORT, ADDR:PORT or unix:PATH; anything else belongs to the URL. */
function splitListener(text: string, defaultHost: string, where: string): { spec: string; listen: Listen | undefined } {
  const at = text.lastIndexOf("@");
  const tail = at < 0 ? "" : text.slice(at + 1);
  const spec = text.slice(0, at < 0 ? undefined : at);
  if (at < 0) return { spec: text, listen: undefined };

  if (tail.startsWith("unix:")) {
    const path = tail.slice("unix:".length);
    if (!path) throw new ConfigError(where, `"${text}": unix: wants a path, as in ${spec}@unix:/tmp/waylay.sock`);
    if (Buffer.byteLength(path) > UNIX_PATH_MAX) {
      throw new ConfigError(where, `"${text}": a socket's path has at most ${UNIX_PATH_MAX} bytes`);
    }
    return { spec, listen: { unix: path } };
  }
  const tcp = /^(?:(\[[0-9a-f:.%]+\]|\d+\.\d+\.\d+\.\d+|localhost):)?(\d+)$/i.exec(tail);
  if (!tcp) return { spec: text, listen: undefined };
  const port = parsePort(tcp[2]!);
  if (port === undefined) throw new ConfigError(where, `"${text}": ${tcp[2]} is no port (0 to 65535)`);
  const host = tcp[1]?.replace(/^\[|\]$/g, "") ?? defaultHost;
  return { spec, listen: { host, port, named: true } };
}

/** The kernel's limit is 107 bytes, and Node cuts a longer path silently. */
export const UNIX_PATH_MAX = 100;

function parseMode(spec: string, text: string, listen: Listen, where: string): Mode {
  const colon = spec.indexOf(":");
  const kind = colon < 0 ? spec : spec.slice(0, colon);
  const rest = colon < 0 ? undefined : spec.slice(colon + 1);
  switch (kind) {
    case "regular":
    case "socks5":
    case "transparent":
      if (rest !== undefined)
        throw new ConfigError(where, `"${text}": ${kind} takes no URL; did you mean ${kind}@${rest}?`);
      return { kind, text, listen };
    case "reverse":
    case "upstream":
      if (!rest) throw new ConfigError(where, `"${text}": ${kind} wants a URL, as in ${kind}:http://127.0.0.1:3000`);
      return { kind, text, listen, target: parseTarget(kind, rest, text, where) };
    default:
      throw new ConfigError(where, `"${text}" is no mode; there are ${KINDS}`);
  }
}

function parseTarget(kind: "reverse" | "upstream", url: string, text: string, where: string): ModeTarget {
  if (url.startsWith("unix:")) {
    const path = url.slice("unix:".length);
    if (!path.startsWith("/")) throw new ConfigError(where, `"${text}": unix: wants an absolute path`);
    return { scheme: "http", host: "", port: 0, unix: path };
  }
  const parts = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(url);
  if (!parts)
    throw new ConfigError(where, `"${text}": ${kind} wants http://HOST[:PORT], https://HOST[:PORT] or unix:/PATH`);
  const [, scheme, authority, path] = parts as unknown as [string, string, string, string];
  if (authority.includes("@")) {
    // An argument is seen by everybody in the process list.
    const instead = kind === "upstream" ? "; use --upstream-auth-file FILE or WAYLAY_UPSTREAM_AUTH" : "";
    throw new ConfigError(where, `${kind}: credentials never go in an argument${instead}`);
  }
  if (path !== "" && path !== "/")
    throw new ConfigError(where, `"${text}": a path is not taken here, only a host and a port`);
  const secure = scheme.toLowerCase() === "https";
  const [host, portText] = splitAuthority(authority);
  const port = portText === undefined ? (secure ? 443 : 80) : parsePort(portText);
  if (!host || !/^[^\s\\,@"<>]+$/.test(host)) throw new ConfigError(where, `"${text}": "${authority}" is no host`);
  if (!port) throw new ConfigError(where, `"${text}": "${portText}" is no port (1 to 65535)`);
  return { scheme: secure ? "https" : "http", host, port };
}

function splitAuthority(authority: string): [host: string, port: string | undefined] {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(.*))?$/i.exec(authority);
  return match ? [match[1] ?? match[2]!, match[3]] : ["", undefined];
}
