// The clean form of a head with defects that were taken (wire.md "from origins", equal repeats of a length, folds that a
// host is allowed): what goes on has one reading for everybody. A head without such defects goes on as it came.

import { COLON, CR, LF } from "../ascii.ts";
import { mustClean } from "../defect.ts";
import { F_CONTENT_LENGTH, F_TRANSFER_ENCODING, type Fields } from "./fields.ts";
import { type Head, RequestHead, ResponseHead } from "./head.ts";
import { parseRequestHead, parseResponseHead } from "./head-parser.ts";
import type { Http1Limits } from "./limits.ts";

/**
 * The head itself when nothing must be cleaned, else a new one with bytes of its own and no defects: CRLF line ends, no
 * folds, no space before colons, a space behind the status, one Content-Length in plain digits and none beside
 * Transfer-Encoding, neither where there is no content to frame, HTTP/1.1 for a later 1.x. All else is copied byte for byte.
 */
export function cleanHead<H extends Head>(head: H): H {
  if (!mustClean(head.defects)) return head;
  const bytes = Buffer.from(startLine(head) + fieldLines(head), "latin1");
  const limits = { ...NO_LIMITS, fieldCount: head.fields.count };
  const clean =
    head instanceof RequestHead
      ? parseRequestHead(bytes, 0, bytes.length, limits)
      : parseResponseHead(bytes, 0, bytes.length, limits);
  return clean as unknown as H; // the same class as the head's: the line above chose by it
}

function startLine(head: Head): string {
  const version = head.version === 10 ? "HTTP/1.0" : "HTTP/1.1";
  if (head instanceof ResponseHead) return `${version} ${head.status} ${head.reason}\r\n`;
  return `${head.method} ${head.target} ${version}\r\n`;
}

function fieldLines(head: Head): string {
  const { fields } = head;
  const without = framingFields(head);
  let text = "";
  let lengthWritten = false;
  for (let i = 0; i < fields.count; i++) {
    const id = fields.id(i);
    if (id === F_TRANSFER_ENCODING && without !== NO_FRAMING) text += fieldLine(fields, i);
    else if (id === F_CONTENT_LENGTH) {
      if (without === ALL_FRAMING && !lengthWritten) text += `${fields.name(i)}: ${plainLength(fields.value(i))}\r\n`;
      lengthWritten = true;
    } else if (id !== F_TRANSFER_ENCODING) text += fieldLine(fields, i);
  }
  return `${text}\r\n`;
}

const ALL_FRAMING = 0;
const NO_LENGTH = 1;
const NO_FRAMING = 2;

/** Which framing fields stay. */
function framingFields(head: Head): number {
  if (head.defects.includes("framing-without-content")) return NO_FRAMING;
  return head.fields.indexOfId(F_TRANSFER_ENCODING) >= 0 ? NO_LENGTH : ALL_FRAMING;
}

/** The first of a list of equal lengths, without leading zeros. */
function plainLength(value: string): string {
  return value
    .split(",")[0]
    .trim()
    .replace(/^0+(?=[0-9])/, "");
}

/** Name, colon, and what stood behind the colon, its folds made one space each (RFC 9112 §5.2). */
function fieldLine(fields: Fields, i: number): string {
  const { buf } = fields;
  let colon = fields.nameEnd(i);
  while (buf[colon] !== COLON) colon++;
  let end = fields.lineEnd(i);
  if (buf[end - 1] === LF) end--;
  if (buf[end - 1] === CR) end--;
  const behind = buf.toString("latin1", colon + 1, end);
  return `${fields.name(i)}:${fields.folded(i) ? behind.replace(FOLDS, " ") : behind}\r\n`;
}

const FOLDS = /[ \t]*\r?\n[ \t]+/g;

/** What was read once is not measured again. */
const NO_LIMITS: Omit<Http1Limits, "fieldCount"> = {
  headBytes: Number.MAX_SAFE_INTEGER,
  emptyLines: 0,
  chunkExtensionBytes: 0,
  trailerBytes: 0,
  interimCount: 0,
};
