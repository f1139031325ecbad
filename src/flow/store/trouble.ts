// What is said of a store that cannot write, and when it tries again. A disk that is nearly full takes a small batch and refuses the next: each
// outage is one message at its beginning and one when it has been over for a while, not one a batch.

/** After a failure nothing is written for so long. */
const PAUSE_MS = 1000;
/** An outage is over when nothing has failed for so long. */
const CALM_MS = 10_000;

export class Trouble {
  private readonly now: () => number;
  private readonly tell: (message: string) => void;
  private failedAt = -Infinity;
  private troubled = false;

  /** `now` in milliseconds of any clock that does not jump. */
  constructor(now: () => number, tell: (message: string) => void) {
    this.now = now;
    this.tell = tell;
  }

  /** Whether it is too early to try again. */
  get pausing(): boolean {
    return this.now() - this.failedAt < PAUSE_MS;
  }

  failed(message: string): void {
    this.failedAt = this.now();
    if (!this.troubled) this.tell(message);
    this.troubled = true;
  }

  /** Something was written. */
  succeeded(goesOn: string): void {
    if (!this.troubled || this.now() - this.failedAt < CALM_MS) return;
    this.troubled = false;
    this.tell(goesOn);
  }
}
