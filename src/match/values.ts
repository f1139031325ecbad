// Values of the number kinds: `>=500`, `200..299`, `5xx`, `1.5MB`, `200ms`, `2026-11-22T10:00Z`, `-10m`.
import type { Bound } from "./ast.ts";
import type { Kind } from "./fields.ts";

export interface Range {
  readonly low: Bound | null;
  readonly high: Bound | null;
}

export type ParsedRange =
  | { readonly ok: true; readonly range: Range }
  /** `at`: offset of the fault inside the text. */
  | { readonly ok: false; readonly at: number; readonly expected: readonly string[] };

/** Reads a value of a number kind. Equality is a range with both ends the same (for a time: the whole day, minute or second named). */
export function parseRange(kind: Kind, text: string): ParsedRange {
  const fault = (at: number): ParsedRange => ({ ok: false, at, expected: EXPECTED[kind] ?? EXPECTED.number! });
  const operator = /^(>=|<=|>|<|=)?\s*/.exec(text)!;
  const sign = operator[1] ?? "";
  const rest = text.slice(operator[0].length);
  if (sign === "" && kind === "status" && /^[1-9]xx$/i.test(rest)) {
    const hundred = Number(rest[0]) * 100;
    return { ok: true, range: { low: bound(hundred, true), high: bound(hundred + 99, true) } };
  }
  const dots = rest.indexOf("..");
  if (sign === "" && dots >= 0) {
    const from = rest.slice(0, dots);
    const to = rest.slice(dots + 2);
    if (from === "" && to === "") return fault(0);
    const low = from === "" ? null : parsePoint(kind, from);
    const high = to === "" ? null : parsePoint(kind, to);
    if (low === undefined) return fault(0);
    if (high === undefined) return fault(dots + 2);
    return {
      ok: true,
      range: { low: low && bound(low.value, true, low.relative), high: high && endOf(high) },
    };
  }
  const point = parsePoint(kind, rest);
  if (point === undefined) return fault(operator[0].length);
  const low = bound(point.value, true, point.relative);
  switch (sign) {
    case ">":
      return {
        ok: true,
        range: {
          low: point.width > 0 ? bound(point.value + point.width, true) : { ...low, inclusive: false },
          high: null,
        },
      };
    case ">=":
      return { ok: true, range: { low, high: null } };
    case "<":
      return { ok: true, range: { low: null, high: { ...low, inclusive: false } } };
    case "<=":
      return { ok: true, range: { low: null, high: endOf(point) } };
    default:
      // `time:-10m` alone means "since ten minutes ago": nobody asks for one very millisecond.
      return { ok: true, range: { low, high: point.relative ? null : endOf(point) } };
  }
}

/** A size such as `16MB` or `64KiB` in bytes; undefined if it is none. kB and MB are powers of ten, KiB and MiB of two. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const factor = match === null ? undefined : SIZE_UNITS.get(match[2]!.toLowerCase());
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}

/** A duration such as `200ms`, `1.5s`, `2m`, `1h`, `3d` in milliseconds; plain numbers are milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zµ]*)$/i.exec(text.trim());
  const factor = match === null ? undefined : DURATION_UNITS.get(match[2]!.toLowerCase());
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor * 1e6) / 1e6;
}

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1e3],
  ["kb", 1e3],
  ["m", 1e6],
  ["mb", 1e6],
  ["g", 1e9],
  ["gb", 1e9],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
]);

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1e3],
  ["sec", 1e3],
  ["m", 6e4],
  ["min", 6e4],
  ["h", 36e5],
  ["d", 864e5],
]);

const EXPECTED: Partial<Record<Kind, readonly string[]>> = {
  number: ["a number", ">N", "<=N", "N..M"],
  status: ["a status such as 404", "a class such as 5xx", ">=N", "N..M"],
  size: ["a size such as 10kB or 1MB", ">SIZE", "SIZE..SIZE"],
  duration: ["a duration such as 200ms or 1.5s", ">DURATION", "DURATION..DURATION"],
  time: ["an ISO time such as 2026-11-22T10:00Z", "how long ago, such as -10m", ">TIME", "TIME..TIME"],
};

/** A point, or (width > 0) the stretch of time that a short ISO form names. */
interface Point {
  readonly value: number;
  readonly width: number;
  readonly relative: boolean;
}

function parsePoint(kind: Kind, text: string): Point | undefined {
  const exact = (value: number | undefined): Point | undefined =>
    value === undefined || value > MAX_VALUE ? undefined : { value, width: 0, relative: false };
  switch (kind) {
    case "size":
      return exact(parseSize(text));
    case "duration":
      return exact(parseDuration(text));
    case "time":
      return parseTime(text);
    default:
      return /^\d+$/.test(text) && text.length <= 15 ? exact(Number(text)) : undefined;
  }
}

/** Beyond this numbers lose digits. */
const MAX_VALUE = 1e15;

const ISO = /^((?:19|2\d)\d\d)-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?)?$/i;

function parseTime(text: string): Point | undefined {
  if (text === "now") return { value: 0, width: 0, relative: true };
  if (text.startsWith("-")) {
    const ago = parseDuration(text.slice(1));
    return ago === undefined || ago > MAX_VALUE || !/[a-z]$/i.test(text)
      ? undefined
      : { value: -ago || 0, width: 0, relative: true };
  }
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  // Without a zone a time is local, as in git and ls; the month's end is found by asking for the next month's start.
  const iso = `${year}-${month}-${day ?? "01"}T${hour ?? "00"}:${minute ?? "00"}:${second ?? "00"}${fraction ?? ""}${zone?.toUpperCase() ?? ""}`;
  const value = Date.parse(iso);
  if (Number.isNaN(value)) return undefined;
  let width = 0;
  if (day === undefined) width = new Date(Number(year), Number(month), 1).getTime() - value;
  else if (hour === undefined) width = new Date(Number(year), Number(month) - 1, Number(day) + 1).getTime() - value;
  else if (second === undefined) width = 60_000;
  else if (fraction === undefined) width = 1000;
  return { value, width, relative: false };
}

function bound(value: number, inclusive: boolean, relative = false): Bound {
  return { value, inclusive, relative };
}

function endOf(point: Point): Bound {
  return point.width > 0 ? bound(point.value + point.width, false) : bound(point.value, true, point.relative);
}
