// What a session file looks like: SQLite, told apart from other databases by its application id, and from other versions of itself by
// its user version. Both stand in the file's first hundred bytes, so that they are read without opening it as a database.
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { StoreError, storeError } from "./error.ts";

/** "WAYL" */
export const APPLICATION_ID = 0x5741594c;
export const SCHEMA_VERSION = 1;

/** How long one connection waits for another's lock: a reader in another process never stops the recording. */
export const BUSY_TIMEOUT_MS = 5000;

// One narrow row a flow, found by its id alone: every index would cost each flow what few searches gain. The bytes of a batch of flows
// stand together in one segment (place = segment * 2^32 + offset of the flow's record), so that lists and filters read little, and
// writing is sequential; sixteen rows go into a statement. Measured against other layouts in bench/store-layouts.ts.
const SCHEMA = `
  CREATE TABLE flow (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    started REAL NOT NULL,
    duration REAL,
    mode TEXT,
    scheme TEXT,
    method TEXT,
    host TEXT,
    port INTEGER,
    path TEXT,
    status INTEGER,
    reason TEXT,
    type TEXT,
    client_version INTEGER,
    server_version INTEGER,
    request_bytes INTEGER,
    response_bytes INTEGER,
    client INTEGER,
    server INTEGER,
    flags INTEGER,
    place INTEGER NOT NULL,
    timings TEXT,
    extra TEXT
  );
  CREATE TABLE segment (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE piece (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  CREATE TABLE conn (id INTEGER PRIMARY KEY, facts TEXT NOT NULL);
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
`;

export const COLUMNS = [
  "id",
  "state",
  "started",
  "duration",
  "mode",
  "scheme",
  "method",
  "host",
  "port",
  "path",
  "status",
  "reason",
  "type",
  "client_version",
  "server_version",
  "request_bytes",
  "response_bytes",
  "client",
  "server",
  "flags",
  "place",
  "timings",
  "extra",
] as const;

/** `place` = segment * PLACE_SEGMENT + offset. */
export const PLACE_SEGMENT = 2 ** 32;

/** Of 4, 16 and 64 KiB: larger pages cost fewer calls a byte, the largest make every small transaction write much (bench/store-layouts.ts). */
const PAGE_BYTES = 16384;

/** Opens a session for writing, made if it does not exist. Throws StoreError. */
export function openForWriting(file: string): Database.Database {
  try {
    const fresh = !existsSync(file) || statSync(file).size === 0;
    if (fresh) {
      if (!existsSync(dirname(file)))
        throw new StoreError("not-found", `there is no folder ${dirname(file)} to record to`);
      // Made here and not by SQLite for its mode, which the files beside it (-wal, -shm) take over.
      closeSync(openSync(file, "a", 0o600));
    } else {
      checkHeader(file);
      closeSync(openSync(file, "r+"));
    }
    const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      if (fresh) create(db);
      db.exec("PRAGMA journal_mode = WAL");
      // The kernel has the bytes once a transaction is over, so that they survive the death of the process (kill -9), though not that of the
      // machine: waiting for the disk would buy nothing that a debugging session needs.
      db.exec("PRAGMA synchronous = OFF");
      db.prepare("SELECT count(*) FROM sqlite_master").get();
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw storeError(file, error);
  }
}

/** Opens a session for reading, also while another process writes to it. Throws StoreError. */
export function openForReading(file: string): Database.Database {
  if (!existsSync(file)) throw new StoreError("not-found", `there is no session ${file}`);
  try {
    checkHeader(file);
    const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    db.exec("PRAGMA query_only = 1");
    db.prepare("SELECT count(*) FROM sqlite_master").get();
    return db;
  } catch (error) {
    throw storeError(file, error);
  }
}

/** Throws StoreError unless the file begins as a session of this version does. */
function checkHeader(file: string): void {
  const header = Buffer.alloc(100);
  const fd = openSync(file, "r");
  try {
    if (readSync(fd, header, 0, 100, 0) < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0")
      throw new StoreError("not-a-session", `${file} is not a waylay session (no SQLite database)`);
  } finally {
    closeSync(fd);
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID)
    throw new StoreError("not-a-session", `${file} is not a waylay session (an SQLite database of another program)`);
  const version = header.readUInt32BE(60);
  if (version !== SCHEMA_VERSION) {
    const age = version > SCHEMA_VERSION ? "a newer" : "an older";
    throw new StoreError(
      "other-version",
      `${file} was written by ${age} waylay (format ${version}; this one reads ${SCHEMA_VERSION})`,
    );
  }
}

/** In one transaction and before WAL is switched on, so that ids and tables are in the file itself or not at all. */
function create(db: Database.Database): void {
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  db.exec("PRAGMA synchronous = OFF");
  db.exec(`BEGIN IMMEDIATE;
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    ${SCHEMA}
    COMMIT`);
}
