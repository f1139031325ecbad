import { CONTENT } from "../wire/http1/reader.ts";
import type { Outbox } from "./outbox.ts";

interface Piece {
  readonly event: number;
  readonly buf: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A message's bytes behind its head, kept back by reference until somebody has seen them whole, up to a limit. */
export class Held {
  /** False once it is whole, or too long to be kept whole: it takes no more. */
  open = true;
  /** It was longer than the limit. */
  overflowed = false;
  private readonly limitBytes: number;
  private readonly pieces: Piece[] = [];
  private sizeBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Keeps a piece as it came. True when it is too much from here on. */
  add(event: number, buf: Buffer, start: number, end: number): boolean {
    this.pieces.push({ event, buf, start, end });
    if (event === CONTENT) this.sizeBytes += end - start;
    if (this.sizeBytes <= this.limitBytes) return false;
    this.overflowed = true;
    this.open = false;
    return true;
  }

  /** The content alone, without the framing around it. */
  content(): Buffer {
    const parts: Buffer[] = [];
    for (const { event, buf, start, end } of this.pieces) if (event === CONTENT) parts.push(buf.subarray(start, end));
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, this.sizeBytes);
  }

  /** Lets everything go on as it came. */
  release(out: (event: number, buf: Buffer, start: number, end: number) => void): void {
    for (const { event, buf, start, end } of this.pieces) out(event, buf, start, end);
  }

  releaseTo(out: Outbox): void {
    for (const { buf, start, end } of this.pieces) out.add(buf, start, end);
  }
}
