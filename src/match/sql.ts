// Filter -> SQL over whatever columns a store has. A store rarely knows everything (bodies, headers), so every node is translated
// twice: `upper` holds for at least the rows that match, `lower` for at most those. NOT swaps the two, AND and OR combine them; if
// both are the same text, the SQL says exactly what the filter says. The caller runs `where` (upper) and, unless `exact`, the predicate on
// what comes back.
import type { Bound, Filter, Glob, Node, NumberTerm, TextTerm } from "./ast.ts";
import type { Moment } from "./compile.ts";
import type { ColumnName } from "./fields.ts";
import type { Flag } from "./subject.ts";

/** SQL expressions for what a store knows: by column, and by flag (a boolean expression). NULL means "not known". */
export interface SqlColumns {
  readonly columns: Partial<Record<ColumnName, string>>;
  readonly flags?: Partial<Record<Flag, string>>;
}

export interface SqlFilter {
  /** A boolean expression with `?` for params; `1` if nothing could be said. */
  readonly where: string;
  readonly params: readonly (string | number)[];
  /** True if `where` holds for exactly the rows that match. */
  readonly exact: boolean;
}

/** Translates a filter. Without `columns` every abstract name stands for itself. `moment` as in compileFilter. */
export function toSql(filter: Filter, columns: SqlColumns = PLAIN, moment?: Moment): SqlFilter {
  const { upper, lower } = translate(filter.root, columns, moment?.nowMs() ?? 0);
  return { where: upper.text, params: upper.params, exact: upper === lower };
}

const NAMES: readonly ColumnName[] = [
  "id",
  "time",
  "method",
  "url",
  "scheme",
  "host",
  "port",
  "path",
  "status",
  "type",
  "size",
  "duration",
  "process",
  "mode",
  "comment",
  "color",
  "rules",
  "tags",
];
const PLAIN: SqlColumns = { columns: Object.fromEntries(NAMES.map(name => [name, name])) };

interface Sql {
  readonly text: string;
  readonly params: readonly (string | number)[];
}

interface Bounds {
  readonly upper: Sql;
  readonly lower: Sql;
}

const TRUE: Sql = { text: "1", params: [] };
const FALSE: Sql = { text: "0", params: [] };
const UNKNOWN: Bounds = { upper: TRUE, lower: FALSE };

function translate(node: Node, store: SqlColumns, nowMs: number): Bounds {
  switch (node.kind) {
    case "all":
      return both(TRUE);
    case "and":
    case "or": {
      const items = node.items.map(item => translate(item, store, nowMs));
      const upper = combine(
        node.kind,
        items.map(item => item.upper),
      );
      const exact = items.every(item => item.upper === item.lower);
      return exact
        ? both(upper)
        : {
            upper,
            lower: combine(
              node.kind,
              items.map(item => item.lower),
            ),
          };
    }
    case "not": {
      const { upper, lower } = translate(node.item, store, nowMs);
      if (upper === lower) return both(negate(upper));
      return { upper: negate(lower), lower: negate(upper) };
    }
    case "text":
      return translateText(node, store);
    case "number":
      return translateNumber(node, store, nowMs);
    case "flag": {
      // The parser has checked the flag against FLAGS.
      const expression = store.flags?.[node.flag as Flag];
      return expression === undefined ? UNKNOWN : both({ text: `IFNULL(${expression}, 0)`, params: [] });
    }
    case "word":
      return UNKNOWN;
  }
}

function translateText(term: TextTerm, store: SqlColumns): Bounds {
  const { field, pattern } = term;
  const column = field.column === undefined ? undefined : store.columns[field.column];
  if (column === undefined || pattern.kind === "regex" || !translatable(pattern)) return UNKNOWN;
  if (field.columnIsList) {
    const match = globMatch("value", pattern, field.caseSensitive);
    const text = `EXISTS (SELECT 1 FROM json_each(IFNULL(${column}, '[]')) WHERE ${match.text})`;
    return both({ text, params: match.params });
  }
  const exact = globMatch(column, pattern, field.caseSensitive);
  // `type:` also matches without parameters: whatever begins so may match.
  if (field.key === "type") {
    return { upper: globMatch(column, { kind: "glob", parts: [...pattern.parts, ""] }, false), lower: exact };
  }
  return both(exact);
}

function translateNumber(term: NumberTerm, store: SqlColumns, nowMs: number): Bounds {
  const column = term.field.column === undefined ? undefined : store.columns[term.field.column];
  if (column === undefined) return UNKNOWN;
  const parts: Sql[] = [{ text: `${column} IS NOT NULL`, params: [] }];
  const add = (bound: Bound | null, sign: string): void => {
    if (bound === null) return;
    const value = bound.relative ? bound.value + nowMs : bound.value;
    parts.push({ text: `IFNULL(${column} ${sign}${bound.inclusive ? "=" : ""} ?, 0)`, params: [value] });
  };
  add(term.low, ">");
  add(term.high, "<");
  return both(combine("and", parts));
}

/**
 * SQLite folds ASCII only, cuts texts at NUL and refuses long patterns: what it would judge otherwise than the predicate is left
 * to the predicate.
 */
function translatable(pattern: Glob): boolean {
  return (
    pattern.parts.every(part => /^[\x01-\x7e]*$/.test(part)) &&
    pattern.parts.join("").length <= 1000 &&
    pattern.parts.length <= 20
  );
}

function globMatch(column: string, pattern: Glob, caseSensitive: boolean): Sql {
  const { parts } = pattern;
  if (parts.length === 2 && parts[0] === "" && parts[1] === "") return { text: `${column} IS NOT NULL`, params: [] };
  if (parts.length === 1) {
    return { text: `IFNULL(${column} = ?${caseSensitive ? "" : " COLLATE NOCASE"}, 0)`, params: [parts[0]!] };
  }
  if (caseSensitive) {
    return {
      text: `IFNULL(${column} GLOB ?, 0)`,
      params: [parts.map(part => part.replace(/[*?[]/g, "[$&]")).join("*")],
    };
  }
  const like = parts.map(part => part.replace(/[%_\\]/g, "\\$&")).join("%");
  return { text: `IFNULL(${column} LIKE ? ESCAPE '\\', 0)`, params: [like] };
}

/** Joined as a balanced tree: SQLite allows an expression 1,000 levels, and a long chain is one level per link. */
function combine(kind: "and" | "or", items: readonly Sql[]): Sql {
  const neutral = kind === "and" ? "1" : "0";
  const kept = items.filter(item => item.text !== neutral);
  const absorbing = kept.find(item => item.text === (kind === "and" ? "0" : "1"));
  if (absorbing !== undefined) return absorbing;
  if (kept.length === 0) return kind === "and" ? TRUE : FALSE;
  if (kept.length === 1) return kept[0]!;
  const half = kept.length >> 1;
  const left = combine(kind, kept.slice(0, half));
  const right = combine(kind, kept.slice(half));
  return {
    text: `(${left.text} ${kind === "and" ? "AND" : "OR"} ${right.text})`,
    params: [...left.params, ...right.params],
  };
}

function negate(sql: Sql): Sql {
  if (sql.text === "1") return FALSE;
  return sql.text === "0" ? TRUE : { text: `NOT (${sql.text})`, params: sql.params };
}

function both(sql: Sql): Bounds {
  return { upper: sql, lower: sql };
}
