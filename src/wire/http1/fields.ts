// The field section of a head or a trailer section: offsets into the bytes that came, and nothing else until somebody
// asks. Well-known names have small integers, found by length and first letter, so that the hot path never makes a string.

import { equalsLower } from "../ascii.ts";

/** Index of a well-known field name, 0 for any other. */
export type FieldId = number;

// The first 30 have a bit in `Fields.seen`: what framing, routing and the proxy's own duties ask about on every head.
const NAMES = [
  "",
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "proxy-authenticate",
  "max-forwards",
  "http2-settings",
  "alt-svc",
  "authorization",
  "cookie",
  "set-cookie",
  "content-type",
  "content-encoding",
  "content-range",
  "www-authenticate",
  "proxy-authentication-info",
  "authentication-info",
  "location",
  "refresh",
  "range",
  "cache-control",
  "accept-encoding",
  "sec-websocket-extensions",
  "accept",
  "accept-language",
  "user-agent",
  "referer",
  "origin",
  "date",
  "server",
  "etag",
  "last-modified",
  "if-none-match",
  "if-modified-since",
  "vary",
  "age",
  "expires",
  "pragma",
  "via",
  "forwarded",
  "x-forwarded-for",
  "link",
  "retry-after",
  "content-disposition",
  "content-language",
  "content-location",
  "content-security-policy",
  "strict-transport-security",
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-request-method",
  "access-control-request-headers",
  "sec-websocket-key",
  "sec-websocket-accept",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "x-requested-with",
  "upgrade-insecure-requests",
  "accept-ranges",
] as const;

export const F_HOST = idOf("host");
export const F_CONTENT_LENGTH = idOf("content-length");
export const F_TRANSFER_ENCODING = idOf("transfer-encoding");
export const F_CONNECTION = idOf("connection");
export const F_UPGRADE = idOf("upgrade");
export const F_EXPECT = idOf("expect");
export const F_TE = idOf("te");
export const F_TRAILER = idOf("trailer");
export const F_KEEP_ALIVE = idOf("keep-alive");
export const F_PROXY_CONNECTION = idOf("proxy-connection");
export const F_PROXY_AUTHORIZATION = idOf("proxy-authorization");
export const F_PROXY_AUTHENTICATE = idOf("proxy-authenticate");
export const F_MAX_FORWARDS = idOf("max-forwards");
export const F_HTTP2_SETTINGS = idOf("http2-settings");
export const F_ALT_SVC = idOf("alt-svc");
export const F_AUTHORIZATION = idOf("authorization");
export const F_COOKIE = idOf("cookie");
export const F_SET_COOKIE = idOf("set-cookie");
export const F_CONTENT_TYPE = idOf("content-type");
export const F_CONTENT_ENCODING = idOf("content-encoding");
export const F_CONTENT_RANGE = idOf("content-range");
export const F_WWW_AUTHENTICATE = idOf("www-authenticate");
export const F_LOCATION = idOf("location");
export const F_REFRESH = idOf("refresh");
export const F_RANGE = idOf("range");
export const F_CACHE_CONTROL = idOf("cache-control");
export const F_ACCEPT_ENCODING = idOf("accept-encoding");
export const F_SEC_WEBSOCKET_EXTENSIONS = idOf("sec-websocket-extensions");
export const F_SEC_WEBSOCKET_KEY = idOf("sec-websocket-key");
export const F_SEC_WEBSOCKET_PROTOCOL = idOf("sec-websocket-protocol");
export const F_USER_AGENT = idOf("user-agent");
export const F_DATE = idOf("date");

/** How many integers a field takes in `Fields`: name start, name end, value start, value end, id and flags. */
export const STRIDE = 5;
/** Set beside the id when the value goes on over several lines (obs-fold). */
export const FOLDED = 0x100;
const ID_MASK = 0xff;
/** Ids up to this one have a bit in `seen`. */
export const LAST_BIT = 30;

/** The fields of one head or trailer section, in the order and the bytes that they came in. */
export class Fields {
  readonly buf: Buffer;
  readonly count: number;
  /** Bit `1 << id` for each well-known field up to LAST_BIT that is there. */
  readonly seen: number;
  /** Offset in buf of the empty line behind the last field. */
  readonly end: number;
  readonly #base: number;
  readonly #ints: readonly number[];

  /** `ints`: STRIDE integers a field, as offsets from `base`. */
  constructor(buf: Buffer, base: number, end: number, ints: readonly number[], seen: number) {
    this.buf = buf;
    this.#base = base;
    this.end = end;
    this.#ints = ints;
    this.count = ints.length / STRIDE;
    this.seen = seen & ~1; // id 0 is any other name
  }

  id(i: number): FieldId {
    return this.#ints[i * STRIDE + 4] & ID_MASK;
  }

  nameStart(i: number): number {
    return this.#base + this.#ints[i * STRIDE];
  }

  nameEnd(i: number): number {
    return this.#base + this.#ints[i * STRIDE + 1];
  }

  /** The value without the white space around it. */
  valueStart(i: number): number {
    return this.#base + this.#ints[i * STRIDE + 2];
  }

  valueEnd(i: number): number {
    return this.#base + this.#ints[i * STRIDE + 3];
  }

  lineStart(i: number): number {
    return this.nameStart(i);
  }

  /** End of the field's line, its line end included (its last line when it is folded). */
  lineEnd(i: number): number {
    return i + 1 < this.count ? this.nameStart(i + 1) : this.end;
  }

  /** Whether the value goes on over several lines (obs-fold). */
  folded(i: number): boolean {
    return (this.#ints[i * STRIDE + 4] & FOLDED) !== 0;
  }

  nameLength(i: number): number {
    return this.nameEnd(i) - this.nameStart(i);
  }

  /** The name as it was written. */
  name(i: number): string {
    return this.buf.toString("latin1", this.nameStart(i), this.nameEnd(i));
  }

  /** The value, one char a byte (latin1); each fold is one space (RFC 9112 §5.2). */
  value(i: number): string {
    const raw = this.buf.toString("latin1", this.valueStart(i), this.valueEnd(i));
    return this.folded(i) ? raw.replace(FOLD, " ") : raw;
  }

  /** Whether field i has that name, in any case. */
  is(i: number, name: string): boolean {
    const lower = name.toLowerCase();
    const known = idOfName(lower);
    return known !== 0 ? this.id(i) === known : this.id(i) === 0 && this.#hasName(i, lower);
  }

  /** The first value of that name, in any case. */
  get(name: string): string | undefined {
    const i = this.indexOf(name);
    return i < 0 ? undefined : this.value(i);
  }

  /** Every value of that name, in order, one a line. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (let i = this.indexOf(name); i >= 0; i = this.indexOf(name, i + 1)) values.push(this.value(i));
    return values;
  }

  has(name: string): boolean {
    return this.indexOf(name) >= 0;
  }

  /** Index of the first field of that name at or behind `from`, -1 when there is none. */
  indexOf(name: string, from = 0): number {
    const lower = name.toLowerCase();
    const known = idOfName(lower);
    if (known !== 0) return this.indexOfId(known, from);
    for (let i = from; i < this.count; i++) if (this.id(i) === 0 && this.#hasName(i, lower)) return i;
    return -1;
  }

  indexOfId(id: FieldId, from = 0): number {
    if (id <= LAST_BIT && (this.seen & (1 << id)) === 0) return -1;
    for (let at = from * STRIDE + 4; at < this.#ints.length; at += STRIDE) {
      if ((this.#ints[at] & ID_MASK) === id) return (at - 4) / STRIDE;
    }
    return -1;
  }

  /** [name, value] of each, as written: for the store, exports and scripts, not for the hot path. */
  pairs(): [string, string][] {
    return Array.from({ length: this.count }, (_, i) => [this.name(i), this.value(i)]);
  }

  #hasName(i: number, lower: string): boolean {
    return equalsLower(this.buf, this.nameStart(i), this.nameEnd(i), lower);
  }
}

const FOLD = /[ \t]*\r?\n[ \t]+/g;

/** The id of a name in lower case, 0 when it is not a well-known one. */
export function idOfName(lower: string): FieldId {
  return IDS.get(lower) ?? 0;
}

/** The well-known name of an id in lower case. */
export function nameOfId(id: FieldId): string {
  return NAMES[id];
}

/** The id of the name in buf[start, end), which must be a token, in any case. */
export function recognise(buf: Buffer, start: number, end: number): FieldId {
  const length = end - start;
  if (length > LONGEST) return 0;
  let id = FIRST[bucket(length, buf[start])];
  while (id !== 0 && !equalsLower(buf, start, end, NAMES[id])) id = NEXT[id];
  return id;
}

function idOf(name: (typeof NAMES)[number]): FieldId {
  return NAMES.indexOf(name);
}

const IDS = new Map<string, FieldId>(NAMES.map((name, id) => [name, id]));
const LONGEST = Math.max(...NAMES.map(name => name.length));
/** By length and first letter: the first id of the chain, which goes on in NEXT. */
const FIRST = new Uint8Array((LONGEST + 1) << 5);
const NEXT = new Uint8Array(NAMES.length);
for (let id = NAMES.length - 1; id > 0; id--) {
  const at = bucket(NAMES[id].length, NAMES[id].charCodeAt(0));
  NEXT[id] = FIRST[at];
  FIRST[at] = id;
}

function bucket(length: number, firstByte: number): number {
  return (length << 5) | (firstByte & 31);
}
