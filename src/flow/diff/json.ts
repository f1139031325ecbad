// Two JSON values compared: where something is added, removed or changed, as paths like `$.items[3].name`.

export interface JsonChange {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** Absent where there was nothing. */
  readonly a?: unknown;
  readonly b?: unknown;
}

/** Deeper values are compared as a whole. */
const DEPTH_MAX = 200;

/** The changes, at most `max`. Members in any order, items of lists by their place. */
export function diffJson(a: unknown, b: unknown, max: number): JsonChange[] {
  const changes: JsonChange[] = [];
  compare(a, b, "$", 0, changes, max);
  return changes;
}

function compare(a: unknown, b: unknown, path: string, depth: number, changes: JsonChange[], max: number): void {
  if (changes.length >= max || Object.is(a, b)) return;
  if (depth < DEPTH_MAX && Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const at = `${path}[${i}]`;
      if (i >= b.length) add({ path: at, kind: "removed", a: a[i] as unknown });
      else if (i >= a.length) add({ path: at, kind: "added", b: b[i] as unknown });
      else compare(a[i], b[i], at, depth + 1, changes, max);
    }
  } else if (depth < DEPTH_MAX && isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const at = `${path}${/^[a-z_$][\w$]*$/i.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}`;
      if (!Object.hasOwn(b, key)) add({ path: at, kind: "removed", a: a[key] });
      else if (!Object.hasOwn(a, key)) add({ path: at, kind: "added", b: b[key] });
      else compare(a[key], b[key], at, depth + 1, changes, max);
    }
  } else if (depth < DEPTH_MAX || JSON.stringify(a) !== JSON.stringify(b)) {
    add({ path, kind: "changed", a, b });
  }

  function add(change: JsonChange): void {
    if (changes.length < max) changes.push(change);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
