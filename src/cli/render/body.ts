// A decoded body as lines.

import { textOf } from "../../flow/decode/charset.ts";
import type { Body } from "../../flow/store/session.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";

export interface BodyLook {
  readonly paint: Paint;
  readonly bodyLines: number;
}

export function bodyLines(body: Body, { paint, bodyLines }: BodyLook): string[] {
  const text = textOf(body.bytes, body.contentType)?.text;
  const all =
    text === undefined
      ? [`${body.bytes.length} bytes of ${body.contentType ?? "something"}`]
      : printable(text).replace(/\n+$/, "").split("\n");
  const lines = all.slice(0, bodyLines);
  if (all.length > lines.length) lines.push(paint.dim(`… ${all.length - lines.length} more lines (--full shows them)`));
  if (body.problem) lines.push(paint.red(`✗ ${body.problem}`));
  return lines;
}
