// The unread bytes of one direction of a connection, and where in the stream they are. Bytes are kept by reference; only
// what a socket cut in the middle of a line is joined.

/** Bytes copied at once to complete a line: most lines are shorter, and what follows a line is mostly content. */
const JOINED_AT_ONCE = 4096;
const SMALLEST = 1024;
const NOTHING = Buffer.alloc(0);

/**
 * buf[start, end) are the unread bytes at hand; more may be waiting. Bytes handed out are never moved or changed (the
 * recorder holds references): what does not fit behind them goes to a new buffer of twice the size, so that input of one
 * byte at a time is copied O(n) in all.
 */
export class Input {
  buf: Buffer = NOTHING;
  start = 0;
  end = 0;
  /** Nothing will be pushed any more. */
  ended = false;
  /** Bytes of the stream before `start`. */
  taken = 0;
  /** What `taken` was where the message began. */
  messageAt = 0;
  readonly #waiting: Buffer[] = [];
  #owned = false; // buf is ours, and behind `end` it is free

  /** Unread bytes at hand. */
  get size(): number {
    return this.end - this.start;
  }

  /** All unread bytes. */
  get total(): number {
    let sum = this.size;
    for (const chunk of this.#waiting) sum += chunk.length;
    return sum;
  }

  /** Bytes of the message before the first unread one: what a WireError counts from. */
  get offset(): number {
    return this.taken - this.messageAt;
  }

  push(chunk: Buffer): void {
    if (this.size === 0 && this.#waiting.length === 0) this.#replace(chunk);
    else this.#waiting.push(chunk);
  }

  /** Joins what was pushed meanwhile to the bytes at hand, or some of it; false when there is none. */
  more(): boolean {
    const chunk = this.#waiting[0];
    if (chunk === undefined) return false;
    if (this.size > 0 && chunk.length > JOINED_AT_ONCE) {
      this.#append(chunk.subarray(0, JOINED_AT_ONCE));
      this.#waiting[0] = chunk.subarray(JOINED_AT_ONCE);
    } else {
      this.#waiting.shift();
      if (this.size > 0) this.#append(chunk);
      else this.#replace(chunk);
    }
    return true;
  }

  /** The bytes at hand up to `end` are read. */
  take(end: number): void {
    this.taken += end - this.start;
    this.start = end;
  }

  /** Everything unread, read. */
  takeAll(): Buffer {
    const first = this.buf.subarray(this.start, this.end);
    const all = this.#waiting.length === 0 ? first : Buffer.concat([first, ...this.#waiting]);
    this.taken += all.length;
    this.#waiting.length = 0;
    this.#replace(NOTHING);
    return all;
  }

  #replace(chunk: Buffer): void {
    this.buf = chunk;
    this.start = 0;
    this.end = chunk.length;
    this.#owned = false;
  }

  #append(chunk: Buffer): void {
    if (!this.#owned || this.end + chunk.length > this.buf.length) this.#grow(chunk.length);
    chunk.copy(this.buf, this.end);
    this.end += chunk.length;
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafe(Math.max(SMALLEST, 2 * (this.size + more)));
    this.buf.copy(grown, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.buf = grown;
    this.#owned = true;
  }
}
