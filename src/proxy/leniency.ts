import type { LenientHost } from "../config.ts";
import { compilePattern } from "../match/compile.ts";
import type { Leniency } from "../wire/http1/limits.ts";

/**
 * What the user allowed for a host (`--lenient`). Only where the host is known before a request is read, in a tunnel or in
 * reverse mode: a head that has two readings must not say itself which one counts.
 */
export function leniencyFor(host: string | null, allowed: readonly LenientHost[]): Leniency {
  if (host === null || allowed.length === 0) return STRICT;
  const matches = (glob: string) => compilePattern({ kind: "glob", parts: glob.split("*") }, false)(host);
  return { obsFoldInRequests: allowed.some(({ host: glob, allow }) => allow === "obs-fold" && matches(glob)) };
}

const STRICT: Leniency = {};
