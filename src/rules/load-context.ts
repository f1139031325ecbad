// What reading one rule file needs: the YAML document with its aliases, where relative paths begin, and what is filled at load.
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node as YamlNode } from "yaml";
import type { Span } from "../match/ast.ts";
import type { Reporter } from "./diagnostics.ts";
import { holesOf, isExchangeName, parseTemplate, type Template } from "./template.ts";

/** What loading may use of the world; all optional, so that a text can be checked without any. */
export interface LoadWorld {
  /** The value of an environment variable; undefined if it is not set. */
  env?(name: string): string | undefined;
  /** The text of a file for `${file:…}`; undefined if it cannot be read. */
  readText?(file: string): string | undefined;
  /** Makes a path absolute, relative to the rule file's folder. */
  resolvePath?(path: string): string;
}

export class LoadContext {
  readonly report: Reporter;
  readonly world: LoadWorld;
  readonly #doc: Document;
  readonly #vars: Map<string, string>;
  /** Names of what the `when` of the rule at hand catches. */
  captures: readonly string[] = [];
  /** Name of the rule at hand. */
  rule = "";
  /** Aliases let a small file stand for a huge one; this many nodes are read, then it is a fault. */
  #budget = 200_000;

  constructor(doc: Document, report: Reporter, world: LoadWorld) {
    this.#doc = doc;
    this.report = report;
    this.world = world;
    this.#vars = new Map();
  }

  /** Follows aliases; null for what is not there. Reports loops and floods once. */
  resolve(node: unknown, depth: number): YamlNode | null {
    if (--this.#budget < 0 || depth > 60) {
      if (this.#budget > -1_000_000) {
        this.#budget = -1_000_000;
        this.report.error(
          this.span(node),
          depth > 60 ? "nested too deep (do anchors loop?)" : "aliases make this file too large",
        );
      }
      return null;
    }
    if (isAlias(node)) return this.resolve(node.resolve(this.#doc) ?? null, depth + 1);
    return isScalar(node) || isMap(node) || isSeq(node) ? node : null;
  }

  /** Where a node stands; the file's start for what has no place. */
  span(node: unknown): Span {
    const holder = isPair(node) ? node.key : node;
    const range = isScalar(holder) || isMap(holder) || isSeq(holder) || isAlias(holder) ? holder.range : undefined;
    return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 };
  }

  setVar(name: string, value: string): void {
    this.#vars.set(name, value);
  }

  /** Parses a text's holes, fills those that are known at load, and reports names that nothing fills. */
  template(source: string, at: Span): Template {
    const parsed = parseTemplate(source);
    const holes = holesOf(parsed);
    if (holes.length === 0) return parsed;
    const parts: Template["parts"][number][] = [];
    for (const part of parsed.parts) {
      const filled = typeof part === "string" ? part : this.#atLoad(part.name, at);
      const last = parts.at(-1);
      if (typeof filled === "string" && typeof last === "string") parts[parts.length - 1] = last + filled;
      else parts.push(filled ?? part);
    }
    return { source, parts };
  }

  #atLoad(name: string, at: Span): string | undefined {
    const known = this.#vars.get(name);
    if (known !== undefined) return known;
    if (name.startsWith("env:")) {
      const value = this.world.env?.(name.slice(4));
      if (value === undefined && this.world.env !== undefined) {
        this.report.warn(at, `the environment variable ${name.slice(4)} is not set; it is filled with nothing`);
      }
      return value ?? "";
    }
    if (name.startsWith("file:")) {
      const file = this.path(name.slice(5).trim());
      const text = this.world.readText?.(file);
      if (text === undefined && this.world.readText !== undefined) this.report.error(at, `${file} cannot be read`);
      return text?.replace(/\r?\n$/, "") ?? "";
    }
    if (!isExchangeName(name, this.captures)) {
      this.report.unknown(at, "name in ${…}", name, [...this.#vars.keys(), ...this.captures, ...KNOWN]);
    }
    return undefined;
  }

  path(path: string): string {
    return this.world.resolvePath?.(path) ?? path;
  }
}

const KNOWN = [
  "method",
  "url",
  "scheme",
  "host",
  "port",
  "path",
  "query",
  "query.NAME",
  "header.NAME",
  "cookie.NAME",
  "client",
  "status",
  "time",
  "timestamp",
  "uuid",
  "random",
  "env:NAME",
  "file:PATH",
];

export type { YamlNode };
export { isMap, isScalar, isSeq };

/** What kind of value a node is, in words for messages. */
export function kindOf(node: YamlNode | null): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (!isScalar(node) || node.value === null) return "nothing";
  return typeof node.value === "string"
    ? JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value)
    : String(node.value);
}
