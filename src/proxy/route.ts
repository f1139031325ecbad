// Where a request goes: a pure decision from the listener's mode, the tunnel it came through and its target.
import type { Mode, ModeTarget } from "../config/modes.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { formatAuthority, parseTarget, type Target, type TargetFault } from "../wire/target.ts";

/** The authority that a CONNECT named, or that a listener stands for. */
export interface Tunnel {
  readonly host: string;
  readonly port: number;
}

/** An upstream proxy on the way. */
export interface Via {
  readonly host: string;
  readonly port: number;
  readonly unix: string | null;
  /** TLS is spoken with the proxy itself. */
  readonly secure: boolean;
  /** The value of Proxy-Authorization, or "". */
  readonly authorization: string;
}

/** Everything that two requests must share to share a connection. */
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
}

/** What a rule may change about a route; what is undefined stays. */
export interface Detour {
  readonly scheme?: "http" | "https" | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly dial?: { readonly host: string; readonly port?: number | undefined } | undefined;
  readonly sni?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** `http://HOST:PORT`, or `direct`. */
  readonly upstream?: string | undefined;
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
  return withKey({ secure, host, port, unix, via, insecure, dial: null, sni: null });
}

/** The route that a rule makes of one. */
export function reroute(route: Route, settings: RouteSettings, to: Detour): Route {
  const secure = to.scheme === undefined ? route.secure : to.scheme === "https";
  const host = to.host ?? route.host;
  const port = to.port ?? (to.scheme === undefined ? route.port : secure ? 443 : 80);
  return withKey({
    secure,
    host,
    port,
    unix: to.host === undefined ? route.unix : null,
    via: to.upstream === undefined ? route.via : viaOf(to.upstream),
    insecure: secure && (to.insecure ?? (route.insecure || settings.insecure(host))),
    dial: to.dial === undefined ? route.dial : { host: to.dial.host, port: to.dial.port ?? port },
    sni: to.sni ?? route.sni,
  });
}

function withKey(parts: Omit<Route, "key" | "authority">): Route {
  const { secure, host, port, unix, via, insecure, dial, sni } = parts;
  const way = [
    via === null ? "" : `${via.host}:${via.port}`,
    dial === null ? "" : `${dial.host}:${dial.port}`,
    sni ?? "-",
  ];
  return {
    ...parts,
    key: `${secure ? "s" : "p"}${insecure ? "!" : ""}|${unix ?? `${host.toLowerCase()}|${port}`}|${way.join("|")}`,
    authority: unix === null ? formatAuthority({ host, port }, secure ? 443 : 80) : "localhost",
  };
}

/** The upstream proxy that a rule names. Throws an Error for what is none. */
function viaOf(text: string): Via | null {
  if (text === "direct") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== "http:") {
    throw new Error(`the upstream proxy ${text} cannot be used: this version speaks to http:// proxies only`);
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 80 : Number(url.port),
    unix: null,
    secure: false,
    authorization: url.username === "" ? "" : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

function sameHost(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function refuse(code: RefusalCode, message: string, defect?: string): Destination {
  return { kind: "refuse", code, message, ...(defect === undefined ? {} : { defect }) };
}
