// A recorded session, read: by the CLI from the file, also while another process records to it. Everything here is synchronous; inside the
// proxy's own process it belongs into a thread of its own.
import type Database from "libsql";
import type { Filter } from "../../match/ast.ts";
import { compileFilter, type Moment } from "../../match/compile.ts";
import { toSql } from "../../match/sql.ts";
import { decodeContent } from "../decode/content.ts";
import type { ConnFacts, FlowSummary, Side, WholeFlow } from "../model.ts";
import { subjectOf } from "../subject.ts";
import { SQL_COLUMNS } from "./columns.ts";
import { Contents } from "./contents.ts";
import { storeError } from "./error.ts";
import type { StoredRow } from "./rows.ts";
import { COLUMNS, openForReading } from "./schema.ts";
import { StoredFlow } from "./stored-flow.ts";

export interface ListOptions {
  /** Only flows before (after) this one, by id. */
  readonly before?: number;
  readonly after?: number;
  readonly limit?: number;
  /** By id; the newest first unless told otherwise. */
  readonly order?: "asc" | "desc";
}

export interface BodyOptions {
  /** Content codings undone. */
  readonly decoded?: boolean;
  /** Bytes [from, to) of it. */
  readonly range?: readonly [from: number, to: number];
  /** What was received, where it was changed on the way. */
  readonly version?: "sent" | "received";
}

export interface Body {
  readonly bytes: Buffer;
  /** Bytes that there are in all, of which `bytes` may be a range. */
  readonly total: number;
  readonly contentType: string | null;
  readonly encoding: string | null;
  /** What stopped the decoding, if something did. */
  readonly problem?: string;
}

/** Opens a recorded session. Throws StoreError. `moment` is asked by filters with relative times. */
export function openSession(file: string, moment?: Moment): Session {
  return new Session(openForReading(file), file, moment);
}

/** Rows taken from SQLite at a time, so that a list of a hundred out of a million reads little more than it shows. */
const CHUNK = 256;
/** Connections remembered: flows of one connection stand beside each other. */
const CONNS_KEPT = 1024;

/** Statements of lists: a page that is looked at asks the same again and again. */
const STATEMENTS_KEPT = 32;

export class Session {
  private readonly db: Database.Database;
  private readonly file: string;
  private readonly moment: Moment | undefined;
  private readonly contents: Contents;
  private readonly selectConn: Database.Statement;
  private readonly selectFlow: Database.Statement;
  private readonly statements = new Map<string, Database.Statement>();
  private readonly conns = new Map<number, ConnFacts | undefined>();

  constructor(db: Database.Database, file: string, moment: Moment | undefined) {
    this.db = db;
    this.file = file;
    this.moment = moment;
    this.contents = new Contents(db);
    this.selectConn = db.prepare("SELECT facts FROM conn WHERE id = ?");
    this.selectFlow = db.prepare(`SELECT ${COLUMNS.join()} FROM flow WHERE id = ?`);
  }

  list(filter: Filter | null, options: ListOptions = {}): FlowSummary[] {
    return Array.from(this.each(filter, options), flow => flow.summary());
  }

  get(id: number): WholeFlow | undefined {
    return this.attempt(() => this.find(id)?.whole());
  }

  body(id: number, side: Side, options: BodyOptions = {}): Body | undefined {
    return this.attempt(() => {
      const flow = this.find(id);
      if (flow === undefined) return undefined;
      const encoding = flow.contentEncoding(side);
      const raw = flow.content(side, options.version);
      const { bytes, problem } = options.decoded ? decodeContent(raw, encoding) : { bytes: raw };
      const [from, to] = options.range ?? [0, bytes.length];
      const part = {
        bytes: bytes.subarray(from, to),
        total: bytes.length,
        contentType: flow.contentType(side),
        encoding,
      };
      return problem === undefined ? part : { ...part, problem };
    });
  }

  count(filter: Filter | null): number {
    if (filter === null) return (this.db.prepare("SELECT count(*) AS n FROM flow").get() as { n: number }).n;
    let count = 0;
    for (const _ of this.each(filter)) count++;
    return count;
  }

  /** The flow itself, to be read as far as needed. */
  find(id: number): StoredFlow | undefined {
    const row = this.selectFlow.get([id]) as StoredRow | undefined; // the columns selected are a StoredRow's
    return row === undefined ? undefined : this.flowOf(row);
  }

  /**
   * Flows that match, one after another. SQL picks a superset by what rows know; where it cannot say all that the filter says, the
   * predicate looks at each of those.
   */
  *each(filter: Filter | null, options: ListOptions = {}): Generator<StoredFlow> {
    const sql = filter === null ? ALL : toSql(filter, SQL_COLUMNS, this.moment);
    const matches = filter === null || sql.exact ? undefined : compileFilter(filter, this.moment);
    const forward = options.order === "asc";
    const select = this.prepared(
      `SELECT ${COLUMNS.join()} FROM flow WHERE id > ? AND id < ? AND (${sql.where})
       ORDER BY id ${forward ? "ASC" : "DESC"} LIMIT ${CHUNK}`,
    );
    let after = options.after ?? 0;
    let before = options.before ?? Number.MAX_SAFE_INTEGER;
    let left = options.limit ?? Infinity;
    while (left > 0) {
      const rows = this.attempt(() => select.all([after, before, ...sql.params])) as StoredRow[]; // as above
      for (const row of rows) {
        const flow = this.flowOf(row);
        if (matches !== undefined && !this.attempt(() => matches(subjectOf(flow.summary(), flow)))) continue;
        yield flow;
        if (--left <= 0) return;
      }
      if (rows.length < CHUNK) return;
      const last = rows.at(-1)!.id;
      if (forward) after = last;
      else before = last;
    }
  }

  close(): void {
    this.db.close();
  }

  /** libsql frees a statement when its object is collected, which may be long after: 50,000 lists would hold 140 MB. */
  private prepared(sql: string): Database.Statement {
    const kept = this.statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.db.prepare(sql);
    if (this.statements.size >= STATEMENTS_KEPT) this.statements.delete(this.statements.keys().next().value!); // there is one
    this.statements.set(sql, statement);
    return statement;
  }

  private flowOf(row: StoredRow): StoredFlow {
    return new StoredFlow(row, this.contents, id => this.factsOf(id));
  }

  private factsOf(id: number): ConnFacts | undefined {
    if (id === 0) return undefined;
    if (this.conns.has(id)) return this.conns.get(id);
    const row = this.selectConn.get([id]) as { facts: string } | undefined;
    const facts = row === undefined ? undefined : (JSON.parse(row.facts) as ConnFacts); // written by Store.post
    if (this.conns.size >= CONNS_KEPT) this.conns.delete(this.conns.keys().next().value!); // there is one
    this.conns.set(id, facts);
    return facts;
  }

  /** What goes wrong in a damaged file is one clear line, whoever found it. */
  private attempt<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      // A bug of ours is not the file's fault.
      throw error instanceof TypeError ? error : storeError(this.file, error);
    }
  }
}

const ALL = { where: "1", params: [] as const, exact: true };
