// A comparison of two flows as lines for people and models.
import { isSecretName } from "../redact.ts";
import type { FlowDiff, MessageDiff } from "./flows.ts";

/** Longer values are cut. */
const VALUE_MAX = 300;

/** The differences, a line each. `redact`: of secrets only that they differ. */
export function diffLines(diff: FlowDiff, { redact }: { readonly redact: boolean }): string[] {
  const lines = diff.facts.map(({ name, a, b }) => `${name}: ${brief(a)} → ${brief(b)}`);
  lines.push(...messageLines("request", diff.request, redact));
  if (diff.response !== null) lines.push(...messageLines("response", diff.response, redact));
  return lines;
}

function messageLines(side: string, { headers, trailers, body }: MessageDiff, redact: boolean): string[] {
  const lines = [...headers, ...trailers].map(({ name, a, b }) => {
    if (redact && isSecretName(name)) return `${side} ${name}: differs`;
    return `${side} ${name}: ${a.length === 0 ? "(none)" : brief(a.join(", "))} → ${b.length === 0 ? "(none)" : brief(b.join(", "))}`;
  });
  switch (body.kind) {
    case "same":
      return lines;
    case "json":
      lines.push(`${side} body:`);
      for (const { path, kind, a, b } of body.changes) {
        const isSecret = redact && isSecretName(/([\w-]+)\W*$/.exec(path)?.[1] ?? "");
        const values = kind === "added" ? brief(b) : kind === "removed" ? brief(a) : `${brief(a)} → ${brief(b)}`;
        lines.push(`  ${path} ${kind}: ${isSecret ? "(a secret)" : values}`);
      }
      if (body.more) lines.push("  (and more)");
      return lines;
    case "text":
      return [...lines, `${side} body:`, body.patch];
    case "bytes":
      return [...lines, `${side} body: ${body.a} and ${body.b} bytes, different from byte ${body.from} on`];
  }
}

function brief(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX)}…`;
}
