// What people change in a recorded session: notes on flows, and flows that go. Runs in the store's thread, in its order, so that an
// edit cannot overtake the flow that it is about.
import type Database from "libsql";
import type { Extra } from "../row.ts";
import { pieceKey } from "../sink.ts";
import { PLACE_SEGMENT } from "./schema.ts";

/** What a person notes on a flow. What is absent stays as it is; "" and [] take away. */
export interface Note {
  readonly tags?: readonly string[] | undefined;
  readonly comment?: string | undefined;
  readonly color?: string | undefined;
}

export type Edit =
  | { readonly kind: "annotate"; readonly ids: readonly number[]; readonly note: Note }
  | { readonly kind: "delete"; readonly ids: readonly number[] };

/** Makes an edit; answers the ids of the flows that were there. */
export function applyEdit(db: Database.Database, edit: Edit): number[] {
  return edit.kind === "annotate" ? annotate(db, edit.ids, edit.note) : remove(db, edit.ids);
}

/** Writes a note into what a flow has beside its columns. */
export function noteInto(extra: Extra, note: Note): void {
  if (note.tags !== undefined) extra.tags = [...new Set(note.tags)];
  if (note.comment !== undefined) extra.comment = note.comment;
  if (note.color !== undefined) extra.color = note.color;
  if (extra.tags?.length === 0) delete extra.tags;
  if (extra.comment === "") delete extra.comment;
  if (extra.color === "") delete extra.color;
}

function annotate(db: Database.Database, ids: readonly number[], note: Note): number[] {
  const select = db.prepare("SELECT extra FROM flow WHERE id = ?");
  const update = db.prepare("UPDATE flow SET extra = ? WHERE id = ?");
  return ids.filter(id => {
    const row = select.get([id]) as { extra: string | null } | undefined;
    if (row === undefined) return false;
    const extra = row.extra === null ? {} : (JSON.parse(row.extra) as Extra); // written by Batch.add
    noteInto(extra, note);
    update.run([Object.keys(extra).length === 0 ? null : JSON.stringify(extra), id]);
    return true;
  });
}

/** Takes flows away, and the segments in which nothing else stands. */
function remove(db: Database.Database, ids: readonly number[]): number[] {
  const select = db.prepare("SELECT place FROM flow WHERE id = ?");
  const deleteFlow = db.prepare("DELETE FROM flow WHERE id = ?");
  const deletePieces = db.prepare("DELETE FROM piece WHERE key >= ? AND key < ?");
  const segments = new Set<number>();
  const removed = ids.filter(id => {
    const row = select.get([id]) as { place: number } | undefined;
    if (row === undefined) return false;
    segments.add(Math.floor(row.place / PLACE_SEGMENT));
    deleteFlow.run([id]);
    deletePieces.run([pieceKey(id, 0, 0), pieceKey(id + 1, 0, 0)]);
    return true;
  });
  if (segments.size > 0) removeSegments(db, segments);
  return removed;
}

function removeSegments(db: Database.Database, segments: Set<number>): void {
  // There is no index on place: one look at all flows for all segments.
  const used = db.prepare(`SELECT DISTINCT place / ${PLACE_SEGMENT} AS segment FROM flow`).all() as {
    segment: number;
  }[];
  for (const { segment } of used) segments.delete(Math.floor(segment));
  const deleteSegment = db.prepare("DELETE FROM segment WHERE id = ?");
  for (const segment of segments) deleteSegment.run([segment]);
}
