// A field as HPACK carries it, with what must be known of its name and value worked out once: an entry of a table comes
// again with every request, and is the same object then.

import { isBlank, TEXT, TOKEN } from "../../ascii.ts";

/** What a name means to HTTP/2. */
export const N_OTHER = 0;
export const N_ILLEGAL = 1;
export const N_METHOD = 2;
export const N_SCHEME = 3;
export const N_AUTHORITY = 4;
export const N_PATH = 5;
export const N_PROTOCOL = 6;
export const N_STATUS = 7;
export const N_PSEUDO_UNKNOWN = 8;
/** Connection-specific: never in HTTP/2 (RFC 9113 §8.2.2). */
export const N_CONNECTION = 9;
export const N_TE = 10;
export const N_HOST = 11;
export const N_CONTENT_LENGTH = 12;
export const N_COOKIE = 13;

export class HpackField {
  /** One char a byte (latin1), as it came. */
  readonly name: string;
  readonly value: string;
  /** One of N_…. */
  readonly meaning: number;
  /** The value has no byte that no value may have, and no blanks around it (RFC 9113 §8.2.1). */
  readonly clean: boolean;
  /** RFC 7541 §7.1.3: whoever sends it on may not index it either. */
  readonly never: boolean;

  constructor(name: string, value: string, never = false, meaning = meaningOf(name)) {
    this.name = name;
    this.value = value;
    this.meaning = meaning;
    this.clean = isClean(value);
    this.never = never;
  }

  /** RFC 7541 §4.1. */
  get sizeBytes(): number {
    return this.name.length + this.value.length + ENTRY_OVERHEAD;
  }
}

export const ENTRY_OVERHEAD = 32;

const MEANINGS: ReadonlyMap<string, number> = new Map([
  [":method", N_METHOD],
  [":scheme", N_SCHEME],
  [":authority", N_AUTHORITY],
  [":path", N_PATH],
  [":protocol", N_PROTOCOL],
  [":status", N_STATUS],
  ["connection", N_CONNECTION],
  ["proxy-connection", N_CONNECTION],
  ["keep-alive", N_CONNECTION],
  ["transfer-encoding", N_CONNECTION],
  ["upgrade", N_CONNECTION],
  ["te", N_TE],
  ["host", N_HOST],
  ["content-length", N_CONTENT_LENGTH],
  ["cookie", N_COOKIE],
]);

function meaningOf(name: string): number {
  const known = MEANINGS.get(name);
  if (known !== undefined) return known;
  if (name.charCodeAt(0) === 0x3a) return N_PSEUDO_UNKNOWN;
  return isLowerToken(name) ? N_OTHER : N_ILLEGAL;
}

function isLowerToken(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = name.charCodeAt(i);
    if (TOKEN[byte] !== 1 || (byte >= 0x41 && byte <= 0x5a)) return false;
  }
  return name.length > 0;
}

function isClean(value: string): boolean {
  const { length } = value;
  if (length === 0) return true;
  if (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1))) return false;
  for (let i = 0; i < length; i++) if (TEXT[value.charCodeAt(i)] !== 1) return false;
  return true;
}
