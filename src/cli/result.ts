// Results that may be large, to a file or to standard output, a piece at a time.

import { closeSync, openSync, writeSync } from "node:fs";
import { CommandError } from "./command.ts";
import type { Io } from "./io.ts";

/** What may wait for a slow reader before the next piece is made. */
const WAITING_MAX = 1 << 20;

/** Writes to `file` (mode 0600: flows hold secrets), or to standard output when none was named or it is `-`. */
export async function writeResult(
  io: Io,
  file: string | undefined,
  pieces: Iterable<string | Uint8Array>,
): Promise<void> {
  if (file !== undefined && file !== "-") return writeFile(file, pieces);
  for (const piece of pieces) {
    if (typeof piece === "string") io.out(piece);
    else io.outBytes(piece);
    if (io.outWaiting > WAITING_MAX) await io.outTaken();
  }
}

function writeFile(file: string, pieces: Iterable<string | Uint8Array>): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "w", 0o600);
    for (const piece of pieces) {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    }
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new CommandError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`, 1, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
