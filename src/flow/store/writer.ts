// The inserts. Runs in the store's thread; needs nothing of it, so that benches and tests run it in theirs.
import type Database from "libsql";
import {
  type BatchMemory,
  N_CLIENT_CONN,
  N_CLIENT_VERSION,
  N_DURATION,
  N_FLAGS,
  N_ID,
  N_OFFSET,
  N_PORT,
  N_REQUEST_BYTES,
  N_RESPONSE_BYTES,
  N_SERVER_CONN,
  N_SERVER_VERSION,
  N_STARTED,
  N_STATE,
  N_STATUS,
  N_TIMINGS,
  NUMBERS,
  S_EXTRA,
  S_HOST,
  S_METHOD,
  S_MODE,
  S_PATH,
  S_REASON,
  S_SCHEME,
  S_TYPE,
  TEXTS,
} from "../batch.ts";
import { TIMING_COUNT } from "../timing.ts";
import { COLUMNS, PLACE_SEGMENT } from "./schema.ts";

type Value = string | number | null | Uint8Array;

/** Rows a statement: each call into SQLite costs as much as three bound values (bench/store-layouts.ts). */
const ROWS = 16;

export class SessionWriter {
  readonly nextFlowId: number;
  readonly nextConnId: number;
  private nextSegment: number;
  private readonly db: Database.Database;
  private readonly insertRows: Database.Statement;
  private readonly insertRow: Database.Statement;
  private readonly insertSegment: Database.Statement;
  private readonly insertPiece: Database.Statement;
  private readonly insertConn: Database.Statement;

  constructor(db: Database.Database) {
    this.db = db;
    const row = `(${COLUMNS.map(() => "?").join()})`;
    this.insertRows = db.prepare(`INSERT OR REPLACE INTO flow VALUES ${Array(ROWS).fill(row).join()}`);
    this.insertRow = db.prepare(`INSERT OR REPLACE INTO flow VALUES ${row}`);
    this.insertSegment = db.prepare("INSERT INTO segment VALUES (?, ?)");
    this.insertPiece = db.prepare("INSERT OR REPLACE INTO piece VALUES (?, ?)");
    this.insertConn = db.prepare("INSERT OR REPLACE INTO conn VALUES (?, ?)");
    this.nextSegment = this.next("SELECT max(id) AS last FROM segment");
    this.nextFlowId = this.next("SELECT max(id) AS last FROM flow");
    this.nextConnId = this.next("SELECT max(id) AS last FROM conn");
  }

  begin(): void {
    this.db.exec("BEGIN IMMEDIATE");
  }

  commit(): void {
    this.db.exec("COMMIT");
  }

  /** Undoes what was written since `begin`, if anything was begun. */
  rollback(): void {
    if (this.db.inTransaction) this.db.exec("ROLLBACK");
  }

  conns(conns: readonly (number | string)[]): void {
    for (let i = 0; i < conns.length; i += 2) this.insertConn.run([conns[i], conns[i + 1]]);
  }

  piece(key: number, bytes: Uint8Array): void {
    this.insertPiece.run([key, bytes]);
  }

  flows(memory: BatchMemory, count: number, used: number, texts: readonly string[]): void {
    if (count === 0) return;
    const segment = this.nextSegment++;
    this.insertSegment.run([segment, memory.bytes.subarray(0, used)]);
    const whole = count - (count % ROWS);
    const values: Value[] = new Array(ROWS * COLUMNS.length);
    for (let flow = 0; flow < whole; flow += ROWS) {
      for (let i = 0; i < ROWS; i++) fillRow(values, i * COLUMNS.length, memory.numbers, texts, flow + i, segment);
      this.insertRows.run(values);
    }
    values.length = COLUMNS.length;
    for (let flow = whole; flow < count; flow++) {
      fillRow(values, 0, memory.numbers, texts, flow, segment);
      this.insertRow.run(values);
    }
  }

  private next(sql: string): number {
    // max() over no rows is NULL.
    const { last } = this.db.prepare(sql).get() as { last: number | null };
    return (last ?? 0) + 1;
  }
}

/** One flow's values in the order of COLUMNS. Not known (0, NaN, "") is NULL. */
function fillRow(
  out: Value[],
  at: number,
  numbers: Float64Array,
  texts: readonly string[],
  flow: number,
  segment: number,
): void {
  const n = flow * NUMBERS;
  const s = flow * TEXTS;
  const duration = numbers[n + N_DURATION]!;
  out[at] = numbers[n + N_ID]!;
  out[at + 1] = numbers[n + N_STATE]!;
  out[at + 2] = numbers[n + N_STARTED]!;
  out[at + 3] = duration >= 0 ? duration : null;
  out[at + 4] = texts[s + S_MODE] || null;
  out[at + 5] = texts[s + S_SCHEME] || null;
  out[at + 6] = texts[s + S_METHOD] || null;
  out[at + 7] = texts[s + S_HOST] || null;
  out[at + 8] = numbers[n + N_PORT] || null;
  out[at + 9] = texts[s + S_PATH] || null;
  out[at + 10] = numbers[n + N_STATUS] || null;
  out[at + 11] = texts[s + S_REASON] || null;
  out[at + 12] = texts[s + S_TYPE] || null;
  out[at + 13] = numbers[n + N_CLIENT_VERSION] || null;
  out[at + 14] = numbers[n + N_SERVER_VERSION] || null;
  out[at + 15] = numbers[n + N_REQUEST_BYTES]!;
  out[at + 16] = numbers[n + N_RESPONSE_BYTES]!;
  out[at + 17] = numbers[n + N_CLIENT_CONN] || null;
  out[at + 18] = numbers[n + N_SERVER_CONN] || null;
  out[at + 19] = numbers[n + N_FLAGS]!;
  out[at + 20] = segment * PLACE_SEGMENT + numbers[n + N_OFFSET]!;
  out[at + 21] = timingsText(numbers, n + N_TIMINGS);
  out[at + 22] = texts[s + S_EXTRA] || null;
}

/** Microseconds joined by commas: one value to bind instead of seven. */
function timingsText(numbers: Float64Array, at: number): string {
  let text = `${numbers[at]}`;
  for (let i = 1; i < TIMING_COUNT; i++) text += `,${numbers[at + i]}`;
  return text;
}
