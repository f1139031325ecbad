// The source files as the tests of the house's own rules see them: path, text, and what each imports.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const root = join(import.meta.dirname, "../..");

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written, for modules; the path from the root, for files. */
  readonly target: string;
  /** A file of ours. */
  readonly local: boolean;
  /** Only a type: gone when the program runs. */
  readonly typeOnly: boolean;
}

/** Every source file below a folder of the repository. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|tsx|mjs|js)$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(path => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
    .map(read);
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return { path, text, imports: [...code.matchAll(IMPORT)].map(match => toImport(path, match)) };
}

/** import/export … from "x", import "x", import("x"). */
const IMPORT =
  /(?:^|[\n;}])\s*(?:import|export)\s+(type\s)?[^"';]*?from\s*"([^"]+)"|(?:^|\n)\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;

function toImport(from: string, match: RegExpMatchArray): Import {
  const target = match[2] ?? match[3] ?? match[4] ?? "";
  const local = target.startsWith(".");
  const path = local
    ? relative(root, join(root, dirname(from), target))
        .split(sep)
        .join("/")
    : target;
  return { target: path, local, typeOnly: match[1] !== undefined };
}
