// The command line's short forms, each the same rule underneath: they become the text of a rule file, and their faults are said in
// what was typed.
import { stringify } from "yaml";
import type { Span } from "../match/ast.ts";
import { parseFilter } from "../match/parse.ts";
import { type Diagnostic, Reporter } from "./diagnostics.ts";
import type { LoadWorld } from "./load-context.ts";
import { type LoadedFile, parseRules } from "./parse.ts";

export type Shorthand =
  | { readonly kind: "map-local" | "map-remote"; readonly filter: string; readonly to: string }
  | { readonly kind: "set-header"; readonly filter: string; readonly name: string; readonly value: string }
  | { readonly kind: "remove-header"; readonly filter: string; readonly name: string }
  | { readonly kind: "block" | "no-cache" | "plain" | "cors"; readonly filter: string }
  | { readonly kind: "throttle"; readonly filter: string; readonly speed: string };

/**
 * In the order in which they run: what answers comes last, so that the edits before it still count. The first four take
 * FILTER=VALUE, block a FILTER; the others are for every request.
 */
export const SHORT_FORMS = [
  "set-header",
  "remove-header",
  "no-cache",
  "plain",
  "cors",
  "throttle",
  "map-remote",
  "block",
  "map-local",
] as const satisfies readonly Shorthand["kind"][];

/** A short form as somebody typed it. */
export interface TypedForm {
  readonly kind: Shorthand["kind"];
  /** `FILTER=VALUE`; anything for those that take none. */
  readonly text: string;
  /** Makes a path of its value absolute; a folder's ends in `/`. */
  path(written: string): string;
}

export interface ShortFormFault {
  readonly form: TypedForm;
  /** Its span is in the form's text. */
  readonly diagnostic: Diagnostic;
}

/** The name of the file that short forms stand for. */
export const COMMAND_LINE = "the command line";

/** The rules of typed short forms, in the order in which they run; null if there is a fault. */
export function loadShortForms(
  typed: readonly TypedForm[],
  world: LoadWorld,
): { readonly file: LoadedFile | null; readonly faults: readonly ShortFormFault[] } {
  const forms: Shorthand[] = [];
  const faults: ShortFormFault[] = [];
  for (const form of SHORT_FORMS.flatMap(kind => typed.filter(each => each.kind === kind))) {
    const report = new Reporter(`--${form.kind}`, form.text);
    const read = readShortForm(form, world, report);
    if (read !== null) forms.push(read);
    faults.push(...report.found.map(diagnostic => ({ form, diagnostic })));
  }
  if (faults.some(({ diagnostic }) => diagnostic.severity === "error")) return { file: null, faults };
  return { file: parseRules(COMMAND_LINE, shorthandFile(forms), world), faults };
}

/** Null where something was reported. */
function readShortForm(typed: TypedForm, world: LoadWorld, report: Reporter): Shorthand | null {
  const { kind, text } = typed;
  if (kind === "no-cache" || kind === "plain" || kind === "cors") return { kind, filter: "*" };
  const all: Span = { start: 0, end: text.length };
  const split = kind === "block" ? { filter: text.trim() || "*", value: "" } : splitShorthand(text);
  const wanted = VALUES[kind];
  if (split === null || (kind !== "block" && split.value.trim() === "")) {
    report.error(split === null ? all : { start: text.length, end: text.length }, `it wants FILTER=${wanted}`, [
      `'host:*.example.com=${EXAMPLES[kind]}'`,
      `'*=${EXAMPLES[kind]}' for every request`,
    ]);
    return null;
  }
  const filterStart = text.length - text.trimStart().length;
  const parsed = parseFilter(split.filter);
  if (!parsed.ok) {
    const { column, length, message, expected } = parsed.error;
    const start = Math.min(filterStart + column - 1, filterStart + split.filter.length - 1);
    report.error({ start, end: start + Math.max(1, length) }, message, expected);
    return null;
  }
  const valueSpan = kind === "block" ? all : { start: text.length - split.value.trimStart().length, end: text.length };
  const form = formOf(kind, split.filter, split.value.trim(), typed);
  if (typeof form === "string") {
    report.error(valueSpan, form, [wanted]);
    return null;
  }
  const { diagnostics, text: yaml } = parseRules(COMMAND_LINE, shorthandFile([form]), world);
  for (const { severity, message, expected, span } of diagnostics) {
    const inFilter = yaml
      .slice(yaml.lastIndexOf("\n", span.start) + 1, span.start)
      .trimStart()
      .startsWith("when:");
    const at = inFilter ? { start: filterStart, end: filterStart + split.filter.length } : valueSpan;
    if (severity === "error") report.error(at, message, expected);
    else report.warn(at, message, expected);
  }
  return form;
}

/** A sentence where the value is none. */
function formOf(
  kind: Exclude<Shorthand["kind"], "no-cache" | "plain" | "cors">,
  filter: string,
  value: string,
  typed: TypedForm,
): Shorthand | string {
  switch (kind) {
    case "map-local":
      return { kind, filter, to: typed.path(value) };
    case "map-remote":
      return /^(https?:\/\/|\$\{)/i.test(value)
        ? { kind, filter, to: value }
        : "it wants a URL with http:// or https://";
    case "block":
      return { kind, filter };
    case "remove-header":
      return { kind, filter, name: value };
    case "throttle":
      return { kind, filter, speed: value };
    case "set-header": {
      const colon = value.indexOf(":");
      if (colon < 1) return "it wants a header's name, a colon and its value";
      return { kind, filter, name: value.slice(0, colon), value: value.slice(colon + 1).trim() };
    }
  }
}

const VALUES = {
  "map-local": "PATH",
  "map-remote": "URL",
  "set-header": "NAME: VALUE",
  "remove-header": "NAME",
  throttle: "SPEED",
  block: "",
} as const;

const EXAMPLES = {
  "map-local": "./dist/",
  "map-remote": "http://localhost:3000",
  "set-header": "X-Debug: 1",
  "remove-header": "Cookie",
  throttle: "slow 3g",
  block: "",
} as const;

/** Splits `FILTER=VALUE` at the first `=` that no quotes hold; null if there is none. */
export function splitShorthand(text: string): { readonly filter: string; readonly value: string } | null {
  let quoted = false;
  let at = -1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === "=" && !quoted) {
      at = i;
      break;
    }
  }
  return at < 0 ? null : { filter: text.slice(0, at).trim() || "*", value: text.slice(at + 1) };
}

/** The rule file that short forms stand for; it is loaded like any other, so its faults are told the same way. */
export function shorthandFile(forms: readonly Shorthand[]): string {
  return stringify({
    rules: forms.map((form, i) => ({
      name: `--${form.kind}${forms.filter(each => each.kind === form.kind).length > 1 ? ` ${i + 1}` : ""}`,
      when: form.filter,
      ...actionsOf(form),
    })),
  });
}

function actionsOf(form: Shorthand): Record<string, unknown> {
  switch (form.kind) {
    case "map-local":
      return { answer: { file: form.to } };
    case "map-remote":
      return {
        request: { to: /[^/]\/[^/]/.test(form.to) ? form.to : `${form.to.replace(/\/$/, "")}\${path}\${query}` },
      };
    case "set-header":
      return { request: { headers: { set: { [form.name]: form.value } } } };
    case "remove-header":
      return { request: { headers: { remove: [form.name] } } };
    case "block":
      return { block: 403 };
    case "no-cache":
      return { request: { cache: "off" }, response: { cache: "off" } };
    case "plain":
      return { request: { acceptEncoding: "plain" } };
    case "cors":
      return { response: { cors: "allow" } };
    case "throttle":
      return {
        throttle:
          /^\d/.test(form.speed) && !/^4g$/i.test(form.speed) ? { down: form.speed, up: form.speed } : form.speed,
      };
  }
}
