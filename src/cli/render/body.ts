// A decoded body as lines: made readable by flow/decode, made safe for a terminal here.

import { VIEW_LIMIT, type View, view } from "../../flow/decode/view.ts";
import type { Body } from "../../flow/store/session.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";

export interface BodyLook {
  readonly paint: Paint;
  /** Lines shown before the rest is only counted. */
  readonly bodyLines: number;
}

export interface ShownBody {
  /** What it was taken for: `json`, `1 part`, `windows-1252`. */
  readonly remark: string;
  readonly lines: readonly string[];
}

export function showBody(body: Body, { paint, bodyLines }: BodyLook): ShownBody {
  const viewed = view(
    body.bytes,
    body.contentType,
    bodyLines === Number.POSITIVE_INFINITY ? body.bytes.length : VIEW_LIMIT,
  );
  const all = printable(viewed.text).replace(/\n+$/, "").split("\n");
  const lines = all.slice(0, bodyLines).map(brushFor(viewed, paint));
  if (all.length > lines.length) lines.push(paint.dim(`… ${all.length - lines.length} more lines (--full shows them)`));
  if (body.problem) lines.push(paint.red(`✗ ${body.problem}`));
  return { remark: [viewed.kind, viewed.note].filter(Boolean).join(", "), lines };
}

function brushFor({ kind }: View, paint: Paint): (line: string) => string {
  if (!paint.on) return line => line;
  if (kind === "json" || kind === "ndjson") return line => paintJson(line, paint);
  if (kind === "form")
    return line => line.replace(/^([^=:]+)([=:])/, (_, name: string, sign: string) => paint.cyan(name) + sign);
  return line => line;
}

/** One line of indented JSON: a name, a value. */
function paintJson(line: string, paint: Paint): string {
  const [, indent = "", name, value = ""] = /^(\s*)("(?:[^"\\]|\\.)*")?(.*)$/s.exec(line) ?? [];
  if (name === undefined) return indent + paintValue(value, paint);
  if (!value.startsWith(": ")) return indent + paint.green(name) + value;
  return `${indent}${paint.cyan(name)}: ${paintValue(value.slice(2), paint)}`;
}

function paintValue(value: string, paint: Paint): string {
  const comma = value.endsWith(",") ? "," : "";
  const bare = comma ? value.slice(0, -1) : value;
  if (bare.startsWith('"')) return paint.green(bare) + comma;
  if (/^[\d-]/.test(bare)) return paint.yellow(bare) + comma;
  if (/^(true|false|null)$/.test(bare)) return paint.magenta(bare) + comma;
  return value;
}
