// Where a request goes: a pure decision from the listener's mode, the tunnel it came through and its target.
import type { Mode, ModeTarget } from "../config/modes.ts";
import { type TlsTerms, termsKey } from "../net/tls-client.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { formatAuthority, parseTarget, type Target, type TargetFault } from "../wire/target.ts";

/** The authority that a CONNECT named, or that a listener stands for. */
export interface Tunnel {
  readonly host: string;
  readonly port: number;
}

/** An upstream proxy on the way. */
export interface Via {
  /** What is spoken with the proxy itself. */
  readonly scheme: "http" | "https" | "socks5";
  readonly host: string;
  readonly port: number;
  readonly unix: string | null;
  readonly login: { readonly user: string; readonly password: string } | null;
  /** The certificate of an https proxy is not verified. */
  readonly insecure: boolean;
}

/** Everything that two requests must share to share a connection, told apart by `key`. */
export interface Route {
  readonly key: string;
  readonly secure: boolean;
  /** The origin, without brackets; "" behind a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** As a Host field says it: without the scheme's own port. */
  readonly authority: string;
  readonly unix: string | null;
  readonly via: Via | null;
  /** The upstream certificate is not verified. */
  readonly insecure: boolean;
  /** Dialled instead of host and port, which stay what is asked for; null: they are dialled. */
  readonly dial: Tunnel | null;
  /** The name in the client hello; null: the host. "" sends none. */
  readonly sni: string | null;
  /** How TLS is to be spoken; null: as always. */
  readonly terms: TlsTerms | null;
  /** How long connecting may take, milliseconds; null: as configured. Not part of the key: it changes no connection. */
  readonly connectMs: number | null;
}

/** The proxy on the way is asked for the resource itself, by its whole URL (RFC 9112 §3.2.2); else it makes a tunnel. */
export function isAskedThroughProxy({ via, secure, dial }: Route): boolean {
  return via !== null && via.scheme !== "socks5" && !secure && dial === null;
}

/** The value of Proxy-Authorization for the proxy on the way, or "". */
export function proxyAuthorization(via: Via | null): string {
  if (via === null || via.login === null) return "";
  const { user, password } = via.login;
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

export interface RouteSettings {
  readonly mode: Mode;
  readonly tunnel: Tunnel | null;
  /** The client speaks TLS with us. */
  readonly secure: boolean;
  readonly via: Via | null;
  /** Reverse mode: Host goes on as the client sent it. */
  readonly keepHost: boolean;
  insecure(host: string): boolean;
}

/** What is to be done with a request, as far as its target says. */
export type Destination =
  | {
      readonly kind: "forward";
      readonly route: Route;
      /** The target to send; null sends the one that came, as it came. */
      readonly target: string | null;
      /** The Host to send; null leaves the field as it came. */
      readonly host: string | null;
    }
  | { readonly kind: "connect"; readonly host: string; readonly port: number }
  /** Origin-form to a forward proxy: somebody opened the proxy's own address. */
  | { readonly kind: "direct" }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly message: string; readonly defect?: string };

export type RefusalCode = "bad-target" | "misdirected" | "connect-not-here";

export function routeRequest(settings: RouteSettings, head: RequestHead, previous: Route | null): Destination {
  const target = parseTarget(head.method, head.target);
  if (typeof target === "string") return refuse("bad-target", TARGET_FAULTS[target], target);
  if (target.form === "authority") {
    if (settings.mode.kind === "reverse" || settings.tunnel !== null) {
      return refuse("connect-not-here", "CONNECT is for a forward proxy, and this is no place for one");
    }
    return { kind: "connect", host: target.host, port: target.port };
  }
  if (settings.tunnel !== null) return throughTunnel(settings, settings.tunnel, target, previous);
  if (settings.mode.kind === "reverse") return toTarget(settings, settings.mode.target, target, previous);
  if (target.form !== "absolute") return { kind: "direct" };
  const route = reuse(previous, settings, target.scheme === "https", target.host, target.port, null);
  // RFC 9112 §3.2.2: the target's authority replaces whatever Host says.
  const agrees = head.fields.get("host") === target.authority;
  return { kind: "forward", route, target: target.path, host: agrees ? null : target.authority };
}

const TARGET_FAULTS: Readonly<Record<TargetFault, string>> = {
  "target-form": "the request target has none of the four forms (RFC 9112 §3.2)",
  "target-scheme": "the target's scheme is neither http nor https",
  "target-host": "the target names no valid host",
  "target-port": "the target's port is missing or not within 1 to 65535",
  "target-userinfo": "a user name has no place in this target",
};

/** Inside a tunnel the CONNECT's authority rules: a Host never re-routes, and a target may not name another host. */
function throughTunnel(settings: RouteSettings, tunnel: Tunnel, target: Target, previous: Route | null): Destination {
  const route = reuse(previous, settings, settings.secure, tunnel.host, tunnel.port, null);
  if (target.form !== "absolute") return { kind: "forward", route, target: asItCame(target), host: null };
  const scheme = settings.secure ? "https" : "http";
  if (target.scheme !== scheme || !sameHost(target.host, tunnel.host) || target.port !== tunnel.port) {
    return refuse(
      "misdirected",
      `the target names ${target.host}:${target.port}, the tunnel leads to ${tunnel.host}:${tunnel.port}`,
    );
  }
  return { kind: "forward", route, target: target.path, host: null };
}

function toTarget(settings: RouteSettings, to: ModeTarget, target: Target, previous: Route | null): Destination {
  const route = reuse(previous, settings, to.scheme === "https", to.host, to.port, to.unix ?? null);
  const path = target.form === "absolute" ? target.path : asItCame(target);
  const host = settings.keepHost || to.unix !== undefined ? null : route.authority;
  return { kind: "forward", route, target: path, host };
}

/** null: the target goes on in the very bytes that came. A fragment never goes on (RFC 9110 §4.2.4). */
function asItCame(target: Target): string | null {
  return target.fragment ? target.path : null;
}

/** A connection's requests mostly go where the last one went: the key is put together once. */
function reuse(
  previous: Route | null,
  settings: RouteSettings,
  secure: boolean,
  host: string,
  port: number,
  unix: string | null,
): Route {
  if (
    previous !== null &&
    previous.port === port &&
    previous.host === host &&
    previous.secure === secure &&
    previous.unix === unix
  ) {
    return previous;
  }
  return makeRoute(secure, host, port, unix, settings.via, secure && settings.insecure(host));
}

export function makeRoute(
  secure: boolean,
  host: string,
  port: number,
  unix: string | null,
  via: Via | null,
  insecure: boolean,
): Route {
  return withKey({ secure, host, port, unix, via, insecure, dial: null, sni: null, terms: null, connectMs: null });
}

/** A route from all that makes one. */
export function withKey(parts: Omit<Route, "key" | "authority">): Route {
  const { secure, host, port, unix, via, insecure, dial, sni, terms } = parts;
  const way = [
    via === null
      ? ""
      : `${via.scheme}${via.insecure ? "!" : ""}:${via.login?.user ?? ""}:${via.login?.password ?? ""}@${via.unix ?? `${via.host}:${via.port}`}`,
    dial === null ? "" : `${dial.host}:${dial.port}`,
    sni ?? "-",
    terms === null ? "" : termsKey(terms),
  ];
  return {
    ...parts,
    key: `${secure ? "s" : "p"}${insecure ? "!" : ""}|${unix ?? `${host.toLowerCase()}|${port}`}|${way.join("|")}`,
    authority: unix === null ? formatAuthority({ host, port }, secure ? 443 : 80) : "localhost",
  };
}

function sameHost(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function refuse(code: RefusalCode, message: string, defect?: string): Destination {
  return { kind: "refuse", code, message, ...(defect === undefined ? {} : { defect }) };
}
