// Judges finished flows by a filter on headers or bodies, which only the recording has: in batches, a moment after their end.
import type { Archive } from "../archive/archive.ts";
import type { Engine } from "../engine.ts";
import type { HubEvent } from "./event.ts";

/** How long flows are gathered, milliseconds: as long as the store gathers them. */
const GATHER_MS = 100;
/** Flows that may wait to be judged; beyond it they count as missed. */
const WAITING_MAX = 10_000;

export interface Verdicts {
  matched(event: HubEvent): void;
  /** So many flows were not judged. */
  lost(count: number): void;
}

export class LateJudge {
  private readonly engine: Engine;
  private readonly archive: Archive;
  private readonly filter: string;
  private readonly verdicts: Verdicts;
  private waiting = new Map<number, HubEvent>();
  private lost = 0;
  private timer: NodeJS.Timeout | null = null;
  private judging = false;
  private ended = false;

  constructor(engine: Engine, archive: Archive, filter: string, verdicts: Verdicts) {
    this.engine = engine;
    this.archive = archive;
    this.filter = filter;
    this.verdicts = verdicts;
  }

  judge(event: HubEvent, id: number): void {
    if (this.waiting.size < WAITING_MAX) this.waiting.set(id, event);
    else this.lost++;
    this.later();
  }

  end(): void {
    this.ended = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private later(): void {
    if (this.timer !== null || this.judging || this.ended) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.work();
    }, GATHER_MS);
    this.timer.unref();
  }

  private async work(): Promise<void> {
    const { waiting } = this;
    this.waiting = new Map();
    this.judging = true;
    try {
      await this.engine.settle();
      const matched = await this.archive.run("matching", { ids: [...waiting.keys()], filter: this.filter });
      if (this.ended) return;
      for (const id of matched) this.verdicts.matched(waiting.get(id)!); // it was asked about
    } catch {
      this.lost += waiting.size; // the session cannot be read now: the subscriber has to look for itself
    }
    this.judging = false;
    if (this.lost > 0 && !this.ended) this.verdicts.lost(this.lost);
    this.lost = 0;
    if (this.waiting.size > 0) this.later();
  }
}
