// HOME/config.yaml: the options by their long names. `port: 9090`, `pass: [a.example, b.example]`, `limit: {head: 1MB}`.

import { readFileSync } from "node:fs";
import type { Node, Pair } from "yaml";
import { ConfigError } from "./error.ts";
import { nearest } from "./nearest.ts";
import { OPTIONS, type OptionSpec } from "./options.ts";
import type { Setting, Settings } from "./settings.ts";

/** Reads the file if it is there. Throws ConfigError naming file and line. */
export async function readConfigFile(file: string): Promise<Settings> {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // fs throws nothing else
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    throw new ConfigError(file, `cannot be read (${code})`);
  }
  return parseConfigFile(file, source);
}

/** `yaml` is loaded only when there is a file: it takes 30 ms of a start-up that has 400. */
export async function parseConfigFile(file: string, source: string): Promise<Settings> {
  const { LineCounter, isMap, isScalar, isSeq, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`;
  const whereIs = (node: unknown) => at((node as Node | null)?.range?.[0]);

  const fault = document.errors[0];
  if (fault) throw new ConfigError(at(fault.pos[0]), `is no YAML: ${fault.message.split("\n")[0]}`);
  const settings = new Map<string, Setting[]>();
  if (document.contents === null) return settings;
  if (!isMap(document.contents)) throw new ConfigError(at(0), "wants lines of the form OPTION: VALUE");

  for (const { key, value } of document.contents.items as Pair[]) {
    const where = whereIs(key);
    const spec = specOf(isScalar(key) ? String(key.value) : "", where);
    const texts: Setting[] = [];
    if (isSeq(value) && spec.repeat) {
      for (const item of value.items) texts.push({ text: scalarText(item), where: whereIs(item) });
    } else if (isMap(value) && spec.name === "limit") {
      for (const item of value.items) {
        texts.push({ text: `${scalarText(item.key)}=${scalarText(item.value)}`, where: whereIs(item.key) });
      }
    } else {
      texts.push({ text: scalarText(value), where });
    }
    if (spec.value === undefined) {
      const text = texts[0]?.text;
      if (text !== "true" && text !== "false") throw new ConfigError(where, `${spec.name} is true or false`);
      if (text === "false") continue;
    }
    settings.set(spec.name, texts);
  }
  return settings;

  function scalarText(node: unknown): string {
    // The text as written where there is one: 010 and 1e3 are somebody's exact words.
    if (isScalar(node)) return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    throw new ConfigError(whereIs(node), "wants a plain value here");
  }
}

function specOf(key: string, where: string): OptionSpec {
  const spec = OPTIONS.find(option => option.name === key);
  if (spec?.commandLineOnly) throw new ConfigError(where, `"${key}" belongs on the command line, not in this file`);
  if (spec) return spec;
  const guess = nearest(
    key,
    OPTIONS.filter(option => !option.commandLineOnly).map(option => option.name),
  );
  throw new ConfigError(where, `no option is called "${key}"${guess ? `; did you mean "${guess}"?` : ""}`);
}
