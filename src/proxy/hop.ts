// What a proxy must take out of a head before it goes on (RFC 9110 §7.6.1), and nothing else.
import {
  F_CONNECTION,
  F_CONTENT_LENGTH,
  F_HOST,
  F_TE,
  F_TRANSFER_ENCODING,
  F_UPGRADE,
  type Fields,
} from "../wire/http1/fields.ts";

/** What the Connection fields of a head say. */
export interface Hop {
  /** Lower-case names of fields that go with their nomination; null when there are none. */
  readonly nominated: ReadonlySet<string> | null;
  /** What the first Connection field's value becomes: null leaves every Connection line as it came, "" takes all out. */
  readonly connection: string | null;
  /** What TE becomes: null leaves it as it came or has none, "" takes it out. */
  readonly te: string | null;
  /** Upgrade and its nomination go on: a protocol that a proxy can carry was asked for. */
  readonly upgrade: boolean;
}

/** `Fields.seen` of a head that has anything for a proxy to think about here. */
const SPECIAL = (1 << F_CONNECTION) | (1 << F_TE) | (1 << F_UPGRADE);

/** Nothing nominated, nothing to change: the head may go as it came. Shared, since nearly every head is like this. */
const PLAIN: Hop = { nominated: null, connection: null, te: null, upgrade: false };

/**
 * `h2c` (RFC 9113 §3.1 dropped it) and `TLS/x` (RFC 2817) would change what the connection itself speaks, behind the
 * proxy's back; any other token is carried.
 */
const UPGRADES_KEPT_BACK = /^(h2c|tls\/.*)$/i;

export function hopOf(fields: Fields): Hop {
  const { seen } = fields;
  if ((seen & SPECIAL) === 0) return PLAIN;
  let at = fields.indexOfId(F_CONNECTION);
  if (at < 0) return bare(fields);
  // The commonest heads say keep-alive or close and mean just that.
  if ((seen & SPECIAL) === 1 << F_CONNECTION && fields.indexOfId(F_CONNECTION, at + 1) < 0) {
    const value = fields.value(at).toLowerCase();
    if (value === "keep-alive" || value === "close") return PLAIN;
  }

  const tokens: string[] = [];
  for (; at >= 0; at = fields.indexOfId(F_CONNECTION, at + 1)) {
    for (const token of fields.value(at).split(",")) if (token.trim() !== "") tokens.push(token.trim());
  }
  const upgrade = tokens.some(token => token.toLowerCase() === "upgrade") && carriedUpgrade(fields);
  const te = teOf(fields);
  const nominated = new Set<string>();
  const kept: string[] = [];
  for (const token of tokens) {
    const name = token.toLowerCase();
    if (name === "close" || name === "keep-alive") kept.push(token);
    else if (name === "upgrade") {
      if (upgrade) kept.push(token);
    } else if (name === "te") {
      if (te !== "") kept.push(token);
    } else if (!isEndToEnd(name)) nominated.add(name);
  }
  return {
    nominated: nominated.size === 0 ? null : nominated,
    connection: kept.length === tokens.length ? null : kept.join(", "),
    te,
    upgrade,
  };
}

/** No Connection field: TE and Upgrade without nomination were meant for nobody behind us. */
function bare(fields: Fields): Hop {
  return { nominated: null, connection: null, te: fields.indexOfId(F_TE) < 0 ? null : "", upgrade: false };
}

/** Nominating these would let a client hide how a message is framed or routed (RFC 9110 §7.6.1). */
function isEndToEnd(name: string): boolean {
  return name === "content-length" || name === "transfer-encoding" || name === "host";
}

/** Ids of the fields that a nomination never takes out. */
export function isFraming(id: number): boolean {
  return id === F_CONTENT_LENGTH || id === F_TRANSFER_ENCODING || id === F_HOST;
}

/** `trailers` goes on, nominated (RFC 9110 §10.1.4); codings were meant for us. */
function teOf(fields: Fields): string | null {
  const values = fields.getAll("te");
  if (values.length === 0) return null;
  const members = values.join(",").split(",");
  const trailers = members.some(member => member.trim().toLowerCase() === "trailers");
  if (!trailers) return "";
  return members.length === 1 ? null : "trailers";
}

function carriedUpgrade(fields: Fields): boolean {
  const tokens = fields
    .getAll("upgrade")
    .join(",")
    .split(",")
    .map(token => token.trim())
    .filter(token => token !== "");
  return tokens.length > 0 && !tokens.some(token => UPGRADES_KEPT_BACK.test(token));
}
