// What the archive's two threads say to each other.
import type { JobName } from "./jobs.ts";

export type ToArchive =
  | { readonly kind: "run"; readonly id: number; readonly job: JobName; readonly params: unknown }
  | { readonly kind: "cancel"; readonly id: number };

export type FromArchive =
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
