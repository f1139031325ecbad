// The bytes of recorded flows: records out of their segments, and contents put together from pieces and record.
import type Database from "libsql";
import { type FlowRecord, readRecord } from "../record.ts";
import { pieceKey } from "../sink.ts";
import { PLACE_SEGMENT } from "./schema.ts";

/** Segments kept in memory: flows that are asked for one after another stand beside each other. */
const SEGMENTS_KEPT = 4;

export class Contents {
  private readonly selectSegment: Database.Statement;
  private readonly selectPieces: Database.Statement;
  private readonly selectPieceSizes: Database.Statement;
  private readonly segments = new Map<number, Uint8Array>();

  constructor(db: Database.Database) {
    this.selectSegment = db.prepare("SELECT bytes FROM segment WHERE id = ?");
    this.selectPieces = db.prepare("SELECT bytes FROM piece WHERE key >= ? AND key < ? ORDER BY key");
    this.selectPieceSizes = db.prepare("SELECT sum(length(bytes)) AS size FROM piece WHERE key >= ? AND key < ?");
  }

  /** The record that a row's `place` names; null if it is gone. Throws RangeError if it is damaged. */
  record(place: number): FlowRecord | null {
    const segment = Math.floor(place / PLACE_SEGMENT);
    const bytes = this.segment(segment);
    return bytes === null ? null : readRecord(bytes, place - segment * PLACE_SEGMENT);
  }

  /** Bytes recorded of a content: `end` is what the record holds of it. */
  recordedSize(flowId: number, part: number, end: Uint8Array | null): number {
    return this.spilledSize(flowId, part) + (end?.length ?? 0);
  }

  /** The bytes recorded of a content. */
  content(flowId: number, part: number, end: Uint8Array | null): Buffer {
    const parts: Uint8Array[] = [];
    if (this.spilledSize(flowId, part) > 0) {
      const rows = this.selectPieces.all(pieceKey(flowId, part, 0), pieceKey(flowId, part + 1, 0));
      for (const row of rows) parts.push(bytesOf((row as BytesRow).bytes));
    }
    if (end !== null) parts.push(end);
    return Buffer.concat(parts);
  }

  private spilledSize(flowId: number, part: number): number {
    const row = this.selectPieceSizes.get([pieceKey(flowId, part, 0), pieceKey(flowId, part + 1, 0)]);
    return (row as { size: number | null }).size ?? 0;
  }

  private segment(id: number): Uint8Array | null {
    const kept = this.segments.get(id);
    if (kept !== undefined) return kept;
    const row = this.selectSegment.get([id]) as BytesRow | undefined;
    if (row === undefined) return null;
    if (this.segments.size >= SEGMENTS_KEPT) this.segments.delete(this.segments.keys().next().value!); // there is one
    const bytes = bytesOf(row.bytes);
    this.segments.set(id, bytes);
    return bytes;
  }
}

interface BytesRow {
  readonly bytes: Uint8Array | ArrayBuffer;
}

/** libsql answers a Buffer from `get` and an ArrayBuffer from `all`. */
function bytesOf(blob: Uint8Array | ArrayBuffer): Uint8Array {
  return blob instanceof Uint8Array ? blob : new Uint8Array(blob);
}
