// The figures as Markdown: on the terminal and between the markers of README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { type Figures, MEASURES, ratio, type Verdict, value } from "./goals.ts";

const BEGIN = "<!-- figures: written by npm run bench -->";
const END = "<!-- end of figures -->";

/** Measures down, contestants across; in brackets how many times squid's. */
export function figureTable(figures: Figures, names: readonly string[]): string {
  const rows = MEASURES.filter(({ id }) => figures.has(id)).map(({ id, title, unit, digits, ...row }) => {
    const cells = names.map(name => {
      const is = value(figures, id, name);
      if (is === undefined) return "";
      const times = name === "squid" || "absolute" in row ? undefined : ratio(figures, id, "squid", name);
      return `${is.toFixed(digits)}${times === undefined ? "" : ` (${times.toFixed(2)})`}`;
    });
    return [`${title}, ${unit}`, ...cells];
  });
  return markdown([["", ...names], ...rows]);
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  return markdown([
    ["goal", "is", ""],
    ...verdicts.map(({ goal, is, pass }) => [goal, is, pass ? "pass" : "**missed**"]),
  ]);
}

function markdown([head, ...rows]: string[][]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map(row => row[column].length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Puts `text` between the markers of a file. */
export function writeFigures(file: string, text: string): void {
  const before = readFileSync(file, "utf8");
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file} has lost its markers ${BEGIN} … ${END}`);
  writeFileSync(file, `${before.slice(0, begin + BEGIN.length)}\n${text}\n${before.slice(end)}`);
}
