// A fault in a rule file for reading: where, what, the line with carets, what was expected.

import { type Diagnostic, showDiagnostic } from "../../rules/diagnostics.ts";
import type { Paint } from "./paint.ts";
import { wrap } from "./wrap.ts";

const INDENT = "  ";

/** `source`: the file's text; `width` undefined: no terminal. Ends with a line feed. */
export function diagnosticText(
  diagnostic: Diagnostic,
  source: string,
  width: number | undefined,
  paint: Paint,
): string {
  const columns = width === undefined ? undefined : Math.max(20, width - INDENT.length);
  const shown = showDiagnostic(diagnostic, source, columns);
  const brush = shown.severity === "error" ? paint.red : paint.yellow;
  const lines = [`${paint.bold(`${shown.place}:`)} ${brush(shown.severity)}: ${shown.message}`];
  if (shown.source !== "") lines.push(`${INDENT}${shown.source}`, `${INDENT}${brush(shown.carets)}`);
  if (shown.expected !== "") {
    for (const line of wrap(`expected ${shown.expected}`, columns)) lines.push(paint.dim(`${INDENT}${line}`));
  }
  return `${lines.join("\n")}\n`;
}
