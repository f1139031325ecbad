// Field lines of a head or a trailer section (RFC 9112 §5): one pass, integers out, strict but for named leniencies.

import { COLON, CR, HTAB, isBlank, LF, SP, TEXT, TOKEN } from "../ascii.ts";
import { type Defect, NO_DEFECTS } from "../defect.ts";
import { WireError, type WireErrorCode } from "../error.ts";
import { Fields, FOLDED, LAST_BIT, recognise, STRIDE } from "./fields.ts";

/** What may be overlooked in a section, as bits. */
export const STRICT = 0;
export const TAKE_OBS_FOLD = 1;
export const TAKE_BARE_LF = 2;
export const TAKE_BLANK_BEFORE_COLON = 4;
/** wire.md "from origins": what exists in the wild and has one reading. */
export const FROM_ORIGINS = TAKE_OBS_FOLD | TAKE_BARE_LF | TAKE_BLANK_BEFORE_COLON;

/** Reads one section after the other; keeps its place between calls, and its scratch between sections. */
export class FieldLines {
  readonly #take: number;
  readonly #most: number;
  #ints: number[] = [];
  #used = 0;
  #seen = 0;
  #defects: Defect[] | null = null;

  /** `take`: leniencies as bits; `most`: fields allowed in a section. */
  constructor(take: number, most: number) {
    this.#take = take;
    this.#most = most;
  }

  /** Forgets the section so far. */
  reset(): void {
    if (this.#used > RETAINED) this.#ints = [];
    this.#used = 0;
    this.#seen = 0;
    this.#defects = null;
  }

  /** What was overlooked in this section. */
  get defects(): readonly Defect[] {
    return this.#defects ?? NO_DEFECTS;
  }

  note(defect: Defect): void {
    this.#defects ??= [];
    if (!this.#defects.includes(defect)) this.#defects.push(defect);
  }

  /** The section read: its fields, as offsets from base; `end` is the offset of its empty line. */
  fields(buf: Buffer, base: number, end: number): Fields {
    return new Fields(buf, base, end, this.#ints.slice(0, this.#used), this.#seen);
  }

  /**
   * Reads the lines in buf[at, end), which must end with LF: every loop stops there, so none asks for the end.
   * Returns the offset of the empty line that ends the section, or -1 when it goes on. Throws WireError, its offset
   * counted from base.
   */
  scan(buf: Buffer, base: number, at: number, end: number): number {
    let i = at;
    while (i < end) {
      const line = i;
      if (buf[i] < 0x21) {
        if (!isBlank(buf[i])) return this.#emptyLine(buf, base, i);
        i = this.#fold(buf, base, i);
        continue;
      }
      while (TOKEN[buf[i]] === 1) i++;
      const nameEnd = i;
      if (buf[i] !== COLON || i === line) i = this.#oddName(buf, base, line, i);
      i++;
      while (buf[i] === SP || buf[i] === HTAB) i++;
      const valueStart = i;
      while (TEXT[buf[i]] === 1) i++;
      let valueEnd = i;
      while (valueEnd > valueStart && isBlank(buf[valueEnd - 1])) valueEnd--;
      i = buf[i] === CR && buf[i + 1] === LF ? i + 2 : this.#oddLineEnd(buf, base, i);
      this.#add(buf, base, line, nameEnd, valueStart, valueEnd);
    }
    return -1;
  }

  #add(buf: Buffer, base: number, line: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const used = this.#used;
    if (used === this.#most * STRIDE) throw new WireError("too-many-fields", line - base);
    const id = recognise(buf, line, nameEnd);
    if (id <= LAST_BIT) this.#seen |= 1 << id;
    const ints = this.#ints;
    ints[used] = line - base;
    ints[used + 1] = nameEnd - base;
    ints[used + 2] = valueStart - base;
    ints[used + 3] = valueEnd - base;
    ints[used + 4] = id;
    this.#used = used + STRIDE;
  }

  #emptyLine(buf: Buffer, base: number, at: number): number {
    if (buf[at] === CR && buf[at + 1] === LF) return at;
    this.#oddLineEnd(buf, base, at);
    return at;
  }

  /** A line that begins with white space belongs to the value before it (RFC 9112 §5.2). Returns the next line. */
  #fold(buf: Buffer, base: number, at: number): number {
    if (this.#used === 0) throw new WireError("blank-before-first-field", at - base);
    if ((this.#take & TAKE_OBS_FOLD) === 0) throw new WireError("obs-fold", at - base);
    this.note("obs-fold");
    let i = at;
    while (isBlank(buf[i])) i++;
    const text = i;
    while (TEXT[buf[i]] === 1) i++;
    let textEnd = i;
    while (textEnd > text && isBlank(buf[textEnd - 1])) textEnd--;
    const next = buf[i] === CR && buf[i + 1] === LF ? i + 2 : this.#oddLineEnd(buf, base, i);
    const ints = this.#ints;
    const last = this.#used - STRIDE;
    ints[last + 4] |= FOLDED;
    if (textEnd > text) {
      if (ints[last + 2] === ints[last + 3]) ints[last + 2] = text - base; // nothing stood on the lines before
      ints[last + 3] = textEnd - base;
    }
    return next;
  }

  /** The name did not end at its colon: the colon's offset if that is overlooked. */
  #oddName(buf: Buffer, base: number, line: number, at: number): number {
    let colon = at;
    while (isBlank(buf[colon])) colon++;
    if (at > line && buf[colon] === COLON && (this.#take & TAKE_BLANK_BEFORE_COLON) !== 0) {
      this.note("blank-before-colon");
      return colon;
    }
    throw new WireError(oddNameCode(buf, line, at, colon), at - base);
  }

  /** The line did not end with CRLF: where the next begins if that is overlooked. */
  #oddLineEnd(buf: Buffer, base: number, at: number): number {
    if (buf[at] === LF && (this.#take & TAKE_BARE_LF) !== 0) {
      this.note("bare-lf");
      return at + 1;
    }
    throw new WireError(oddByteCode(buf[at]), at - base);
  }
}

/** Scratch of more integers than this is given back after the head that needed it. */
const RETAINED = 200 * STRIDE;

function oddNameCode(buf: Buffer, line: number, at: number, colon: number): WireErrorCode {
  if (at === line && buf[at] === COLON) return "field-name-empty";
  if (buf[colon] === COLON) return "blank-before-colon";
  if (buf[colon] === CR) return buf[colon + 1] === LF ? "field-no-colon" : "bare-cr";
  if (buf[colon] === LF) return "field-no-colon";
  return "field-name-illegal";
}

/** Why a byte that no text may have is wrong where a line should have gone on or ended. */
export function oddByteCode(byte: number): WireErrorCode {
  if (byte === LF) return "bare-lf";
  return byte === CR ? "bare-cr" : "control-byte";
}
