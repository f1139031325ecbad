// Small work on byte ranges.

import { LF } from "./ascii.ts";

const SHORT = 64;

/**
 * Index just after the last LF in buf[from, to), or -1. Looks at a few bytes itself, since a head mostly ends where the
 * read ends; the rest is memrchr, so a body of 64 KB behind a head costs 2 us and not 60.
 */
export function afterLastLf(buf: Buffer, from: number, to: number): number {
  const near = to - from > SHORT ? to - SHORT : from;
  for (let i = to - 1; i >= near; i--) if (buf[i] === LF) return i + 1;
  if (near === from) return -1;
  const at = buf.subarray(from, near).lastIndexOf(LF);
  return at < 0 ? -1 : from + at + 1;
}
