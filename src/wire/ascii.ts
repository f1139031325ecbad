// Bytes and their classes. Every table is indexed by the byte and holds 1 or 0, so that hot loops are one load and one
// branch a byte. This file knows nothing of HTTP's messages, only of RFC 9110's alphabet.

export const NUL = 0x00;
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DQUOTE = 0x22;
export const COMMA = 0x2c;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;
export const DEL = 0x7f;

const ALPHA = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";

/** tchar (RFC 9110 §5.6.2): what methods, field names and codings are made of. */
export const TOKEN = byteClass(`!#$%&'*+-.^_\`|~${DIGITS}${ALPHA}`);

/** What may stand inside a field value or reason phrase: SP, HTAB, VCHAR, obs-text (RFC 9110 §5.5). No control bytes. */
export const TEXT = byteClass("\t", range(SP, DEL - 1), range(0x80, 0xff));

/** What may stand in a request target: no space, no control byte; the rest is the origin's business. */
export const TARGET = byteClass(range(SP + 1, DEL - 1), range(0x80, 0xff));

/** Inside a quoted-string but for its escapes: qdtext (RFC 9110 §5.6.4). */
export const QDTEXT = byteClass("\t ", range(0x21, 0x21), range(0x23, 0x5b), range(0x5d, 0x7e), range(0x80, 0xff));

/** Value of a hexadecimal digit, 255 for any other byte. */
export const HEX = hexValues();

/** A byte of the class: for the few places where a string is looked at. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff || TOKEN[text.charCodeAt(i)] === 0) return false;
  return text.length > 0;
}

/**
 * Whether buf[start, end) is `lower`, letters compared without case. `lower` must be lower-case ASCII. Compared from the
 * end, where names of one length and first letter differ most.
 */
export function equalsLower(buf: Buffer, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = lower.length - 1; i >= 0; i--) {
    const byte = buf[start + i];
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether buf[start, end) is exactly `text` (latin1). */
export function equalsExactly(buf: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (buf[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

export function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function byteClass(...members: string[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const text of members) for (let i = 0; i < text.length; i++) table[text.charCodeAt(i)] = 1;
  return table;
}

function range(first: number, last: number): string {
  let text = "";
  for (let byte = first; byte <= last; byte++) text += String.fromCharCode(byte);
  return text;
}

function hexValues(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let value = 0; value < 16; value++) {
    table[value.toString(16).charCodeAt(0)] = value;
    table[value.toString(16).toUpperCase().charCodeAt(0)] = value;
  }
  return table;
}
