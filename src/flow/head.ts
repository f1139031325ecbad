// A stored head read again, for showing: whatever came, a broken head above all, is to be seen, so this takes any bytes and refuses
// nothing. What a head means is decided by wire/http1 when it passes, never here.
import type { Field } from "./model.ts";

export interface ReadHead {
  /** The request or status line. */
  readonly startLine: string;
  readonly fields: Field[];
}

/** Reads a head, blank line included or not. Bytes above 127 stay one character each. */
export function readHead(head: Uint8Array): ReadHead {
  const lines = linesOf(head);
  const startLine = lines.shift() ?? "";
  return { startLine, fields: fieldsOf(lines) };
}

/** Reads a section of fields alone: trailers. */
export function readFields(section: Uint8Array): Field[] {
  return fieldsOf(linesOf(section));
}

/** The first field of that name; null if there is none. */
export function fieldOf(fields: readonly Field[], name: string): string | null {
  const lower = name.toLowerCase();
  for (const [key, value] of fields) if (key.length === lower.length && key.toLowerCase() === lower) return value;
  return null;
}

/** All fields of that name, in order. */
export function fieldsNamed(fields: readonly Field[], name: string): string[] {
  const lower = name.toLowerCase();
  return fields.filter(([key]) => key.toLowerCase() === lower).map(([, value]) => value);
}

function linesOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines = text.split("\n").map(line => (line.endsWith("\r") ? line.slice(0, -1) : line));
  // The head ends at its blank line, but empty lines may stand before it (RFC 9112 §2.2).
  while (lines[0] === "") lines.shift();
  const blank = lines.indexOf("");
  return blank < 0 ? lines : lines.slice(0, blank);
}

function fieldsOf(lines: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if ((line.startsWith(" ") || line.startsWith("\t")) && last !== undefined) {
      // obs-fold: the value goes on (RFC 9112 §5.2).
      fields[fields.length - 1] = [last[0], `${last[1]} ${trimBlanks(line)}`];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) fields.push([line, ""]);
    else fields.push([line.slice(0, colon).trimEnd(), trimBlanks(line.slice(colon + 1))]);
  }
  return fields;
}

/**
 * Spaces and tabs only: `trim` would take bytes from values that are not ASCII (0xA0). No expression either: `[ \t]+$` is quadratic in
 * blanks that do not stand at the end.
 */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
