// The kinds of arguments that actions take. Each reads a YAML node (faults are reported with their place, and give undefined) and
// describes itself as JSON Schema, so that checks, editor completion and the reference cannot drift apart.

import { compileRegex } from "../match/regex.ts";
import { parseDuration, parseSize } from "../match/values.ts";
import { isToken } from "../wire/ascii.ts";
import type { Find } from "./edit/find.ts";
import { isHeaderText } from "./edit/head.ts";
import { type Json, type JsonPath, parseJsonPath } from "./edit/json-path.ts";
import { isMap, isScalar, isSeq, kindOf, type LoadContext, type YamlNode } from "./load-context.ts";
import { type Env, fill, type Template } from "./template.ts";

export type JsonSchema = { readonly [key: string]: Json };

export interface Arg<T> {
  readonly schema: JsonSchema;
  /** A few words for "expected …". */
  readonly says: string;
  read(node: unknown, context: LoadContext, depth: number): T | undefined;
}

/** A value with holes, resolved per exchange. */
export interface Filled<T> {
  fill(env: Env): T;
}

/** Any text with holes. */
export function text(says = "a text"): Arg<Template> {
  return scalar(says, { type: ["string", "number", "boolean"] }, (value, context, node) =>
    context.template(value, context.span(node)),
  );
}

/** A text without holes. */
export function plain(says = "a text"): Arg<string> {
  return scalar(says, { type: ["string", "number"] }, value => value);
}

export function headerValue(): Arg<Template> {
  return scalar("a header value", { type: ["string", "number", "boolean"] }, (value, context, node) => {
    if (isHeaderText(value)) return context.template(value, context.span(node));
    context.report.error(context.span(node), "a header value is one line: CR, LF and NUL would begin another");
    return undefined;
  });
}

export function token(says: string): Arg<string> {
  return scalar(says, { type: "string", pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }, (value, context, node) => {
    if (isToken(value)) return value;
    context.report.error(
      context.span(node),
      `${JSON.stringify(value)} is no ${says.replace(/^an? /, "")}: letters, digits and !#$%&'*+-.^_\`|~`,
    );
    return undefined;
  });
}

export function word<T extends string>(words: readonly T[]): Arg<T> {
  return scalar(words.join(" or "), { enum: [...words] }, (value, context, node) => {
    // YAML 1.2 leaves `off` a text, but a person may well write false.
    const written = value === "false" && (words as readonly string[]).includes("off") ? "off" : value;
    const found = words.find(each => each === written.toLowerCase());
    if (found === undefined) context.report.unknown(context.span(node), "word", value, words);
    return found;
  });
}

export function flag(): Arg<boolean> {
  return {
    says: "true or false",
    schema: { type: "boolean" },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      if (isScalar(found) && typeof found.value === "boolean") return found.value;
      if (isScalar(found) && (found.value === "on" || found.value === "off")) return found.value === "on";
      return expected(this, found, node, context);
    },
  };
}

export function integer(min: number, max: number): Arg<number> {
  return {
    says: `a whole number from ${min} to ${max}`,
    schema: { type: "integer", minimum: min, maximum: max },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      if (isScalar(found) && Number.isInteger(found.value) && Number(found.value) >= min && Number(found.value) <= max)
        return Number(found.value);
      return expected(this, found, node, context);
    },
  };
}

export function size(): Arg<number> {
  return measured("a size such as 64kB", parseSize);
}

/** Milliseconds. */
export function duration(): Arg<number> {
  return measured("a duration such as 500ms or 2s", value => (value === "" ? undefined : parseDuration(value)));
}

/** Bytes a second: `50kB/s`, `1Mbit/s`. */
export function rate(): Arg<number> {
  return measured("a rate such as 50kB/s or 1Mbit/s", parseRate);
}

/** 0 to 1, written `10%`. */
export function percent(): Arg<number> {
  return measured("a share such as 10%", value => {
    const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(value);
    const share = match === null ? Number.NaN : Number(match[1]) / 100;
    return share >= 0 && share <= 1 ? share : undefined;
  });
}

/** `/regex/flags`, or a text that is looked for as it is. */
export function find(): Arg<Find> {
  return scalar("a text or /regex/flags", { type: ["string", "number"] }, (value, context, node) => {
    const match = /^\/(.+)\/([a-z]*)$/s.exec(value);
    if (match === null) {
      if (value !== "") return { kind: "text", text: value };
      context.report.error(context.span(node), "an empty text is found everywhere");
      return undefined;
    }
    const compiled = compileRegex(match[1]!, match[2]);
    if (compiled.ok) return { kind: "regex", regex: compiled.regex };
    context.report.error(context.span(node), compiled.message, ["a regex that RE2 takes"]);
    return undefined;
  });
}

export function jsonPath(): Arg<JsonPath> {
  return scalar("a path such as user.tags[0]", { type: "string" }, (value, context, node) => {
    const path = parseJsonPath(value);
    if (path === null)
      context.report.error(context.span(node), `${JSON.stringify(value)} is no JSON path`, [
        "a.b",
        "items[0].name",
        "items[*]",
        '["odd key"]',
        "$",
      ]);
    return path ?? undefined;
  });
}

/** A path of the file system, relative to the rule file; made absolute here, as far as it is known. */
export function file(): Arg<Template> {
  return scalar("a path, relative to the rule file", { type: "string" }, (value, context, node) => {
    const { source, parts } = context.template(value, context.span(node));
    const [first = "", ...rest] = parts;
    return typeof first === "string"
      ? { source, parts: [context.path(first), ...rest] }
      : { source, parts: [context.path("./"), first, ...rest] };
  });
}

export function optional<T>(arg: Arg<T>): Arg<T> & { readonly optional: true } {
  return { ...arg, optional: true };
}

/** One value, or a list of them. */
export function list<T>(item: Arg<T>): Arg<T[]> {
  return {
    says: `${item.says}, or a list of them`,
    schema: { anyOf: [item.schema, { type: "array", items: item.schema }] },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      const nodes: readonly unknown[] = isSeq(found) ? found.items : [node];
      const values = nodes.map(each => item.read(each, context, depth + 1));
      return values.every(each => each !== undefined) ? values : undefined;
    },
  };
}

/** A map from names to values, in the order written. */
export function mapOf<T>(key: Arg<string>, value: Arg<T>): Arg<[string, T][]> {
  return {
    says: `a map from ${key.says} to ${value.says}`,
    schema: { type: "object", additionalProperties: value.schema },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      if (!isMap(found)) return expected(this, found, node, context);
      const pairs = found.items.map(
        pair =>
          [key.read(pair.key, context, depth + 1), value.read(pair.value ?? pair.key, context, depth + 1)] as const,
      );
      const good = pairs.filter(
        (pair): pair is readonly [string, NonNullable<T>] => pair[0] !== undefined && pair[1] !== undefined,
      );
      return good.length === pairs.length ? good.map(([name, each]) => [name, each]) : undefined;
    },
  };
}

type Shape = Readonly<Record<string, Arg<unknown> & { readonly optional?: true }>>;
type ValuesOf<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Arg<infer T>
    ? S[K] extends { readonly optional: true }
      ? T | undefined
      : T
    : never;
};

/** A map with known keys. */
export function record<S extends Shape>(shape: S): Arg<ValuesOf<S>> {
  const names = Object.keys(shape);
  const required = names.filter(name => !shape[name]!.optional);
  return {
    says: `a map with ${names.join(", ")}`,
    schema: {
      type: "object",
      properties: Object.fromEntries(names.map(name => [name, shape[name]!.schema])),
      additionalProperties: false,
      ...(required.length > 0 ? { required } : {}),
    },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      if (!isMap(found)) return expected(this, found, node, context);
      const values: Record<string, unknown> = {};
      let good = true;
      for (const pair of found.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : "";
        if (!Object.hasOwn(shape, name)) {
          context.report.unknown(context.span(pair), "key", name, names);
          good = false;
          continue;
        }
        values[name] = shape[name]!.read(pair.value ?? pair.key, context, depth + 1);
        if (values[name] === undefined) good = false;
      }
      for (const name of required) {
        if (name in values) continue;
        context.report.error(context.span(node), `${name} is missing`, [`${name}: ${shape[name]!.says}`]);
        good = false;
      }
      // Each key was read by its own Arg above.
      return good ? (values as ValuesOf<S>) : undefined;
    },
  };
}

/** The first of several kinds that the node's form fits: `scalar` for a text, `map` for a map, `list` for a list. */
export function either<A, B>(forScalar: Arg<A>, forMap: Arg<B>): Arg<A | B> {
  return {
    says: `${forScalar.says}, or ${forMap.says}`,
    schema: { anyOf: [forScalar.schema, forMap.schema] },
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      return isMap(found) ? forMap.read(node, context, depth) : forScalar.read(node, context, depth);
    },
  };
}

/** Any value; texts inside may have holes. */
export function json(): Arg<Filled<Json>> {
  return {
    says: "any value",
    schema: {},
    read(node, context, depth) {
      const value = readJson(node, context, depth);
      return value === undefined ? undefined : { fill: env => fillJson(value, env) };
    },
  };
}

export function parseRate(written: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?)(bit|b|B)?(?:\/s|ps)?$/i.exec(written.trim());
  if (match === null) return undefined;
  const factor = { "": 1, k: 1e3, m: 1e6, g: 1e9 }[match[2]!.toLowerCase()]!;
  const bits = match[3]?.toLowerCase() === "bit" || match[3] === "b";
  return Math.round((Number(match[1]) * factor) / (bits ? 8 : 1));
}

type JsonTemplate =
  | Json
  | Template
  | readonly JsonTemplate[]
  | { readonly entries: readonly (readonly [string, JsonTemplate])[] };

function readJson(node: unknown, context: LoadContext, depth: number): JsonTemplate | undefined {
  const found = context.resolve(node, depth);
  if (isMap(found)) {
    const entries: [string, JsonTemplate][] = [];
    for (const pair of found.items) {
      const value = readJson(pair.value, context, depth + 1);
      if (!isScalar(pair.key)) context.report.error(context.span(pair), "a key must be a text");
      else if (value !== undefined) entries.push([String(pair.key.value), value]);
    }
    return { entries };
  }
  if (isSeq(found)) return found.items.map(item => readJson(item, context, depth + 1) ?? null);
  if (!isScalar(found)) return null;
  const { value } = found;
  if (typeof value === "string") return context.template(value, context.span(found));
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

function fillJson(value: JsonTemplate, env: Env): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(each => fillJson(each, env));
  if ("parts" in value && "source" in value) return fill(value as Template, env); // only templates have both
  const { entries } = value as { entries: readonly (readonly [string, JsonTemplate])[] }; // maps are read into entries
  return Object.fromEntries(entries.map(([key, each]) => [key, fillJson(each, env)]));
}

function scalar<T>(
  says: string,
  schema: JsonSchema,
  read: (value: string, context: LoadContext, node: unknown) => T | undefined,
): Arg<T> {
  return {
    says,
    schema,
    read(node, context, depth) {
      const found = context.resolve(node, depth);
      if (!isScalar(found) || found.value === null) return expected(this, found, node, context);
      return read(scalarText(found), context, node);
    },
  };
}

/** Numbers as they were written: `1.0` stays `1.0`. */
function scalarText(node: { value: unknown; source?: string | undefined }): string {
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function measured(says: string, parse: (value: string) => number | undefined): Arg<number> {
  return scalar(says, { type: ["string", "number"] }, (value, context, node) => {
    const parsed = parse(value);
    if (parsed === undefined)
      context.report.error(context.span(node), `${JSON.stringify(value)} is not understood`, [says]);
    return parsed;
  });
}

function expected<T>(arg: Arg<T>, found: YamlNode | null, node: unknown, context: LoadContext): undefined {
  context.report.error(context.span(node), `${kindOf(found)} stands where ${arg.says} must`, [arg.says]);
  return undefined;
}
