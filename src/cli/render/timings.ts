// Where the time of a flow went, as a small waterfall.

import type { Timings } from "../../flow/model.ts";
import type { Brush, Paint } from "./paint.ts";
import { durationText } from "./units.ts";

const PHASES = ["blocked", "dns", "connect", "tls", "send", "wait", "receive"] as const;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** One line a phase that took place. `width` is the room for a bar. */
export function timingLines(timings: Timings, width: number, paint: Paint): string[] {
  const spans = spansOf(timings);
  const total = Math.max(...spans.map(span => span.start + span.length), Number.MIN_VALUE);
  return spans.map(({ phase, start, length }) => {
    const from = Math.round((start / total) * width * 8);
    const bar = " ".repeat(Math.floor(from / 8)) + barOf(Math.round((length / total) * width * 8));
    return `  ${paint.dim(phase.padEnd(8))}${durationText(length).padStart(8)}  ${brushOf(phase, paint)(bar)}`.trimEnd();
  });
}

interface Span {
  readonly phase: (typeof PHASES)[number];
  readonly start: number;
  readonly length: number;
}

/** HAR's phases one after another; `connect` includes `tls`, which ends with it. */
function spansOf(timings: Timings): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const phase of PHASES) {
    const length = timings[phase];
    if (length < 0) continue;
    spans.push({ phase, start: phase === "tls" ? Math.max(0, at - length) : at, length });
    if (phase !== "tls") at += length;
  }
  return spans;
}

/** A bar of that many eighths of a column; what took any time at all is seen. */
function barOf(eighths: number): string {
  const shown = Math.max(1, eighths);
  return "█".repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8];
}

function brushOf(phase: Span["phase"], paint: Paint): Brush {
  if (phase === "wait") return paint.green;
  if (phase === "receive") return paint.blue;
  return phase === "tls" ? paint.magenta : paint.yellow;
}
