// mitmproxy's options that rewrite: from its config.yaml, or as they stand on its command line, an option a line.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { allOf, literal, regexTerm } from "./filter-text.ts";
import type { Imported, ImportedRule, LeftBehind, RuleTree } from "./imported.ts";
import { importFlowFilter, type Sides } from "./mitmproxy-filter.ts";

/** Reads a config.yaml, or lines such as `--map-local '|example.com/js|~/js'`. */
export function importMitmproxy(text: string): Imported {
  const settings = settingsOf(text);
  const rules: ImportedRule[] = [];
  const left: LeftBehind[] = [];
  for (const { line, option, value } of settings) {
    const convert = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    const made = convert === undefined ? "it is no rule, or has no equal here" : convert(value);
    if (typeof made === "string") left.push({ line, text: `${option}: ${value}`, why: made });
    else rules.push({ line, rule: { name: `mitmproxy ${option}, line ${line}`, when: "*", ...made } });
  }
  return { rules, left };
}

interface OptionSetting {
  readonly line: number;
  readonly option: string;
  readonly value: string;
}

const SHORT: Readonly<Record<string, string | undefined>> = {
  "-M": "map_remote",
  "-H": "modify_headers",
  "-B": "modify_body",
};

function settingsOf(text: string): OptionSetting[] {
  const lines = new LineCounter();
  const { contents, errors } = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  if (errors.length > 0 || !isMap(contents)) return text.split(/\r?\n/).flatMap(settingOfLine);
  return contents.items.flatMap(({ key, value }) => {
    const option = isScalar(key) ? String(key.value) : "";
    const items = isSeq(value) ? value.items : [value];
    return items.map(item => {
      const range = isScalar(item) ? item.range : isScalar(key) ? key.range : undefined;
      return { line: lines.linePos(range?.[0] ?? 0).line, option, value: isScalar(item) ? String(item.value) : "" };
    });
  });
}

/** `--modify-headers '/~q/Host/x'`, `--set block_list=…`, `--anticache`. */
function settingOfLine(text: string, index: number): OptionSetting[] {
  const line = index + 1;
  const plain = text.trim();
  if (plain === "" || plain.startsWith("#")) return [];
  const match = /^(--?[\w-]+)(?:[ =]+(.*))?$/s.exec(plain);
  if (match === null) return [{ line, option: "?", value: plain }];
  const [, flag, rest = ""] = match;
  const value = rest.trim().replace(/^(['"])(.*)\1$/s, "$2");
  if (flag === "--set") {
    const at = value.indexOf("=");
    return [{ line, option: at < 0 ? value : value.slice(0, at), value: at < 0 ? "true" : value.slice(at + 1) }];
  }
  return [{ line, option: SHORT[flag!] ?? flag!.replace(/^-+/, "").replaceAll("-", "_"), value: value || "true" }];
}

const OPTIONS: Readonly<Record<string, ((value: string) => (RuleTree & { when?: string }) | string) | undefined>> = {
  modify_headers: modifyHeaders,
  modify_body: modifyBody,
  map_local: mapLocal,
  map_remote: mapRemote,
  block_list: blockList,
  anticache: value => (value === "true" ? { request: { cache: "off" } } : "it is off"),
  anticomp: value => (value === "true" ? { request: { acceptEncoding: "plain" } } : "it is off"),
  ignore_hosts: value => ({
    when: regexTerm("host", value.replace(/(:\d+|:443)?\$?$/, "")),
    connection: { tls: "pass" },
  }),
  stickyauth: () => "set Authorization with request.auth",
  intercept: () => "pause is switched on while waylay runs",
};

/** `/filter/a/b`, where the first character is what separates; `filter` may be left out. */
function spec(value: string): { filter: string; a: string; b: string } | null {
  const parts = value.slice(1).split(value[0] ?? "");
  const [filter, a, ...rest] = parts.length > 2 ? parts : ["", ...parts];
  if (filter === undefined || a === undefined || rest.length === 0) return null;
  return { filter, a, b: rest.join(value[0]) };
}

const WRONG_SPEC = "it is no /filter/one/other";

/** `@file` stands for a file's text. */
function textOf(value: string): string {
  return value.startsWith("@") ? `\${file:${value.slice(1)}}` : literal(value);
}

function modifyHeaders(value: string): RuleTree | string {
  const said = spec(value);
  if (said === null) return WRONG_SPEC;
  const filter = importFlowFilter(said.filter);
  if (typeof filter === "string") return filter;
  const edit = said.b === "" ? { remove: [said.a] } : { set: { [said.a]: textOf(said.b) } };
  return { when: filter.when, ...onSides(filter, { headers: edit }) };
}

function modifyBody(value: string): RuleTree | string {
  const said = spec(value);
  if (said === null) return WRONG_SPEC;
  const filter = importFlowFilter(said.filter);
  if (typeof filter === "string") return filter;
  const replace = { find: `/${said.a.replace(/(?<!\\)\//g, "\\/")}/s`, with: groupsOf(textOf(said.b)) };
  return { when: filter.when, ...onSides(filter, { body: { replace } }) };
}

/** What its filter says of the phase decides which message is edited; a filter on the response leaves only that. */
function onSides({ request, response }: Sides, edit: RuleTree): RuleTree {
  return { ...(request ? { request: edit } : {}), ...(response ? { response: edit } : {}) };
}

function mapLocal(value: string): RuleTree | string {
  const said = spec(value);
  if (said === null) return WRONG_SPEC;
  const filter = importFlowFilter(said.filter);
  if (typeof filter === "string") return filter;
  if (!filter.request) return "the filter looks at responses, and there is none";
  const isFolder = /(^|\/)[^./]*$/.test(said.b);
  const file = isFolder ? `${said.b.replace(/\/?$/, "/")}\${1}` : said.b;
  // What follows the match is looked for in the folder.
  const where = regexTerm("url", isFolder ? `${capturing(said.a)}\\/?([^?]*)` : said.a);
  return { when: allOf([filter.when, where]), answer: { file } };
}

function mapRemote(value: string): RuleTree | string {
  const said = spec(value);
  if (said === null) return WRONG_SPEC;
  const filter = importFlowFilter(said.filter);
  if (typeof filter === "string") return filter;
  if (!filter.request) return "the filter looks at responses, and there is none yet";
  // The regex is replaced in the URL; what stands around it stays.
  const groups = said.a.replace(/\\./g, "").match(/\((?!\?)/g)?.length ?? 0;
  const inner = literal(said.b).replace(/\\(\d)/g, (_, n: string) => `\${${Number(n) + 1}}`);
  return {
    when: allOf([filter.when, regexTerm("url", `^(.*?)${said.a}(.*)$`)]),
    request: { to: `\${1}${inner}\${${groups + 2}}` },
  };
}

/** Groups of the regex as they are, without catching: our own come behind. */
function capturing(source: string): string {
  return source.replace(/(?<!\\)\((?!\?)/g, "(?:");
}

/** `\1` of Python is `$1` here. */
function groupsOf(text: string): string {
  return text.replace(/\\(\d)/g, "$$$1");
}

/** `:filter:status`; 444 is a connection that is closed. */
function blockList(value: string): RuleTree | string {
  const parts = value.slice(1).split(value[0] ?? "");
  const status = Number(parts.at(-1));
  if (parts.length < 2 || !Number.isInteger(status)) return "it is no :filter:status";
  const filter = importFlowFilter(parts.slice(0, -1).join(value[0]));
  if (typeof filter === "string") return filter;
  return { when: filter.when, ...(status === 444 ? { fault: "reset" } : { block: status }) };
}
