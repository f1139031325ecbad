// What the store's two threads say to each other.
import type { BatchMemory } from "../batch.ts";
import type { Edit } from "./edits.ts";
import type { StoreErrorCode } from "./error.ts";

export interface StoreSetup {
  readonly file: string;
  /** Recording stops while the disk has less free bytes than this. */
  readonly diskFreeBytes: number;
  /** Where old sessions are removed, and how much may stay; null removes none. */
  readonly retention: Retention | null;
}

export interface Retention {
  readonly folder: string;
  readonly maxBytes: number;
}

/** To the store's thread. `seq` counts up and comes back when the message is on disk (or given up). */
export type ToStore =
  | {
      readonly kind: "batch";
      readonly seq: number;
      readonly memory: BatchMemory;
      readonly count: number;
      readonly used: number;
      readonly texts: readonly string[];
      /** id, JSON of ConnFacts, id, JSON, … */
      readonly conns: readonly (number | string)[];
    }
  | { readonly kind: "piece"; readonly seq: number; readonly key: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "edit"; readonly seq: number; readonly edit: Edit }
  | { readonly kind: "close" };

export type FromStore =
  | { readonly kind: "open"; readonly nextFlowId: number; readonly nextConnId: number }
  | { readonly kind: "refused"; readonly code: StoreErrorCode; readonly message: string }
  /** Everything up to `seq` is settled; the memory can be used again. */
  | { readonly kind: "done"; readonly seq: number; readonly memories: readonly BatchMemory[] }
  /** An edit is on disk, or could not be made: then `ids` is null. */
  | { readonly kind: "edited"; readonly seq: number; readonly ids: readonly number[] | null }
  | { readonly kind: "problem"; readonly message: string };
