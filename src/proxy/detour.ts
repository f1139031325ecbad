// Another way for a request than its target says: what a rule's `request.to` and `connection` come to.
import type { TlsTerms } from "../net/tls-client.ts";
import { type Route, type RouteSettings, type Via, withKey } from "./route.ts";

/** What may be changed about a route; what is undefined stays. */
export interface Detour {
  readonly scheme?: "http" | "https" | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly dial?: { readonly host: string; readonly port?: number | undefined } | undefined;
  readonly sni?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly terms?: TlsTerms | undefined;
  /** `http://`, `https://` or `socks5://` and `USER:PASSWORD@HOST:PORT`, or `direct`. */
  readonly upstream?: string | undefined;
  readonly connectMs?: number | undefined;
}

/** The route that a detour makes of one. Throws an Error for an upstream proxy that cannot be used. */
export function reroute(route: Route, settings: RouteSettings, to: Detour): Route {
  const secure = to.scheme === undefined ? route.secure : to.scheme === "https";
  const host = to.host ?? route.host;
  // Another scheme brings its own port, but a port that somebody chose stays.
  const port = to.port ?? (route.port === portOf(route.secure) ? portOf(secure) : route.port);
  return withKey({
    secure,
    host,
    port,
    unix: to.host === undefined ? route.unix : null,
    via: to.upstream === undefined ? route.via : viaOf(to.upstream, settings),
    insecure: secure && (to.insecure ?? (route.insecure || settings.insecure(host))),
    dial: to.dial === undefined ? route.dial : { host: to.dial.host, port: to.dial.port ?? port },
    sni: to.sni ?? route.sni,
    terms: to.terms ?? route.terms,
    connectMs: to.connectMs ?? route.connectMs,
  });
}

function portOf(secure: boolean): number {
  return secure ? 443 : 80;
}

function viaOf(text: string, settings: RouteSettings): Via | null {
  if (text === "direct") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined || url.hostname === "") {
    throw new Error(`${text} is no upstream proxy: write http://, https:// or socks5:// and HOST:PORT, or direct`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    scheme,
    host,
    port: url.port === "" ? PORTS[scheme] : Number(url.port),
    unix: null,
    login: url.username === "" ? null : login,
    insecure: settings.insecure(host),
  };
}

/** `socks5h` is how some say that the proxy resolves names; with us it always does. */
const SCHEMES: Readonly<Record<string, Via["scheme"]>> = {
  "http:": "http",
  "https:": "https",
  "socks5:": "socks5",
  "socks5h:": "socks5",
};

const PORTS: Readonly<Record<Via["scheme"], number>> = { http: 80, https: 443, socks5: 1080 };
