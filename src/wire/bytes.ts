// Small work on byte ranges: joining what a socket cut, and looking for the end of a line.

import { LF } from "./ascii.ts";

const SHORT = 64;

/**
 * Index just after the last LF in buf[from, to), or -1. Looks at a few bytes itself, since a head mostly ends where the
 * read ends; the rest is memrchr, so a body of 64 KB behind a head costs 2 us and not 60.
 */
export function afterLastLf(buf: Buffer, from: number, to: number): number {
  const near = to - from > SHORT ? to - SHORT : from;
  for (let i = to - 1; i >= near; i--) if (buf[i] === LF) return i + 1;
  if (near === from) return -1;
  const at = buf.subarray(from, near).lastIndexOf(LF);
  return at < 0 ? -1 : from + at + 1;
}

/**
 * Bytes that are still wanted whole, followed by what came after them. Bytes handed out earlier are never moved or
 * changed (the recorder holds references): what does not fit goes to a new buffer of twice the size, so that input of
 * one byte at a time is copied O(n) in all.
 */
export class Joined {
  buf: Buffer = NOTHING;
  start = 0;
  end = 0;
  #owned = false; // buf is ours, and behind `end` it is free

  get size(): number {
    return this.end - this.start;
  }

  /** Takes bytes by reference. Only when `size` is 0. */
  replace(chunk: Buffer): void {
    this.buf = chunk;
    this.start = 0;
    this.end = chunk.length;
    this.#owned = false;
  }

  append(chunk: Buffer): void {
    if (this.size === 0) {
      this.replace(chunk);
      return;
    }
    if (!this.#owned || this.end + chunk.length > this.buf.length) this.#grow(chunk.length);
    chunk.copy(this.buf, this.end);
    this.end += chunk.length;
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(SMALLEST, 2 * (this.size + more)));
    this.buf.copy(grown, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.buf = grown;
    this.#owned = true;
  }
}

const SMALLEST = 1024;
const NOTHING = Buffer.alloc(0);
