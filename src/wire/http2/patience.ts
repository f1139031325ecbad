// How many frames that cost work and bring nothing a peer may send: pings, settings, empty data, resets, updates of
// windows. A bucket that time refills; the clock is the caller's.

export class Patience {
  private readonly burst: number;
  private readonly perSecond: number;
  private left: number;
  private atMs = 0;

  constructor(burst: number, perSecond: number) {
    this.burst = burst;
    this.perSecond = perSecond;
    this.left = burst;
  }

  /** Time has passed. Called once for what came together. */
  refill(nowMs: number): void {
    const forgiven = ((nowMs - this.atMs) / 1000) * this.perSecond;
    this.atMs = nowMs;
    if (this.left < this.burst && forgiven > 0) this.left = Math.min(this.burst, this.left + forgiven);
  }

  /** One more; false when that was too many. */
  take(): boolean {
    this.left--;
    return this.left >= 0;
  }
}
