// Start lines (RFC 9112 §3 and §4): three parts, one space between them, and nothing else.

import { CR, HTAB, LF, SP, TARGET, TEXT, TOKEN, ZERO } from "../ascii.ts";
import { WireError, type WireErrorCode } from "../error.ts";
import { oddByteCode } from "./field-lines.ts";
import type { RequestLine, StatusLine, Version } from "./head.ts";

/** What the version says beside 1.0 and 1.1: a later minor, to be read as 1.1 (RFC 9110 §2.5). */
const LATER_MINOR = 12;

/** What the lines overlook is told through `note`. */
export interface LineNotes {
  note(defect: "version-minor" | "reason-missing" | "bare-lf"): void;
}

/** The request line at buf[start], whose LF must be there. Throws WireError, its offset counted from start. */
export function readRequestLine(buf: Buffer, start: number, notes: LineNotes): RequestLine {
  let i = start;
  while (TOKEN[buf[i]] === 1) i++;
  const methodEnd = i - start;
  if (buf[i] !== SP || i === start) throw new WireError(methodFault(buf, start, i), i - start);
  const target = ++i;
  while (TARGET[buf[i]] === 1) i++;
  const targetEnd = i - start;
  if (buf[i] !== SP || i === target) throw new WireError(targetFault(buf, target, i), i - start);
  i++;
  const version = readVersion(buf, i);
  if (version === 0) throw new WireError(versionFault(buf, i), i - start);
  if (version === LATER_MINOR) notes.note("version-minor");
  i += VERSION_LENGTH;
  if (buf[i] !== CR || buf[i + 1] !== LF) throw new WireError(afterVersionFault(buf, i), i - start);
  return { lineEnd: i + 2 - start, version: known(version), methodEnd, targetStart: target - start, targetEnd };
}

/** The status line at buf[start], whose LF must be there. Throws WireError, its offset counted from start. */
export function readStatusLine(buf: Buffer, start: number, notes: LineNotes): StatusLine {
  const version = readVersion(buf, start);
  if (version === 0) throw new WireError(answerVersionFault(buf, start), 0);
  if (version === LATER_MINOR) notes.note("version-minor");
  let i = start + VERSION_LENGTH;
  const status = buf[i] === SP ? readStatus(buf, i + 1) : 0;
  if (status === 0) throw new WireError("status-line-illegal", i - start);
  i += 4;
  if (buf[i] === SP) i++;
  else if (buf[i] === CR || buf[i] === LF) notes.note("reason-missing");
  else throw new WireError("status-line-illegal", i - start);
  const reasonStart = i - start;
  while (TEXT[buf[i]] === 1) i++;
  const reasonEnd = i - start;
  if (buf[i] === LF) notes.note("bare-lf");
  else if (buf[i] !== CR || buf[i + 1] !== LF) throw new WireError(oddByteCode(buf[i]), i - start);
  const lineEnd = reasonEnd + (buf[i] === LF ? 1 : 2);
  return { lineEnd, version: known(version), status, reasonStart, reasonEnd };
}

/** Whether an answer that begins with buf[start, end) may be HTTP/1, as far as it has come. */
export function mayBeStatusLine(buf: Buffer, start: number, end: number): boolean {
  return "HTTP/".startsWith(buf.toString("latin1", start, Math.min(end, start + 5)));
}

const VERSION_LENGTH = 8;

/** HTTP/1.0 is 10, 1.1 is 11, a later 1.x is LATER_MINOR, all else 0. Comparing stops before the line's LF. */
function readVersion(buf: Buffer, i: number): 0 | 10 | 11 | typeof LATER_MINOR {
  if (!startsHttp(buf, i) || buf[i + 5] !== 0x31 || buf[i + 6] !== 0x2e) return 0;
  const minor = buf[i + 7] - ZERO;
  if (minor === 1) return 11;
  if (minor === 0) return 10;
  return minor >= 2 && minor <= 9 ? LATER_MINOR : 0;
}

function startsHttp(buf: Buffer, i: number): boolean {
  return buf[i] === 0x48 && buf[i + 1] === 0x54 && buf[i + 2] === 0x54 && buf[i + 3] === 0x50 && buf[i + 4] === 0x2f;
}

function known(version: 10 | 11 | typeof LATER_MINOR): Version {
  return version === 10 ? 10 : 11;
}

/** Three digits, the first of them 1 to 5 (RFC 9110 §15: other values are invalid); 0 when they are not there. */
function readStatus(buf: Buffer, i: number): number {
  const hundreds = buf[i] - ZERO;
  if (hundreds < 1 || hundreds > 5 || !isDigit(buf[i + 1]) || !isDigit(buf[i + 2])) return 0;
  return hundreds * 100 + (buf[i + 1] - ZERO) * 10 + (buf[i + 2] - ZERO);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function methodFault(buf: Buffer, start: number, at: number): WireErrorCode {
  if (buf[start] === 0x16 && buf[start + 1] === 0x03) return "tls-on-plain-port";
  if (buf[at] === LF) return "bare-lf";
  return buf[at] === CR && at > start ? "request-line-illegal" : "method-illegal";
}

function targetFault(buf: Buffer, targetStart: number, at: number): WireErrorCode {
  if (buf[at] === LF) return "bare-lf";
  if (at === targetStart) return "request-line-illegal";
  return buf[at] === CR && buf[at + 1] === LF ? "version-missing" : "target-illegal";
}

function versionFault(buf: Buffer, at: number): WireErrorCode {
  if (buf[at] === LF) return "bare-lf";
  if (namesOtherVersion(buf, at)) return "version-unsupported";
  let i = at;
  while (TARGET[buf[i]] === 1) i++;
  return buf[i] === SP || buf[i] === HTAB ? "request-line-illegal" : "version-illegal";
}

/** HTTP/DIGIT.DIGIT: well-formed, so the major must be another. "HTTP/2" without a minor is what h2 libraries print. */
function namesOtherVersion(buf: Buffer, i: number): boolean {
  if (!startsHttp(buf, i) || !isDigit(buf[i + 5]) || buf[i + 5] === 0x31) return false;
  return buf[i + 6] === CR || buf[i + 6] === SP || (buf[i + 6] === 0x2e && isDigit(buf[i + 7]));
}

function afterVersionFault(buf: Buffer, at: number): WireErrorCode {
  if (buf[at] === LF) return "bare-lf";
  if (buf[at] === SP || buf[at] === HTAB) return "request-line-illegal";
  return "version-illegal";
}

function answerVersionFault(buf: Buffer, start: number): WireErrorCode {
  if (!startsHttp(buf, start)) return "not-http";
  return namesOtherVersion(buf, start) ? "version-unsupported" : "status-line-illegal";
}
