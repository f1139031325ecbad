// Field sections out of HPACK (RFC 7541 §3, §6). A section too large for its bounds is still read to its end, so that the
// tables stay in step, but what is over is not kept.

import { hpackError } from "../error.ts";
import { DynamicTable } from "./dynamic-table.ts";
import { HpackField } from "./field.ts";
import { huffmanDecode, huffmanRoom } from "./huffman.ts";
import { DYNAMIC_START, STATIC_TABLE } from "./static-table.ts";

export interface FieldSectionLimits {
  /** RFC 9113 §6.5.2: bytes of names and values, and 32 a field. */
  readonly headBytes: number;
  readonly fieldCount: number;
}

export interface FieldSection {
  readonly fields: HpackField[];
  /** Some fields are missing: there were too many, or too large ones. */
  readonly tooLarge: boolean;
}

/** What a peer may use before anybody says otherwise (RFC 9113 §6.5.2). Bytes. */
export const TABLE_BYTES = 4096;

export class HpackDecoder {
  private readonly limits: FieldSectionLimits;
  private readonly maxTableBytes: number;
  private readonly table: DynamicTable;
  private scratch = Buffer.allocUnsafe(256);
  private buf: Buffer = NO_BYTES;
  private at = 0;
  private end = 0;

  /** `maxTableBytes`: what our SETTINGS_HEADER_TABLE_SIZE says. */
  constructor(limits: FieldSectionLimits, maxTableBytes = TABLE_BYTES) {
    this.limits = limits;
    this.maxTableBytes = maxTableBytes;
    this.table = new DynamicTable(maxTableBytes);
  }

  /** Reads the whole section in buf[start, end). Throws Http2Error; the connection is lost then. */
  decode(buf: Buffer, start: number, end: number): FieldSection {
    this.buf = buf;
    this.at = start;
    this.end = end;
    const fields: HpackField[] = [];
    const { headBytes, fieldCount } = this.limits;
    let bytes = 0;
    let tooLarge = false;
    while (this.at < this.end) {
      const field = this.next(fields.length === 0 && !tooLarge);
      if (field === null) continue;
      bytes += field.sizeBytes;
      if (bytes > headBytes || fields.length === fieldCount) tooLarge = true;
      else fields.push(field);
    }
    this.buf = NO_BYTES;
    return { fields, tooLarge };
  }

  /** The next field; null for a change of the table's size, which may only stand at the beginning (§4.2). */
  private next(first: boolean): HpackField | null {
    const byte = this.buf[this.at];
    if ((byte & 0x80) !== 0) return this.entry(this.integer(7));
    if ((byte & 0x40) !== 0) {
      const field = this.literal(this.integer(6), false);
      this.table.insert(field);
      return field;
    }
    if ((byte & 0x20) === 0) return this.literal(this.integer(4), (byte & 0x10) !== 0);
    if (!first) throw hpackError("a change of the table's size behind a field");
    const bytes = this.integer(5);
    if (bytes > this.maxTableBytes)
      throw hpackError(`a table of ${bytes} bytes, where ${this.maxTableBytes} are allowed`);
    this.table.resize(bytes);
    return null;
  }

  private entry(index: number): HpackField {
    const field = index < DYNAMIC_START ? STATIC_TABLE[index] : this.table.at(index - DYNAMIC_START);
    if (index === 0 || field === undefined) throw hpackError(`no table has an index ${index}`);
    return field;
  }

  private literal(nameIndex: number, never: boolean): HpackField {
    if (nameIndex === 0) {
      const name = this.string();
      return new HpackField(name, this.string(), never);
    }
    const named = this.entry(nameIndex);
    return new HpackField(named.name, this.string(), never, named.meaning);
  }

  /** §5.1, with at most four bytes behind the prefix: no length or index is over 2^28. */
  private integer(prefixBits: number): number {
    const { buf } = this;
    const most = (1 << prefixBits) - 1;
    let value = buf[this.at++] & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.at >= this.end) throw hpackError("a field section ends in a number");
      const byte = buf[this.at++];
      value += (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw hpackError("a number that is too large");
  }

  /** §5.2 */
  private string(): string {
    if (this.at >= this.end) throw hpackError("a field section ends before a string");
    const { buf } = this;
    const coded = (buf[this.at] & 0x80) !== 0;
    const length = this.integer(7);
    const start = this.at;
    const stop = start + length;
    if (stop > this.end) throw hpackError("a string that is longer than its field section");
    this.at = stop;
    if (!coded) return buf.toString("latin1", start, stop);
    const room = huffmanRoom(length);
    if (this.scratch.length < room) this.scratch = Buffer.allocUnsafe(room * 2);
    return this.scratch.toString("latin1", 0, huffmanDecode(buf, start, stop, this.scratch));
  }
}

const NO_BYTES = Buffer.alloc(0);
