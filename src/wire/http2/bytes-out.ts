// Bytes on their way out, gathered so that what is small leaves in few pieces. What was taken is never written to again.

const BLOCK_BYTES = 16 * 1024;
/** From here on a payload goes by reference: a copy of it costs more than another piece. */
const COPY_BELOW_BYTES = 4 * 1024;

export class BytesOut {
  /** The block being filled; `at` is where the next byte goes. */
  buf: Buffer = NO_BYTES;
  at = 0;
  private from = 0;
  private pieces: Buffer[] = [];
  private sealedBytes = 0;

  /** Bytes waiting to be taken. */
  get sizeBytes(): number {
    return this.sealedBytes + this.at - this.from;
  }

  /** Makes room for `bytes` at buf[at], in one stretch with everything from `from` on if that is not sealed yet. */
  reserve(bytes: number): void {
    if (this.buf.length - this.at >= bytes) return;
    this.seal();
    this.buf = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
    this.at = 0;
    this.from = 0;
  }

  add(buf: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length >= COPY_BELOW_BYTES) {
      this.seal();
      this.pieces.push(buf.subarray(start, end));
      this.sealedBytes += length;
      return;
    }
    this.reserve(length);
    buf.copy(this.buf, this.at, start, end);
    this.at += length;
  }

  /** Everything so far, in order. */
  take(): Buffer[] {
    this.seal();
    const { pieces } = this;
    this.pieces = [];
    this.sealedBytes = 0;
    return pieces;
  }

  private seal(): void {
    if (this.at === this.from) return;
    this.pieces.push(this.buf.subarray(this.from, this.at));
    this.sealedBytes += this.at - this.from;
    this.from = this.at;
  }
}

const NO_BYTES = Buffer.alloc(0);
