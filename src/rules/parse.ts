// Text of a rule file -> rules with spans, or diagnostics. Never throws on any text. Knows the frame of a rule; what actions take is
// in actions/.
import { parseDocument, type YAMLError } from "yaml";
import type { Filter, Span } from "../match/ast.ts";
import { stageIndex } from "../match/fields.ts";
import { parseFilter } from "../match/parse.ts";
import { stageOf, stageOfTerm, termsOf } from "../match/stage.ts";
import { notYetSaid } from "./actions/not-yet.ts";
import { findAction, isSection, keysBelow } from "./actions/table.ts";
import { capturerOf } from "./captures.ts";
import { readBetween, readTimes, share } from "./conditions.ts";
import { type Diagnostic, Reporter } from "./diagnostics.ts";
import { isMap, isScalar, isSeq, kindOf, LoadContext, type LoadWorld } from "./load-context.ts";
import type { Conditions, Phase } from "./program.ts";
import type { LoadedAction, Rule } from "./rule.ts";
import { deadRules } from "./shadow.ts";
import { readVars } from "./vars.ts";

export interface LoadedFile {
  readonly file: string;
  readonly text: string;
  /** Empty if there is any error: a file is taken whole or not at all. */
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
  readonly ok: boolean;
}

/** Larger rule files are a mistake (a recorded body, a wrong path). */
export const MAX_FILE = 2_000_000;

/** Parses and checks one rule file. `file` is its name in messages and ids. */
export function parseRules(file: string, text: string, world: LoadWorld = {}): LoadedFile {
  const report = new Reporter(file, text);
  const rules = text.length > MAX_FILE ? tooLarge(report) : readFile(report, world);
  for (const { rule, why } of deadRules(rules)) report.warn(rule.nameSpan, why);
  const ok = report.errors === 0;
  const diagnostics = report.found.toSorted((a, b) => a.span.start - b.span.start);
  return { file, text, rules: ok ? rules : [], diagnostics, ok };
}

/** Keys of a rule beside its actions, for checks and the schema. */
export const RULE_KEYS = [
  "name",
  "when",
  "unless",
  "process",
  "enabled",
  "final",
  "sample",
  "times",
  "between",
] as const;

function tooLarge(report: Reporter): Rule[] {
  report.error({ start: 0, end: 0 }, `the file is larger than ${MAX_FILE / 1e6} MB`, ["a rule file"]);
  return [];
}

function readFile(report: Reporter, world: LoadWorld): Rule[] {
  const doc = parseDocument(report.text, { prettyErrors: false, strict: true, logLevel: "silent" });
  for (const error of doc.errors) reportYaml(report, error);
  if (report.errors > 0) return [];
  const context = new LoadContext(doc, report, world);
  const top = context.resolve(doc.contents, 0);
  if (top === null || (isScalar(top) && top.value === null)) return [];
  if (!isMap(top)) {
    report.error(context.span(top), `${kindOf(top)} stands where a rule file must`, ["vars:", "rules:"]);
    return [];
  }
  for (const pair of top.items) {
    const key = keyOf(pair.key);
    if (key === "vars") readVars(pair.value, context);
    else if (key !== "rules") report.unknown(context.span(pair), "key", key, ["vars", "rules"]);
  }
  const list = context.resolve(top.get("rules", true), 0);
  if (list === null || (isScalar(list) && list.value === null)) return [];
  if (!isSeq(list)) {
    report.error(context.span(list), `${kindOf(list)} stands where the list of rules must`, ["- name: …"]);
    return [];
  }
  const names = new Set<string>();
  return list.items.flatMap((item, i) => readRule(item, i, context, names));
}

function readRule(node: unknown, index: number, context: LoadContext, names: Set<string>): Rule[] {
  const { report } = context;
  const map = context.resolve(node, 1);
  if (!isMap(map)) {
    report.error(context.span(node), `${kindOf(map)} stands where a rule must`, ["name:", "when:"]);
    return [];
  }
  const errors = report.errors;
  const name = nameOf(map.get("name", true), index, context);
  context.rule = name;
  let id = `${report.file}#${name}`;
  if (names.has(name)) {
    report.warn(context.span(map.get("name", true) ?? node), `another rule is called ${JSON.stringify(name)}, too`);
    id = `${id}#${index + 1}`;
  }
  names.add(name);
  const filter = readFilter(map, context);
  context.captures = filter === null ? [] : (capturerOf(filter.root)?.names ?? []);
  const actions: LoadedAction[] = [];
  let conditions: Conditions = { sample: 1, times: null, between: null };
  let final = false;
  let enabled = true;
  for (const pair of map.items) {
    const key = keyOf(pair.key);
    const at = context.span(pair);
    if (key === "final" || key === "enabled") {
      const value = context.resolve(pair.value, 2);
      if (!isScalar(value) || typeof value.value !== "boolean")
        report.error(context.span(pair.value ?? pair), `${kindOf(value)} stands where true or false must`, [
          "true",
          "false",
        ]);
      else if (key === "final") final = value.value;
      else enabled = value.value;
    } else if (key === "sample") conditions = { ...conditions, sample: share.read(pair.value, context, 2) ?? 1 };
    else if (key === "times") conditions = { ...conditions, times: readTimes(pair.value, context) };
    else if (key === "between") conditions = { ...conditions, between: readBetween(pair.value, context) };
    else if (!(RULE_KEYS as readonly string[]).includes(key)) readAction(key, pair.value, at, context, actions, 2);
  }
  if (actions.length === 0 && report.errors === errors) {
    report.error(context.span(map.get("name", true) ?? node), "the rule does nothing", keysBelow(""));
  }
  if (filter !== null) checkPhases(filter, actions, context);
  if (report.errors > errors || filter === null) return [];
  return [
    {
      id,
      name,
      file: report.file,
      span: context.span(map),
      nameSpan: context.span(map.get("name", true) ?? map),
      filter,
      conditions,
      actions,
      final,
      enabled,
    },
  ];
}

function readAction(
  key: string,
  value: unknown,
  at: Span,
  context: LoadContext,
  into: LoadedAction[],
  depth: number,
): void {
  const missing = isSection(key) ? undefined : notYetSaid(key, inner => textAt(value, inner, context, depth));
  if (missing !== undefined) {
    context.report.error(at, `${missing.key}: ${missing.what} is not in this version yet`);
    return;
  }
  const action = findAction(key);
  if (action !== undefined) {
    const effects = action.load(value, context);
    if (effects !== null) into.push({ key, phase: action.phase, answers: action.answers, span: at, effects });
    return;
  }
  if (!isSection(key)) {
    const dot = key.lastIndexOf(".");
    const section = dot < 0 ? "" : key.slice(0, dot);
    const known = keysBelow(section);
    context.report.unknown(
      at,
      section === "" ? "key" : `key in ${section}:`,
      key.slice(dot + 1),
      section === "" ? [...RULE_KEYS, ...known] : known,
    );
    return;
  }
  const map = context.resolve(value, depth);
  if (!isMap(map)) {
    context.report.error(
      context.span(value ?? null).end > 0 ? context.span(value) : at,
      `${kindOf(map)} stands where the actions of ${key}: must`,
      keysBelow(key),
    );
    return;
  }
  for (const pair of map.items)
    readAction(`${key}.${keyOf(pair.key)}`, pair.value, context.span(pair), context, into, depth + 1);
}

/** The text that stands under a key of a map, or the value's own under "". */
function textAt(value: unknown, inner: string, context: LoadContext, depth: number): string | undefined {
  const found = context.resolve(value, depth);
  const node = inner === "" ? found : isMap(found) ? context.resolve(found.get(inner, true), depth + 1) : null;
  return isScalar(node) ? String(node.value) : undefined;
}

function nameOf(node: unknown, index: number, context: LoadContext): string {
  const found = context.resolve(node, 2);
  if (
    isScalar(found) &&
    (typeof found.value === "string" || typeof found.value === "number") &&
    String(found.value).trim() !== ""
  ) {
    return String(found.value);
  }
  if (node !== undefined)
    context.report.error(context.span(node), `${kindOf(found)} stands where the rule's name must`, ["a text"]);
  return `rule ${index + 1}`;
}

/** `when`, `process` and not `unless`, as one filter. */
function readFilter(
  map: {
    get(key: string, keep: true): unknown;
    items: readonly unknown[];
    range?: readonly number[] | null | undefined;
  },
  context: LoadContext,
): Filter | null {
  const when = map.get("when", true);
  if (when === undefined) {
    context.report.error(context.span(map.get("name", true) ?? map), "the rule has no `when`", [
      "when: host:*.example.com",
      "when: '*' for every request",
    ]);
    return null;
  }
  const parts = [readWhen(when, "when", context)];
  const unless = map.get("unless", true);
  if (unless !== undefined) {
    const filter = readWhen(unless, "unless", context);
    parts.push(
      filter === null ? null : { ...filter, root: { kind: "not", item: filter.root, span: filter.root.span } },
    );
  }
  const process = context.resolve(map.get("process", true), 2);
  if (isScalar(process) && typeof process.value === "string")
    parts.push(filterOf(`process:${process.value}`, process, context, -8));
  if (parts.some(part => part === null)) return null;
  const filters = parts as Filter[]; // nulls were ruled out above
  if (filters.length === 1) return filters[0]!;
  const items = filters.map(filter => filter.root);
  return { text: filters.map(filter => filter.text).join(" "), root: { kind: "and", items, span: items[0]!.span } };
}

function readWhen(node: unknown, key: string, context: LoadContext): Filter | null {
  const found = context.resolve(node, 2);
  const span = context.span(node);
  const quotes = ["a text in single quotes: 'host:x.com path:/a'"];
  if (isScalar(found) && found.tag?.startsWith("!")) {
    const tagAt = { start: Math.max(context.report.text.lastIndexOf(found.tag, span.start), 0), end: span.end };
    context.report.error(tagAt, `YAML takes ${found.tag} for a tag, so ${key} loses it`, quotes);
    return null;
  }
  if (!isScalar(found) || typeof found.value !== "string") {
    if (isScalar(found) && typeof found.value === "number") return filterOf(String(found.value), found, context, 0);
    context.report.error(span, `${kindOf(found)} stands where the filter of ${key}: must`, quotes);
    return null;
  }
  if (found.comment) {
    context.report.error(span, `YAML takes what follows " #" for a comment, so ${key} ends before it`, [
      ...quotes,
      "the comment on a line of its own",
    ]);
    return null;
  }
  if (found.value.trim() === "") {
    context.report.error(span, `${key} is empty`, ["a filter", "'*' for every request"]);
    return null;
  }
  return filterOf(found.value, found, context, 0);
}

function filterOf(
  text: string,
  node: { range?: readonly number[] | null | undefined; type?: string | undefined },
  context: LoadContext,
  shift: number,
): Filter | null {
  const parsed = parseFilter(text);
  if (parsed.ok) {
    if (
      termsOf(parsed.filter.root).some(
        term => term.kind === "word" && term.pattern.kind === "glob" && term.pattern.parts.join("") !== "",
      )
    ) {
      context.report.warn(context.span(node), "a bare word in a rule looks at URL and request headers only", [
        "url:*…*",
        "request.body:*…*",
        "response.body:*…*",
      ]);
    }
    return parsed.filter;
  }
  const [start = 0, end = start] = node.range ?? [];
  const { column, length, message, expected } = parsed.error;
  // In a block text columns cannot be told from here: the caret stands at the text.
  const quote = node.type === "QUOTE_SINGLE" || node.type === "QUOTE_DOUBLE" ? 1 : 0;
  const exact = node.type === "PLAIN" || quote === 1;
  const from = exact ? Math.max(start, Math.min(start + quote + column - 1 + shift, end)) : start;
  const to = exact ? Math.min(end, from + Math.max(1, length)) : end;
  context.report.error({ start: from, end: to }, message, expected);
  return null;
}

/** The latest stage that each phase can wait for. */
const LATEST: Readonly<Record<Phase, number>> = {
  connect: stageIndex("connect"),
  request: stageIndex("requestBody"),
  response: stageIndex("responseBody"),
  any: stageIndex("responseBody"),
};

const NEEDS: Readonly<Record<Phase, string>> = {
  connect: "a connection is made before it: use host, port, client, process and mode",
  request: "the request has gone by then: use response actions, or terms of the request",
  response: "that is known only when the flow is done",
  any: "that is known only when the flow is done",
};

/** An action before its terms are known would silently never run: said at load. */
function checkPhases(filter: Filter, actions: readonly LoadedAction[], context: LoadContext): void {
  const stage = stageIndex(stageOf(filter));
  const late = actions.find(action => stage > LATEST[action.phase]);
  if (late === undefined) return;
  const term = termsOf(filter.root).find(each => stageIndex(stageOfTerm(each)) > LATEST[late.phase]);
  const said = term === undefined ? "a term" : term.kind === "word" ? "a word" : `${term.field.key}:`;
  context.report.error(late.span, `${late.key} cannot wait for ${said} (${NEEDS[late.phase]})`, []);
}

function reportYaml(report: Reporter, error: YAMLError): void {
  const [start, end] = error.pos;
  const line = report.text.slice(report.text.lastIndexOf("\n", start - 1) + 1, end);
  const hint = /^\s*(?:- )?(?:when|unless):/.test(line) ? ["the whole filter in single quotes"] : [];
  report.error({ start, end: Math.max(end, start) }, `not YAML: ${error.message.split("\n")[0]}`, hint);
}

function keyOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : "";
}
