// Method names: the common ones are found in the bytes, so that the hot path makes no string for them.

import { equalsExactly } from "../ascii.ts";

const COMMON = ["GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"] as const;

/** The method in buf[start, end), as written: methods are case-sensitive (RFC 9110 §9.1). */
export function methodName(buf: Buffer, start: number, end: number): string {
  for (const name of COMMON) if (equalsExactly(buf, start, end, name)) return name;
  return buf.toString("latin1", start, end);
}
