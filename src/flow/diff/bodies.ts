// Contents compared by what they are: JSON by its structure, text by lines, anything else by its bytes.
import { createTwoFilesPatch } from "diff";
import { diffJson, type JsonChange } from "./json.ts";

export interface Content {
  readonly bytes: Uint8Array;
  /** The bytes as text; null if they are none. */
  readonly text: string | null;
}

export type BodyDiff =
  | { readonly kind: "same" }
  /** Changes by JSON path; `more`: there are further ones. */
  | { readonly kind: "json"; readonly changes: readonly JsonChange[]; readonly more: boolean }
  /** A unified diff. */
  | { readonly kind: "text"; readonly patch: string }
  /** They differ from byte `from` on, or are too different to say more. */
  | { readonly kind: "bytes"; readonly a: number; readonly b: number; readonly from: number };

/** Changes listed of one body. */
const CHANGES_MAX = 500;
/** Lines that may differ before texts count as different altogether: the search's time grows with their square. */
const EDITS_MAX = 2000;
const TEXT_MAX = 4 << 20;

export function diffBodies(a: Content | null, b: Content | null): BodyDiff {
  const first = a?.bytes ?? EMPTY;
  const second = b?.bytes ?? EMPTY;
  const from = firstDifference(first, second);
  if (from < 0) return { kind: "same" };
  const bytes = { kind: "bytes", a: first.length, b: second.length, from } as const;
  const texts = [a === null ? "" : a.text, b === null ? "" : b.text] as const;
  if (texts[0] === null || texts[1] === null || texts[0].length + texts[1].length > TEXT_MAX) return bytes;
  const parsed = [parse(texts[0]), parse(texts[1])] as const;
  if (parsed[0] !== null && parsed[1] !== null) {
    const changes = diffJson(parsed[0].value, parsed[1].value, CHANGES_MAX + 1);
    // What differs in spelling alone (spaces, order of members) is shown as text.
    if (changes.length > 0)
      return { kind: "json", changes: changes.slice(0, CHANGES_MAX), more: changes.length > CHANGES_MAX };
  }
  const patch = createTwoFilesPatch("a", "b", texts[0], texts[1], undefined, undefined, {
    context: 3,
    maxEditLength: EDITS_MAX,
  });
  return patch === undefined ? bytes : { kind: "text", patch };
}

const EMPTY = new Uint8Array(0);

/** -1 if there is none. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? -1 : end;
}

function parse(text: string): { readonly value: unknown } | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}
