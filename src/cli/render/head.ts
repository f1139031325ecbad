// A message's head as it was on the wire, coloured.

import { isUtf8 } from "node:buffer";
import { type Paint, statusBrush } from "./paint.ts";
import { printableLine } from "./printable.ts";

/** The lines of a raw head, without its last empty one. Nothing is changed but what a terminal would obey. */
export function headLines(head: Buffer, paint: Paint): string[] {
  const lines = textOf(head)
    .replace(/\r?\n\r?\n$/, "")
    .split(/\r?\n/);
  return lines.map((line, index) => (index === 0 ? startLine(line, paint) : fieldLine(printableLine(line), paint)));
}

/** Fields without a raw head: HTTP/2's, and trailers. */
export function fieldLines(fields: readonly (readonly [string, string])[], paint: Paint): string[] {
  return fields.map(([name, value]) => fieldLine(printableLine(`${name}: ${value}`), paint));
}

/** Heads are bytes: most are ASCII, some UTF-8, and what is neither was meant as Latin-1 (RFC 9110 §5.5). */
function textOf(head: Buffer): string {
  return isUtf8(head) ? head.toString("utf8") : head.toString("latin1");
}

function startLine(line: string, paint: Paint): string {
  const text = printableLine(line);
  const status = /^(HTTP\/\S+) (\d{3})(.*)$/.exec(text);
  if (status) {
    const brush = statusBrush(paint, Number(status[2]));
    return `${paint.dim(status[1]!)} ${paint.bold(brush(`${status[2]}${status[3]}`))}`;
  }
  const request = /^(\S+) (.*) (HTTP\/\S+)$/.exec(text);
  return request ? `${paint.bold(request[1]!)} ${request[2]} ${paint.dim(request[3]!)}` : text;
}

function fieldLine(line: string, paint: Paint): string {
  const colon = line.indexOf(":", line.startsWith(":") ? 1 : 0);
  return colon < 0 ? line : `${paint.cyan(line.slice(0, colon))}${paint.dim(":")}${line.slice(colon + 1)}`;
}
