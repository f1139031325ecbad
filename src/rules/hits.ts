import type { Hits } from "./program.ts";

/** Counts in memory, by rule id; they outlive a reload of the file, and `reset` starts them anew. */
export class RuleHits implements Hits {
  readonly #counts = new Map<string, number>();

  add(id: string): number {
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return count;
  }

  count(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  reset(): void {
    this.#counts.clear();
  }
}
