// Old sessions go when all together take too much. The newest stay, and none that is being recorded to goes.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writerOf } from "./owner.ts";
import { openForReading } from "./schema.ts";

/** Beside a session stand its write-ahead log and the log's index. */
const FILES_OF_ONE = ["", "-wal", "-shm"];

/**
 * Removes the oldest sessions of a folder until the rest take no more than `maxBytes`; answers what was removed. `live` (a path) stays, as do
 * sessions that another process records to, and files that are no sessions of this version.
 */
export function pruneSessions(folder: string, maxBytes: number, live: string): string[] {
  const sessions = sessionsIn(folder);
  let total = sessions.reduce((sum, session) => sum + session.bytes, 0);
  const removed: string[] = [];
  for (const { file, bytes } of sessions) {
    if (total <= maxBytes) break;
    if (file === live || !isForgettable(file)) continue;
    for (const suffix of FILES_OF_ONE) rmSync(file + suffix, { force: true });
    removed.push(file);
    total -= bytes;
  }
  return removed;
}

/** The sessions of a folder with their sizes, oldest first: their names begin with their date. */
function sessionsIn(folder: string): { file: string; bytes: number }[] {
  const names = readdirSync(folder).filter(name => name.endsWith(".waylay"));
  return names.sort().map(name => {
    const file = join(folder, name);
    return { file, bytes: FILES_OF_ONE.reduce((sum, suffix) => sum + sizeOf(file + suffix), 0) };
  });
}

function isForgettable(file: string): boolean {
  try {
    const db = openForReading(file);
    try {
      return writerOf(db) === null;
    } finally {
      db.close();
    }
  } catch {
    // What cannot be read as a session may be anything, and is not ours to remove.
    return false;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
