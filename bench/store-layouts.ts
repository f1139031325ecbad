// How a flow of 1.3 KB could be laid out in SQLite, and what each way costs: the measurement behind src/flow/store/schema.ts.
//   node --import tsx bench/store-layouts.ts [flows=100000]
// Prints a line each: CPU of the process in microseconds a flow (user and system), bytes of the file a flow. One thread, no HTTP.
// Compare the user time: system time is the kernel's way to fresh page-cache pages, which on a virtual machine costs 1.5 or 6 µs a
// flow by what the host has already given it, whatever the layout (the last lines write nothing but the bytes).
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";

const flows = Number(process.argv[2] ?? 100_000);
/** Flows a transaction. */
const BATCH = 192;
const ROWS = 16;
const RECORD = Buffer.alloc(1330, "a");
const COLUMNS = 23;

type Value = string | number | null | Uint8Array;

/** One memory for all, as the store's pool has it: a new one each time costs more in page faults than all of SQLite. */
const SEGMENT = Buffer.alloc(BATCH * RECORD.length);

interface Layout {
  readonly name: string;
  readonly schema: string;
  /** Answers what writes the flows [from, from + BATCH). */
  prepare(db: Database.Database): (from: number) => void;
}

const marks = (count: number): string => `(${Array(count).fill("?").join()})`;
const columns = Array.from({ length: COLUMNS - 1 }, (_, i) => `c${i}`).join();
const NARROW = `CREATE TABLE flow (id INTEGER PRIMARY KEY, ${columns}); CREATE TABLE segment (id INTEGER PRIMARY KEY, bytes)`;

const LAYOUTS: readonly Layout[] = [
  {
    name: "one wide row a flow, the bytes in it",
    schema: `CREATE TABLE flow (id INTEGER PRIMARY KEY, ${columns}, bytes)`,
    prepare(db) {
      const insert = db.prepare(`INSERT INTO flow VALUES ${marks(COLUMNS + 1)}`);
      return from => {
        for (let i = 0; i < BATCH; i++) insert.run([...values(from + i), RECORD]);
      };
    },
  },
  {
    name: `wide rows ${ROWS} a statement, the bytes in them`,
    schema: `CREATE TABLE flow (id INTEGER PRIMARY KEY, ${columns}, bytes)`,
    prepare(db) {
      const insert = db.prepare(
        `INSERT INTO flow VALUES ${Array(ROWS)
          .fill(marks(COLUMNS + 1))
          .join()}`,
      );
      return from => {
        for (let i = 0; i < BATCH; i += ROWS) {
          const rows: Value[] = [];
          for (let row = 0; row < ROWS; row++) rows.push(...values(from + i + row), RECORD);
          insert.run(rows);
        }
      };
    },
  },
  {
    name: "narrow rows one by one, bytes in a segment",
    schema: NARROW,
    prepare(db) {
      const insert = db.prepare(`INSERT INTO flow VALUES ${marks(COLUMNS)}`);
      const segment = db.prepare("INSERT INTO segment VALUES (?, ?)");
      return from => {
        segment.run([from, segmentOf()]);
        for (let i = 0; i < BATCH; i++) insert.run(values(from + i));
      };
    },
  },
  {
    name: `narrow rows ${ROWS} a statement, bytes in a segment`,
    schema: NARROW,
    prepare(db) {
      const insert = db.prepare(`INSERT INTO flow VALUES ${Array(ROWS).fill(marks(COLUMNS)).join()}`);
      const segment = db.prepare("INSERT INTO segment VALUES (?, ?)");
      return from => {
        segment.run([from, segmentOf()]);
        for (let i = 0; i < BATCH; i += ROWS) {
          const rows: Value[] = [];
          for (let row = 0; row < ROWS; row++) rows.push(...values(from + i + row));
          insert.run(rows);
        }
      };
    },
  },
  {
    name: "narrow rows by json_each, bytes in a segment",
    schema: NARROW,
    prepare(db) {
      const picked = Array.from({ length: COLUMNS }, (_, i) => `value ->> ${i}`).join();
      const insert = db.prepare(`INSERT INTO flow SELECT ${picked} FROM json_each(?)`);
      const segment = db.prepare("INSERT INTO segment VALUES (?, ?)");
      return from => {
        segment.run([from, segmentOf()]);
        insert.run([JSON.stringify(Array.from({ length: BATCH }, (_, i) => values(from + i)))]);
      };
    },
  },
  {
    name: "no rows at all, only segments (what could be won)",
    schema: NARROW,
    prepare(db) {
      const segment = db.prepare("INSERT INTO segment VALUES (?, ?)");
      return from => {
        segment.run([from, segmentOf()]);
      };
    },
  },
];

for (const layout of LAYOUTS) for (const pageBytes of [4096, 16384, 65536]) measure(layout, pageBytes, "WAL");
measure(LAYOUTS[3]!, 16384, "TRUNCATE");

function measure(layout: Layout, pageBytes: number, journal: string): void {
  const folder = mkdtempSync(join(tmpdir(), "waylay-bench-"));
  const file = join(folder, "layout.db");
  const db = new Database(file, { timeout: 1000 });
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA synchronous = OFF`);
  db.pragma(`journal_mode = ${journal}`);
  db.exec(layout.schema);
  const write = layout.prepare(db);
  const cpu = process.cpuUsage();
  for (let from = 0; from < flows; from += BATCH) {
    db.exec("BEGIN");
    write(from);
    db.exec("COMMIT");
  }
  const { user, system } = process.cpuUsage(cpu);
  db.close();
  const us = (value: number): string => (value / flows).toFixed(1).padStart(5);
  const size = Math.round(statSync(file).size / flows);
  console.log(
    `${layout.name.padEnd(52)} ${journal.padEnd(8)} ${String(pageBytes).padStart(5)} B pages ` +
      `user ${us(user)} µs, system ${us(system)} µs, ${size} B`,
  );
  rmSync(folder, { recursive: true });
}

/** What a flow's row holds, in kind and size. */
function values(id: number): Value[] {
  const path = `/api/v1/things/${id}?page=2&q=abc`;
  const type = "application/json; charset=utf-8";
  const texts: Value[] = ["regular", "https", "GET", "localhost", 8443, path, 200, "OK", type, 11, 11];
  return [id, 1, 1.7e12 + id, 1.234, ...texts, 0, 1024, 1, 2, 0, id * 1330, "310,-1,-1,-1,12,540,88", null];
}

function segmentOf(): Buffer {
  for (let i = 0; i < BATCH; i++) RECORD.copy(SEGMENT, i * RECORD.length);
  return SEGMENT;
}
