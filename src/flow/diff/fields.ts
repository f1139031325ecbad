// Header fields compared by name: order among different names means nothing (RFC 9110 §5.3), order among the same does.
import type { Field } from "../model.ts";

export interface FieldDiff {
  /** As the first of them writes it. */
  readonly name: string;
  /** All values of that name; empty where there is none. */
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** The fields that differ, in the order of their first appearance. */
export function diffFields(a: readonly Field[], b: readonly Field[]): FieldDiff[] {
  const byName = new Map<string, { name: string; a: string[]; b: string[] }>();
  for (const [which, fields] of [
    ["a", a],
    ["b", b],
  ] as const) {
    for (const [name, value] of fields) {
      const key = name.toLowerCase();
      const entry = byName.get(key) ?? { name, a: [], b: [] };
      entry[which].push(value);
      byName.set(key, entry);
    }
  }
  return [...byName.values()].filter(entry => JSON.stringify(entry.a) !== JSON.stringify(entry.b));
}
