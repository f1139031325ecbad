// Transfer codings (RFC 9112 §7, IANA's registry): which are known. Only chunked frames; the others are carried.

import { equalsLower } from "../ascii.ts";

export const CODING_UNKNOWN = 0;
export const CODING_CHUNKED = 1;
export const CODING_COMPRESSED = 2;

const COMPRESSED = ["gzip", "x-gzip", "deflate", "compress", "x-compress"] as const;

/** The coding named in buf[start, end), in any case. */
export function codingOf(buf: Buffer, start: number, end: number): number {
  if (equalsLower(buf, start, end, "chunked")) return CODING_CHUNKED;
  for (const name of COMPRESSED) if (equalsLower(buf, start, end, name)) return CODING_COMPRESSED;
  return CODING_UNKNOWN;
}
