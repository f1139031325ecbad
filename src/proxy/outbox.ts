import type { Conn } from "../net/conn.ts";

/** Below this, pieces that do not touch are copied into one write: a copy is cheaper than a second system call. */
const COPY_BELOW_BYTES = 16 * 1024;

/**
 * What is to be written next, as views. Pieces that lie side by side in the buffer they came in are joined again, so a
 * message that nobody touched leaves in the very slices in which it arrived, in one write.
 */
export class Outbox {
  private buf: Buffer | null = null;
  private start = 0;
  private end = 0;
  private pieces: Buffer[] = [];
  private sizeBytes = 0;

  add(buf: Buffer, start: number, end: number): void {
    if (start === end) return;
    if (this.buf === buf && this.end === start) {
      this.end = end;
      return;
    }
    this.seal();
    this.buf = buf;
    this.start = start;
    this.end = end;
  }

  addAll(buf: Buffer): void {
    this.add(buf, 0, buf.length);
  }

  get empty(): boolean {
    return this.buf === null && this.pieces.length === 0;
  }

  clear(): void {
    this.buf = null;
    this.pieces = [];
    this.sizeBytes = 0;
  }

  /** Writes everything; false asks to stop until the connection drains. */
  flush(conn: Conn): boolean {
    const buf = this.buf;
    if (buf === null) return true;
    if (this.pieces.length === 0) {
      this.buf = null;
      const whole = this.start === 0 && this.end === buf.length;
      return conn.write(whole ? buf : buf.subarray(this.start, this.end));
    }
    this.seal();
    const { pieces, sizeBytes } = this;
    this.pieces = [];
    this.sizeBytes = 0;
    return sizeBytes <= COPY_BELOW_BYTES ? conn.write(Buffer.concat(pieces, sizeBytes)) : conn.writeAll(pieces);
  }

  private seal(): void {
    if (this.buf === null) return;
    this.pieces.push(this.buf.subarray(this.start, this.end));
    this.sizeBytes += this.end - this.start;
    this.buf = null;
  }
}
