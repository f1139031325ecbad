// The line before a chunk (RFC 9112 §7.1): size in hex, then perhaps extensions, CRLF. Strict for both roles, since the
// line goes on as it came: no white space, not even the "bad" kind that RFC 9112 would have a recipient forgive.

import { BACKSLASH, CR, DQUOTE, EQUALS, HEX, LF, QDTEXT, SEMICOLON, TEXT, TOKEN } from "../ascii.ts";
import { WireError, type WireErrorCode } from "../error.ts";

export const LINE_NEEDED = 0;
export const LINE_WHOLE = 1;
export const LINE_BAD = 2;
export type LineState = typeof LINE_NEEDED | typeof LINE_WHOLE | typeof LINE_BAD;

const MOST_DIGITS = 16;
const LONGEST_BARE = MOST_DIGITS + 2;

/** Reads the chunk lines of one message; counts its extensions. */
export class ChunkLine {
  /** Bytes of the chunk, after LINE_WHOLE. */
  size = 0;
  /** Offset behind the line's LF, after LINE_WHOLE. */
  end = 0;
  /** What is wrong, after LINE_BAD, and where in the buffer. */
  fault: WireErrorCode = "chunk-size-illegal";
  faultAt = 0;
  readonly #extensionLimit: number;
  #extensionBytes = 0;
  #lineExtensionBytes = 0;
  #searched = 0; // bytes of the line known to have no LF

  /** `extensionLimit`: bytes of extensions in a message, all chunks together. */
  constructor(extensionLimit: number) {
    this.#extensionLimit = extensionLimit;
  }

  /** A new message begins. */
  reset(): void {
    this.#extensionBytes = 0;
    this.#searched = 0;
  }

  /** Judges the line at buf[at, end): once its LF is there, or once it is longer than any may be. */
  read(buf: Buffer, at: number, end: number): LineState {
    const most = LONGEST_BARE + this.#extensionLimit - this.#extensionBytes;
    const stop = end - at > most ? at + most : end;
    let i = at + this.#searched;
    while (i < stop && buf[i] !== LF) i++;
    if (i === stop && stop - at < most) {
      this.#searched = i - at;
      return LINE_NEEDED;
    }
    this.#searched = 0;
    return this.#judge(buf, at, i, i < stop);
  }

  /** The fault as an error, its offset counted from the message's start. */
  error(messageStart: number): WireError {
    return new WireError(this.fault, this.faultAt - messageStart);
  }

  /** Counts the extensions of the line just read: it is taken, and not only looked at. */
  take(): void {
    this.#extensionBytes += this.#lineExtensionBytes;
  }

  /** `stop`: offset of the line's LF when it is whole, else where the longest line would have ended. */
  #judge(buf: Buffer, at: number, stop: number, whole: boolean): LineState {
    let size = 0;
    let i = at;
    for (; i < stop && HEX[buf[i]] !== 255; i++) {
      if (i - at === MOST_DIGITS) return this.#bad("chunk-size-too-large", at);
      size = size * 16 + HEX[buf[i]];
    }
    if (i === at) return this.#bad("chunk-size-illegal", at);
    if (size > Number.MAX_SAFE_INTEGER) return this.#bad("chunk-size-too-large", at);
    const digitsEnd = i;
    if (buf[i] === SEMICOLON) {
      i = whole ? skipExtensions(buf, i, stop) : stop;
      if (i < 0) return this.#bad(buf[~i] === LF ? "bare-lf" : "chunk-extension-illegal", ~i);
      if (this.#extensionBytes + i - digitsEnd > this.#extensionLimit) {
        return this.#bad("chunk-extension-too-large", digitsEnd);
      }
    }
    if (buf[i] !== CR || i + 1 !== stop) {
      if (whole && i === stop) return this.#bad("bare-lf", i);
      return this.#bad(i === digitsEnd ? "chunk-size-illegal" : "chunk-extension-illegal", i);
    }
    this.size = size;
    this.end = stop + 1;
    this.#lineExtensionBytes = i - digitsEnd;
    return LINE_WHOLE;
  }

  #bad(fault: WireErrorCode, at: number): LineState {
    this.fault = fault;
    this.faultAt = at;
    return LINE_BAD;
  }
}

/** *( ";" token [ "=" ( token / quoted-string ) ] ) from buf[i]: where it stops, or ~ of where it is wrong. */
function skipExtensions(buf: Buffer, i: number, stop: number): number {
  while (buf[i] === SEMICOLON) {
    const name = i + 1;
    i = skipToken(buf, name, stop);
    if (i === name) return ~i;
    if (buf[i] !== EQUALS) continue;
    const value = i + 1;
    i = buf[value] === DQUOTE ? skipQuoted(buf, value, stop) : skipToken(buf, value, stop);
    if (i === value) return ~i;
    if (i < 0) return i;
  }
  return i;
}

function skipToken(buf: Buffer, i: number, stop: number): number {
  while (i < stop && TOKEN[buf[i]] === 1) i++;
  return i;
}

/** quoted-string (RFC 9110 §5.6.4) from its opening quote: behind the closing one, or ~ of what does not belong. */
function skipQuoted(buf: Buffer, quote: number, stop: number): number {
  let i = quote + 1;
  while (i < stop && buf[i] !== DQUOTE) {
    if (buf[i] === BACKSLASH && TEXT[buf[i + 1]] === 1) i += 2;
    else if (QDTEXT[buf[i]] === 1) i++;
    else return ~i;
  }
  return i < stop ? i + 1 : ~stop;
}
