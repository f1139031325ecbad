// whistle's rules: `pattern operation… [filters]`, a line each. Values may be inline, `(literal)`, `{key}` of a ``` block, or
// `` `template` ``.

import { allOf, literal, oneOf, regexTerm, term } from "./filter-text.ts";
import type { Imported, ImportedRule, LeftBehind, RuleTree } from "./imported.ts";
import { mergeTrees } from "./imported.ts";
import { OPERATIONS, type WhistleValue } from "./whistle-operations.ts";

/** Reads a whistle rule file. */
export function importWhistle(text: string): Imported {
  const { lines, blocks } = takeBlocks(text);
  const rules: ImportedRule[] = [];
  const left: LeftBehind[] = [];
  for (const { line, text: written } of lines) {
    const words = wordsOf(written);
    if (words.length === 0) continue;
    const leave = (word: string, why: string) => left.push({ line, text: word, why });
    const { patterns, operations, filters } = sorted(words);
    if (operations.length === 0) leave(written.trim(), "there is no operation");
    const conditions = filtersOf(filters, leave);
    for (const pattern of operations.length === 0 ? [] : patterns) {
      const where = filterOfPattern(pattern);
      if (where === null) leave(written.trim(), "the pattern has no equal here");
      else {
        const name = `whistle line ${line}${patterns.length > 1 ? `, ${pattern}` : ""}`;
        rules.push(...rulesOf(line, name, where, conditions, partsOf(operations, blocks, where, leave)));
      }
    }
  }
  return { rules, left };
}

function partsOf(
  operations: readonly string[],
  blocks: ReadonlyMap<string, string>,
  where: Where,
  leave: (word: string, why: string) => void,
): RuleTree {
  let parts: RuleTree = {};
  for (const operation of operations) {
    const part = carryOver(operation, blocks, where);
    if (typeof part === "string") leave(operation, part);
    else parts = mergeTrees(parts, part);
  }
  return parts;
}

/** An operation on a folder has a narrower filter of its own, one on connections a wider. */
function rulesOf(
  line: number,
  name: string,
  where: Where,
  conditions: readonly string[],
  parts: RuleTree,
): ImportedRule[] {
  const { when = where.filter, connection, ...actions } = parts;
  const rule = (called: string, filter: unknown, tree: RuleTree): ImportedRule => ({
    line,
    rule: { name: called, when: allOf([String(filter), ...conditions]), ...tree },
  });
  return [
    ...(Object.keys(actions).length > 0 ? [rule(name, when, actions)] : []),
    ...(connection === undefined ? [] : [rule(`${name}, connection`, where.hostFilter, { connection })]),
  ];
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/** ```` ```key ```` blocks hold values; `line` blocks hold a rule on several lines; `#` begins a comment. */
function takeBlocks(text: string): { lines: Line[]; blocks: ReadonlyMap<string, string> } {
  const blocks = new Map<string, string>();
  const lines: Line[] = [];
  let block: { name: string; text: string[] } | null = null;
  let joined: { line: number; text: string } | null = null;
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const fence = /^\s*```+\s*([^\s`]*)\s*$/.exec(raw);
    if (block !== null) {
      if (fence === null) block.text.push(raw);
      else {
        blocks.set(block.name, block.text.join("\n"));
        block = null;
      }
      continue;
    }
    if (fence !== null) {
      block = { name: fence[1]!, text: [] };
      continue;
    }
    const plain = raw.replace(/(^|\s)#.*$/, "");
    if (joined !== null) {
      joined.text += ` ${plain.replace("`", "")}`;
      if (!plain.includes("`")) continue;
      lines.push(joined);
      joined = null;
    } else if (/^\s*line`\s*$/.test(plain)) joined = { line: i + 1, text: "" };
    else lines.push({ line: i + 1, text: plain });
  }
  if (joined !== null) lines.push(joined);
  return { lines, blocks };
}

/** Words, with what stands in brackets or backquotes kept whole. */
function wordsOf(line: string): string[] {
  return line.match(/(?:`[^`]*`|\([^()]*\)|\/(?:\\.|[^\s\\/])+\/[a-z]*(?=\s|$)|\S)+/g) ?? [];
}

interface SortedLine {
  readonly patterns: readonly string[];
  readonly operations: readonly string[];
  readonly filters: readonly string[];
}

/** A pattern and its operations, or an operation and its patterns. */
function sorted(words: readonly string[]): SortedLine {
  const filters = words.filter(word => /^(includeFilter|excludeFilter|lineProps):\/\//.test(word));
  const [first = "", ...rest] = words.filter(word => !filters.includes(word));
  const isReversed = rest.length > 0 && (isOperation(first) || IP.test(first)) && !rest.some(isOperation);
  return isReversed
    ? { patterns: rest, operations: [first], filters }
    : { patterns: [first], operations: rest, filters };
}

const IP = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:]+\]|localhost)(:\d+)?$/i;

function isOperation(word: string): boolean {
  const protocol = /^([a-z-]+):\/\//i.exec(word)?.[1];
  return (
    (protocol !== undefined && Object.hasOwn(OPERATIONS, protocol) && !/^(https?|wss?)$/.test(protocol)) || isPath(word)
  );
}

function isPath(word: string): boolean {
  return /^(\/[^/\s]|[A-Z]:[\\/]|[{(<])/i.test(word) && !/^\/.*\/[a-z]*$/.test(word);
}

/** Where a rule applies, and what of the URL its pattern leaves open. */
export interface Where {
  readonly filter: string;
  /** `${1}` is what follows this path; "" if it has none. */
  readonly prefix: string;
  /** The same for a folder: what follows the path's last slash. */
  readonly belowFilter: string;
  /** What of it is known when a connection is made; null if that leaves something out. */
  readonly hostFilter: string | null;
}

function filterOfPattern(pattern: string): Where | null {
  const regex = /^\/(.+)\/([a-z]*)$/.exec(pattern);
  if (regex !== null) return plainWhere(regexTerm("url", regex[1]!, regex[2]!.replace("u", "")));
  if (pattern === "*" || pattern === "**") return { ...plainWhere("*"), hostFilter: "*" };
  if (pattern.startsWith("!")) {
    const inner = filterOfPattern(pattern.slice(1));
    return inner === null ? null : plainWhere(`-(${inner.filter})`);
  }
  const match = /^([$^]?)(?:([a-z*]+):)?(?:\/\/)?([^/?:\s]+)(?::(\d+))?(\/[^?]*)?(\?.*)?$/i.exec(pattern);
  if (match === null || match[2] === "tunnel") return null;
  const [, kind, scheme, host, port, path, query] = match;
  const place = [term("host", host!.replace(/\*+/g, "*")), ...(port === undefined ? [] : [term("port", port)])];
  const base = [...(scheme === undefined || scheme.includes("*") ? [] : [term("scheme", scheme)]), ...place];
  if (query !== undefined) return plainWhere(term("url", `*${host}${path ?? "/"}${query}*`));
  if (path === undefined || (path === "/" && kind !== "$"))
    return { ...plainWhere(allOf(base)), hostFilter: allOf(place) };
  if (kind === "$") return plainWhere(allOf([...base, term("path", path)]));
  if (kind === "^") return plainWhere(allOf([...base, term("path", path.replace(/\*+/g, "*"))]));
  return {
    filter: allOf([...base, term("path", `${path}*`)]),
    prefix: path,
    belowFilter: allOf([...base, term("path", path.endsWith("/") ? `${path}*` : `${path}/*`)]),
    hostFilter: null,
  };
}

function plainWhere(filter: string): Where {
  return { filter, prefix: "", belowFilter: filter, hostFilter: null };
}

/** The part of a rule that an operation becomes, or why it becomes none. */
function carryOver(operation: string, blocks: ReadonlyMap<string, string>, where: Where): RuleTree | string {
  const written = /^([a-z-]+):\/\/(.*)$/is.exec(operation);
  if (written === null) {
    if (isPath(operation)) return OPERATIONS.file!(readValue(operation, blocks), where);
    if (IP.test(operation)) return OPERATIONS.host!(readValue(operation, blocks), where);
    return operation.includes(".") || operation.includes("/")
      ? OPERATIONS.http!(readValue(operation, blocks), where)
      : "it is no operation of whistle";
  }
  const [, protocol, value] = written;
  const convert = Object.hasOwn(OPERATIONS, protocol!) ? OPERATIONS[protocol!] : undefined;
  if (convert === undefined) return `${protocol}:// has no equal here`;
  if (/^(https?|wss?)$/.test(protocol!)) return convert(readValue(operation, blocks), where);
  return convert(readValue(value!, blocks), where);
}

function readValue(written: string, blocks: ReadonlyMap<string, string>): WhistleValue {
  const key = /^\{([^{}]+)\}$/.exec(written)?.[1];
  if (key !== undefined) return { text: literal(blocks.get(key) ?? ""), inline: true, missing: !blocks.has(key) };
  const inline = /^\((.*)\)$/s.exec(written)?.[1];
  if (inline !== undefined) return { text: literal(inline), inline: true, missing: false };
  const template = /^`(.*)`$/s.exec(written)?.[1];
  if (template !== undefined) return { text: holes(template), inline: false, missing: false };
  return { text: literal(written.replace(/^<(.*)>$/, "$1")), inline: false, missing: false };
}

/** whistle's `${…}` of a template as ours; what has no equal stays text. */
function holes(template: string): string {
  return template.replace(/\$\{([\w.-]+)\}/g, (whole, name: string) => {
    const own =
      HOLES[name] ??
      name.replace(/^(req|res)Headers?\./, (_, side) => (side === "req" ? "header." : "response.header."));
    return HOLES[name] !== undefined || own !== name ? `\${${own}}` : `$${whole}`;
  });
}

const HOLES: Readonly<Record<string, string | undefined>> = {
  url: "url",
  "url.hostname": "host",
  "url.path": "path",
  "url.pathname": "path",
  hostname: "host",
  method: "method",
  clientIp: "client",
  now: "timestamp",
  randomUUID: "uuid",
  statusCode: "status",
};

/** includeFilter lines are OR-ed, as whistle does; each excludeFilter takes away. */
function filtersOf(filters: readonly string[], leave: (word: string, why: string) => void): string[] {
  const include: string[] = [];
  const exclude: string[] = [];
  for (const word of filters) {
    const [, kind, value] = /^(\w+):\/\/(.*)$/.exec(word)!; // that is how they were told apart
    if (kind === "lineProps") {
      leave(word, "properties of a line have no equal here");
      continue;
    }
    const filter = filterOf(value!);
    if (filter === null) leave(word, "the filter has no equal here");
    else (kind === "includeFilter" ? include : exclude).push(filter);
  }
  return [...(include.length > 0 ? [oneOf(include)] : []), ...exclude.map(each => `-(${each})`)];
}

const FILTER_KEYS: Readonly<Record<string, string | undefined>> = {
  m: "method",
  s: "status",
  i: "client",
  clientIp: "client",
  serverIp: "server",
  b: "request.body",
};

function filterOf(value: string): string | null {
  const named = /^(reqH|resH|h)\.([\w-]+)[:=](.*)$/.exec(value);
  if (named !== null) {
    const [, side, name, text] = named;
    return patternTerm(`${side === "resH" ? "response" : "request"}.header.${name}`, text!, true);
  }
  const keyed = /^([a-zA-Z]+):(.*)$/.exec(value);
  const key = keyed === null ? undefined : FILTER_KEYS[keyed[1]!];
  if (keyed !== null && key !== undefined) return patternTerm(key, keyed[2]!, key === "request.body");
  return filterOfPattern(value)?.filter ?? null;
}

function patternTerm(key: string, text: string, inside: boolean): string {
  const regex = /^\/(.+)\/([a-z]*)$/.exec(text);
  if (regex !== null) return regexTerm(key, regex[1]!, regex[2]!);
  return term(key, inside ? `*${text}*` : text);
}
