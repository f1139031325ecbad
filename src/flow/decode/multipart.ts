// multipart/* (RFC 2046 §5.1): each part with its fields, and its content shown by whoever knows its type.
import { fieldOf, readFields } from "../head.ts";
import { parameterOf } from "./charset.ts";

export interface Part {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Uint8Array;
  /** The closing boundary did not follow. */
  readonly cut: boolean;
}

/** More parts than anybody reads; a megabyte of boundaries holds hundreds of thousands. */
const MAX_PARTS = 1000;

/** Null if the content has no such parts. */
export function viewMultipart(
  bytes: Uint8Array,
  contentType: string | null,
  viewPart: (bytes: Uint8Array, contentType: string | null) => { text: string; note?: string },
): { text: string; note?: string } | null {
  const boundary = parameterOf(contentType, "boundary");
  if (boundary === null || boundary === "") return null;
  const parts = splitParts(bytes, boundary);
  if (parts.length === 0) return null;
  const shown = parts.map(({ fields, content, cut }, index) => {
    const type = fieldOf(fields, "content-type");
    // RFC 7578 §4.4: a part without a type is text. A part that is a multipart itself is not opened: nesting has no end.
    const opened = type?.toLowerCase().startsWith("multipart/") ? "text/plain" : (type ?? "text/plain");
    const head = fields.map(([name, value]) => `${name}: ${utf8(value)}`).join("\n");
    const body = viewPart(content, opened).text;
    return `── part ${index + 1}, ${content.length} bytes${cut ? ", cut short" : ""}\n${head}\n\n${body}`;
  });
  return { text: shown.join("\n\n"), note: parts.length === 1 ? "1 part" : `${parts.length} parts` };
}

/** The parts between the boundaries; preamble and epilogue are left out. */
export function splitParts(content: Uint8Array, boundary: string): Part[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  const parts: Part[] = [];
  let at = nextBoundary(bytes, delimiter, 0);
  while (at >= 0 && parts.length < MAX_PARTS) {
    const after = at + delimiter.length;
    if (bytes.toString("latin1", after, after + 2) === "--") break;
    const lineEnd = bytes.indexOf("\n", after);
    if (lineEnd < 0) break;
    const start = lineEnd + 1;
    const next = nextBoundary(bytes, delimiter, start - 1);
    // The line end before a boundary belongs to the boundary.
    const end = next < 0 ? bytes.length : next - (bytes[next - 2] === 0x0d ? 2 : 1);
    parts.push(readPart(bytes.subarray(start, Math.max(start, end)), next < 0));
    at = next;
  }
  return parts;
}

/** The next delimiter at a line's beginning; -1 if there is none. */
function nextBoundary(bytes: Buffer, delimiter: Buffer, from: number): number {
  for (let at = bytes.indexOf(delimiter, from); at >= 0; at = bytes.indexOf(delimiter, at + 1)) {
    if (at === 0 || bytes[at - 1] === 0x0a) return at;
  }
  return -1;
}

function readPart(bytes: Buffer, cut: boolean): Part {
  // A part without fields begins with its blank line.
  if (bytes[0] === 0x0a) return { fields: [], content: bytes.subarray(1), cut };
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return { fields: [], content: bytes.subarray(2), cut };
  const crlf = bytes.indexOf("\r\n\r\n");
  const lf = bytes.indexOf("\n\n");
  const head = crlf >= 0 && (lf < 0 || crlf < lf) ? crlf : lf;
  if (head < 0) return { fields: readFields(bytes), content: bytes.subarray(bytes.length), cut };
  const fields = readFields(bytes.subarray(0, head));
  return { fields, content: bytes.subarray(head + (head === crlf ? 4 : 2)), cut };
}

/** Browsers send names and file names as UTF-8 (RFC 7578 §5.1). */
function utf8(latin1: string): string {
  const text = Buffer.from(latin1, "latin1").toString("utf8");
  return text.includes("�") ? latin1 : text;
}
