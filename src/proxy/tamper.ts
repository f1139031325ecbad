import type { Fault } from "../rules/plan.ts";

/** A fault in the middle of a response's content. */
export class Tamper {
  private readonly fault: Extract<Fault, { afterBytes: number } | { everyBytes: number }>;
  private seenBytes = 0;

  constructor(fault: Extract<Fault, { afterBytes: number } | { everyBytes: number }>) {
    this.fault = fault;
  }

  /** What of these content bytes goes on: null ends the message here and now, after `take` bytes of it. */
  touch(
    buf: Buffer,
    start: number,
    end: number,
  ): { readonly bytes: Buffer; readonly cut: "truncate" | "reset" | null } {
    const before = this.seenBytes;
    this.seenBytes += end - start;
    const bytes = buf.subarray(start, end);
    const { fault } = this;
    if (fault.kind === "corrupt") return { bytes: corrupt(bytes, before, fault.everyBytes), cut: null };
    if (this.seenBytes < fault.afterBytes) return { bytes, cut: null };
    return {
      bytes: bytes.subarray(0, Math.max(0, fault.afterBytes - before)),
      cut: fault.kind === "truncate" ? "truncate" : "reset",
    };
  }
}

/** Flips the lowest bit of each `every`th byte of the content. */
function corrupt(bytes: Buffer, before: number, every: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = every - 1 - (before % every); at < copy.length; at += every) copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
