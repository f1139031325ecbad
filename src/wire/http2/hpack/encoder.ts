// Field sections into HPACK. Which literal is worth an entry is a guess (RFC 7541 §7.1 leaves it to us): values that change
// with every message are not.

import { TABLE_BYTES } from "./decoder.ts";
import { DynamicTable } from "./dynamic-table.ts";
import { HpackField } from "./field.ts";
import { huffmanEncode, huffmanLength } from "./huffman.ts";
import { DYNAMIC_START, STATIC_NAMES, staticIndex } from "./static-table.ts";

export class HpackEncoder {
  /** The section so far: buf[0, length). Valid until the next begin(). */
  buf: Buffer = Buffer.allocUnsafe(1024);
  length = 0;
  private readonly huffman: boolean;
  private readonly table: DynamicTable;
  /** The newest entry of each field, as numbers that DynamicTable counts. */
  private readonly known = new Map<string, Map<string, number>>();
  /** Sizes to announce at the beginning of the next section (RFC 7541 §4.2): the least since, and the last; -1 is none. */
  private leastBytes = -1;
  private lastBytes = -1;

  /** `huffman`: smaller strings for more work. */
  constructor(huffman: boolean) {
    this.huffman = huffman;
    this.table = new DynamicTable(TABLE_BYTES, (entry, number) => this.forget(entry, number));
  }

  /** What the peer's SETTINGS_HEADER_TABLE_SIZE says. We never use more than 4096 bytes. */
  allow(tableBytes: number): void {
    const bytes = Math.min(tableBytes, TABLE_BYTES);
    if (bytes === this.table.maxBytes && this.lastBytes < 0) return;
    this.leastBytes = this.leastBytes < 0 ? bytes : Math.min(this.leastBytes, bytes);
    this.lastBytes = bytes;
  }

  begin(): void {
    this.length = 0;
    if (this.lastBytes < 0) return;
    this.table.resize(this.leastBytes);
    this.integer(0x20, 5, this.leastBytes);
    if (this.lastBytes !== this.leastBytes) {
      this.table.resize(this.lastBytes);
      this.integer(0x20, 5, this.lastBytes);
    }
    this.leastBytes = -1;
    this.lastBytes = -1;
  }

  /** `name` in lower case; name and value one char a byte. `never`: it was never indexed where it came from. */
  field(name: string, value: string, never = false): void {
    const inStatic = STATIC_NAMES.get(name) ?? 0;
    if (never) return this.literal(0x10, 4, inStatic, name, value);
    if (inStatic > 0) {
      const whole = staticIndex(name, value, inStatic);
      if (whole > 0) return this.integer(0x80, 7, whole);
    }
    const number = this.known.get(name)?.get(value);
    if (number !== undefined) return this.integer(0x80, 7, this.indexOf(number));
    const inTable = inStatic > 0 ? inStatic : this.nameInTable(name);
    if (CHANGING.has(name) || name.length + value.length > this.table.maxBytes >> 2) {
      return this.literal(0x00, 4, inTable, name, value);
    }
    this.literal(0x40, 6, inTable, name, value);
    this.remember(new HpackField(name, value));
  }

  private indexOf(number: number): number {
    return DYNAMIC_START + this.table.inserted - number;
  }

  private nameInTable(name: string): number {
    const values = this.known.get(name);
    if (values === undefined) return 0;
    for (const number of values.values()) return this.indexOf(number);
    return 0;
  }

  private remember(entry: HpackField): void {
    this.table.insert(entry);
    if (this.table.count === 0) return;
    const values = this.known.get(entry.name);
    if (values === undefined) this.known.set(entry.name, new Map([[entry.value, this.table.inserted]]));
    else values.set(entry.value, this.table.inserted);
  }

  private forget(entry: HpackField, number: number): void {
    const values = this.known.get(entry.name);
    if (values?.get(entry.value) !== number) return;
    values.delete(entry.value);
    if (values.size === 0) this.known.delete(entry.name);
  }

  private literal(pattern: number, prefixBits: number, nameIndex: number, name: string, value: string): void {
    this.integer(pattern, prefixBits, nameIndex);
    if (nameIndex === 0) this.string(name);
    this.string(value);
  }

  private integer(pattern: number, prefixBits: number, value: number): void {
    this.room(6);
    const most = (1 << prefixBits) - 1;
    if (value < most) {
      this.buf[this.length++] = pattern | value;
      return;
    }
    this.buf[this.length++] = pattern | most;
    value -= most;
    while (value >= 0x80) {
      this.buf[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.buf[this.length++] = value;
  }

  private string(text: string): void {
    if (this.huffman) {
      const length = huffmanLength(text);
      if (length < text.length) {
        this.integer(0x80, 7, length);
        this.room(length);
        this.length = huffmanEncode(text, this.buf, this.length);
        return;
      }
    }
    this.integer(0, 7, text.length);
    this.room(text.length);
    this.buf.write(text, this.length, "latin1");
    this.length += text.length;
  }

  private room(bytes: number): void {
    if (this.buf.length - this.length >= bytes) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buf.length * 2, this.length + bytes));
    this.buf.copy(larger, 0, 0, this.length);
    this.buf = larger;
  }
}

/** Seldom the same twice on a connection. */
const CHANGING: ReadonlySet<string> = new Set([
  ":path",
  "age",
  "content-length",
  "content-range",
  "etag",
  "if-modified-since",
  "if-none-match",
  "last-modified",
  "location",
  "set-cookie",
]);
