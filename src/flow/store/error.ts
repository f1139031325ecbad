// What can be wrong with a session file, in one line that says what to do.
export type StoreErrorCode =
  | "not-found"
  | "not-a-session"
  | "other-version"
  | "unwritable"
  | "unreadable"
  | "disk-full"
  | "in-use"
  | "broken";

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = "StoreError";
    this.code = code;
  }
}

/** Turns whatever SQLite or the file system threw about `file` into a StoreError. */
export function storeError(file: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("SQLITE_FULL") || code === "ENOSPC" || code === "EDQUOT")
    return new StoreError("disk-full", `the disk is full: nothing can be written to ${file}`);
  if (code.startsWith("SQLITE_NOTADB")) return new StoreError("not-a-session", `${file} is not a waylay session`);
  if (code.startsWith("SQLITE_CORRUPT"))
    return new StoreError(
      "broken",
      `the session ${file} is damaged (${message}); record to another one with --session`,
    );
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return new StoreError("in-use", `the session ${file} is locked by another program`);
  if (code === "ENOENT") return new StoreError("not-found", `there is no ${file}`);
  if (
    code.startsWith("SQLITE_READONLY") ||
    code === "EACCES" ||
    code === "EPERM" ||
    code === "EROFS" ||
    code === "EISDIR"
  )
    return new StoreError("unwritable", `cannot write to ${file}: ${REASONS[code] ?? message}`);
  return new StoreError("broken", `cannot use the session ${file}: ${message}`);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  EISDIR: "it is a folder",
};
