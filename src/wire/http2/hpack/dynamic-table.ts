// RFC 7541 §2.3.2 and §4: entries in the order of their insertion, the oldest pushed out by size.

import { ENTRY_OVERHEAD, type HpackField } from "./field.ts";

export class DynamicTable {
  /** Entries now. */
  count = 0;
  /** Bytes now, by §4.1. */
  sizeBytes = 0;
  maxBytes: number;
  /** Entries inserted since the beginning: the newest has this number. */
  inserted = 0;
  private readonly onEvict: (entry: HpackField, number: number) => void;
  private ring: (HpackField | undefined)[];

  /** `onEvict` hears of each entry that goes, with the number that it had. */
  constructor(maxBytes: number, onEvict: (entry: HpackField, number: number) => void = () => {}) {
    this.maxBytes = maxBytes;
    this.onEvict = onEvict;
    this.ring = new Array<HpackField | undefined>(slotsFor(maxBytes));
  }

  /** The entry at `index`, 0 being the newest; undefined beyond the oldest. */
  at(index: number): HpackField | undefined {
    return index < this.count ? this.byNumber(this.inserted - index) : undefined;
  }

  /** §4.4: an entry larger than the table empties it, and is not an error. */
  insert(entry: HpackField): void {
    const { sizeBytes } = entry;
    this.shrinkTo(this.maxBytes - sizeBytes);
    if (sizeBytes > this.maxBytes) return;
    this.inserted++;
    this.ring[this.inserted % this.ring.length] = entry;
    this.count++;
    this.sizeBytes += sizeBytes;
  }

  /** §4.3 */
  resize(maxBytes: number): void {
    this.shrinkTo(maxBytes);
    this.maxBytes = maxBytes;
    const slots = slotsFor(maxBytes);
    if (slots <= this.ring.length) return;
    const ring = new Array<HpackField | undefined>(slots);
    for (let i = 0; i < this.count; i++) ring[(this.inserted - i) % slots] = this.at(i);
    this.ring = ring;
  }

  private byNumber(number: number): HpackField | undefined {
    return this.ring[number % this.ring.length];
  }

  private shrinkTo(bytes: number): void {
    while (this.count > 0 && this.sizeBytes > bytes) {
      const number = this.inserted - this.count + 1;
      const entry = this.byNumber(number) as HpackField; // counted, so it is there
      this.ring[number % this.ring.length] = undefined;
      this.count--;
      this.sizeBytes -= entry.sizeBytes;
      this.onEvict(entry, number);
    }
  }
}

/** As many entries as may ever fit, and one. */
function slotsFor(maxBytes: number): number {
  return Math.floor(maxBytes / ENTRY_OVERHEAD) + 1;
}
