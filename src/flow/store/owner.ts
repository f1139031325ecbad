// One writer a session: flow ids are counted in the writer's memory, so that two would write over each other.
import { readFileSync } from "node:fs";
import type Database from "libsql";
import { StoreError } from "./error.ts";

/** Notes process `pid` as the session's writer. Throws StoreError if another one is and still runs. */
export function claim(db: Database.Database, file: string, pid: number): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const writer = writerOf(db);
    if (writer !== null && writer !== pid)
      throw new StoreError("in-use", `${file} is being recorded to by process ${writer}; name another --session`);
    db.prepare("INSERT OR REPLACE INTO meta VALUES ('writer', ?)").run([String(pid)]);
  } finally {
    db.exec("COMMIT");
  }
}

/** The process that records to the session; null if none does that still runs. */
export function writerOf(db: Database.Database): number | null {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'writer'").get() as { value: string } | undefined;
  const writer = Number(row?.value ?? 0);
  return writer > 0 && isNode(writer) ? writer : null;
}

/** The session has no writer any more. After a crash nobody says so, and the next writer finds the process gone. */
export function release(db: Database.Database): void {
  db.exec("DELETE FROM meta WHERE key = 'writer'");
}

/** Whether the process runs. Linux can tell a process of ours from a stranger that was given the number of one that crashed. */
function isNode(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  try {
    return /node|waylay/.test(readFileSync(`/proc/${pid}/cmdline`, "latin1"));
  } catch {
    return true;
  }
}
