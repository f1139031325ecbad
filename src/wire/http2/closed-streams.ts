// How the last streams ended: what may still come on a closed stream depends on it (RFC 9113 §5.1). Bounded: of those that
// have been forgotten, late frames are not known from frames of streams that never were.

/** Not among the last ones. */
export const FORGOTTEN = 0;
/** Both sides ended it. */
export const ENDED = 1;
export const RESET_BY_PEER = 2;
/** By us: anything may still come that was on its way. */
export const RESET_BY_US = 3;

const REMEMBERED = 1024;

export class ClosedStreams {
  private readonly how = new Map<number, number>();

  add(streamId: number, how: number): void {
    this.how.set(streamId, how);
    if (this.how.size <= REMEMBERED) return;
    for (const oldest of this.how.keys()) {
      this.how.delete(oldest);
      return;
    }
  }

  get(streamId: number): number {
    return this.how.get(streamId) ?? FORGOTTEN;
  }
}
