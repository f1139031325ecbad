// Who may come in at the UI port: pure decisions on a request's fields.
import { createHash, timingSafeEqual } from "node:crypto";
import { isAddress } from "../config/units.ts";

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403 | 415 | 421;
  readonly message: string;
}

export interface Asked {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site, which browsers set and pages cannot. */
  readonly site: string | undefined;
  readonly contentType: string | undefined;
  /** Whatever was shown as token: cookie, Authorization, query. */
  readonly token: string | undefined;
}

export interface House {
  /** The address it is bound to. */
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** Null lets the request in. Asked in this order, so that a foreign page learns nothing of tokens. */
export function refusal(house: House, asked: Asked): Refusal | null {
  if (!isOurHost(house, asked.host)) {
    return { status: 421, message: "this is waylay's own port; it answers to its address alone" };
  }
  if (asked.origin !== undefined && !isOurOrigin(house, asked.origin)) {
    return { status: 403, message: "requests of other sites' pages are refused" };
  }
  if (asked.site === "cross-site" || asked.site === "same-site") {
    return { status: 403, message: "requests of other sites' pages are refused" };
  }
  if (!isSame(asked.token, house.token)) {
    return { status: 401, message: "open the address that waylay printed, token and all (waylay ctl status shows it)" };
  }
  if (asked.method === "POST" && !/^application\/json\s*(;|$)/i.test(asked.contentType ?? "")) {
    return { status: 415, message: "a request is application/json" };
  }
  return null;
}

/** The cookie's name carries the port: cookies are shared among the ports of a host, and two waylays must not take turns. */
export function cookieName(port: number): string {
  return `waylay-${port}`;
}

/** A name that somebody else's DNS made ours (rebinding) is no address of ours. */
function isOurHost({ host, port }: House, asked: string | undefined): boolean {
  const parts = /^(\[[0-9a-f:.]+\]|[^:]+)(?::(\d+))?$/i.exec(asked ?? "");
  if (parts === null || Number(parts[2] ?? 80) !== port) return false;
  const name = parts[1]!.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (name === "localhost" || name === host.toLowerCase()) return true;
  if (host === "0.0.0.0" || host === "::") return isAddress(name);
  return name === "127.0.0.1" || name === "::1";
}

function isOurOrigin(house: House, origin: string): boolean {
  return origin.startsWith("http://") && isOurHost(house, origin.slice("http://".length));
}

/** Takes as long whatever the difference. */
function isSame(asked: string | undefined, token: string): boolean {
  if (asked === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(asked), digest(token));
}
