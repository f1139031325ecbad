// Cases as documents: Markdown pages of prose, each case under a `##` heading with fenced blocks. A block of bytes is
// written as people read HTTP: every line stands for itself and CRLF, a line that ends with `\` for itself alone.
// Escapes: \r \n \t \0 \\ \xHH, and \{TEXT*N} for TEXT N times.

import { readFileSync } from "node:fs";

export interface CorpusCase {
  readonly name: string;
  /** Fence language -> the block. */
  readonly blocks: ReadonlyMap<string, CorpusBlock>;
}

export interface CorpusBlock {
  /** The words behind the language. */
  readonly words: readonly string[];
  readonly text: string;
}

export function readCorpus(file: string): CorpusCase[] {
  const sections = readFileSync(file, "utf8").split(/^## /m).slice(1);
  return sections.map(section => ({
    name: section.slice(0, section.indexOf("\n")).trim(),
    blocks: new Map([...section.matchAll(BLOCK)].map(match => [match[1], { words: words(match[2]), text: match[3] }])),
  }));
}

const BLOCK = /^```(\w+)(.*)\n([\s\S]*?)^```$/gm;

function words(text: string): string[] {
  return text.split(" ").filter(word => word !== "");
}

/** The bytes that a block stands for. */
export function blockBytes(text: string): Buffer {
  const lines = text.split("\n").slice(0, -1);
  return Buffer.from(
    lines
      .map(line => (/(?<!\\)(?:\\\\)*\\$/.test(line) ? unescaped(line.slice(0, -1)) : `${unescaped(line)}\r\n`))
      .join(""),
    "latin1",
  );
}

function unescaped(line: string): string {
  return line.replace(/\\(?:x([0-9a-fA-F]{2})|\{([^*}]*)\*(\d+)\}|(.))/g, (whole, hex, text, times, letter) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (text !== undefined) return unescaped(text).repeat(Number(times));
    const found = LETTERS.get(letter);
    if (found === undefined) throw new Error(`unknown escape ${whole}`);
    return found;
  });
}

const LETTERS = new Map([
  ["r", "\r"],
  ["n", "\n"],
  ["t", "\t"],
  ["0", "\0"],
  ["\\", "\\"],
]);
