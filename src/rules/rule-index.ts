// Finds the rules that may match a request without asking each one. A rule is filed under one thing that its `when` demands: an exact
// host, a host suffix, an exact path or its first segment, a method, the presence of a header or query parameter; other patterns of
// host or path go through a sieve, and rules that demand nothing of this are asked every time. Measured: 1,000 rules by host cost a
// request as much as one.
import type { Node, TextTerm } from "../match/ast.ts";
import { type FieldReader, pathOf, queryPairs, type RequestFacts } from "./facts.ts";
import type { CompiledRule } from "./program.ts";
import { HostSieve, PathSieve } from "./sieve.ts";

export class RuleIndex {
  readonly #shelves: Record<Shelf, Map<string, CompiledRule[]>> = {
    host: new Map(),
    suffix: new Map(),
    path: new Map(),
    segment: new Map(),
    method: new Map(),
    header: new Map(),
    query: new Map(),
  };
  readonly #hosts = new HostSieve();
  readonly #paths = new PathSieve();
  readonly #always: CompiledRule[] = [];
  readonly #headerLengths: ReadonlySet<number>;

  constructor(rules: readonly CompiledRule[]) {
    for (const rule of rules) {
      const keys = demandOf(rule.when.root);
      if (keys === null) {
        if (!this.#hosts.add(rule) && !this.#paths.add(rule)) this.#always.push(rule);
      } else for (const { shelf, key } of keys) put(this.#shelves[shelf], key, rule);
    }
    this.#headerLengths = new Set([...this.#shelves.header.keys()].map(name => name.length));
  }

  /** Could any rule match such a request? The same look-ups as for `candidates`, without anything being made for them. */
  mayMatch(host: string, method: string, target: string, fields: FieldReader): boolean {
    const shelves = this.#shelves;
    if (this.#always.length > 0 || this.#hosts.of(host) !== undefined) return true;
    const name = host.toLowerCase();
    if (shelves.host.size > 0 && shelves.host.has(name)) return true;
    if (shelves.suffix.size > 0) {
      for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
        if (shelves.suffix.has(name.slice(dot))) return true;
      }
    }
    const path = pathOf(target);
    if (shelves.path.size > 0 && shelves.path.has(path)) return true;
    if (shelves.segment.size > 0 && shelves.segment.has(firstSegment(path))) return true;
    if (this.#paths.of(path) !== undefined) return true;
    if (shelves.method.size > 0 && shelves.method.has(method.toUpperCase())) return true;
    if (shelves.query.size > 0 && path.length < target.length) {
      if (queryPairs(target).some(pair => shelves.query.has(pair.name))) return true;
    }
    return shelves.header.size > 0 && this.#hasHeader(fields);
  }

  #hasHeader(fields: FieldReader): boolean {
    for (let i = 0; i < fields.count; i++) {
      // Most names differ in length from those that rules ask for, and need not become texts.
      if (this.#headerLengths.has(fields.nameLength(i)) && this.#shelves.header.has(fields.name(i).toLowerCase()))
        return true;
    }
    return false;
  }

  /** Rules that may match, in file order. The array is shared: do not modify it. */
  candidates(facts: Pick<RequestFacts, "host" | "method" | "target" | "fields">): readonly CompiledRule[] {
    const found: (readonly CompiledRule[])[] = [];
    const { host, suffix, path, segment, method, header, query } = this.#shelves;
    const take = (rules: readonly CompiledRule[] | undefined): void => {
      if (rules !== undefined) found.push(rules);
    };
    if (this.#always.length > 0) found.push(this.#always);
    take(this.#hosts.of(facts.host));
    take(this.#paths.of(pathOf(facts.target)));
    if (host.size > 0) take(host.get(facts.host.toLowerCase()));
    if (suffix.size > 0) {
      const name = facts.host.toLowerCase();
      for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) take(suffix.get(name.slice(dot)));
    }
    if (path.size > 0 || segment.size > 0) {
      const only = pathOf(facts.target);
      take(path.get(only));
      if (segment.size > 0) take(segment.get(firstSegment(only)));
    }
    if (method.size > 0) take(method.get(facts.method.toUpperCase()));
    if (header.size > 0)
      for (let i = 0; i < facts.fields.count; i++) take(header.get(facts.fields.name(i).toLowerCase()));
    if (query.size > 0) for (const pair of queryPairs(facts.target)) take(query.get(pair.name));
    if (found.length === 0) return NONE;
    if (found.length === 1) return found[0]!;
    // A rule can stand on two shelves (an OR), or be met twice (a repeated header).
    return [...new Set(found.flat())].sort((a, b) => a.order - b.order);
  }
}

/** `/v2/` of `/v2/users`, with its slash, so that only prefixes that end a segment are filed. */
function firstSegment(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash < 0 ? "" : path.slice(0, slash + 1);
}

const NONE: readonly CompiledRule[] = Object.freeze([]);

type Shelf = "host" | "suffix" | "path" | "segment" | "method" | "header" | "query";
interface Key {
  readonly shelf: Shelf;
  readonly key: string;
}

/** The narrower first: of what an AND demands, the first in this order is filed. */
const NARROWNESS: readonly Shelf[] = ["host", "suffix", "path", "segment", "query", "header", "method"];

/** One of these must hold for the node to match; null: nothing that the index knows is demanded. */
function demandOf(node: Node): Key[] | null {
  if (node.kind === "and") {
    const demands = node.items.map(demandOf).filter(each => each !== null);
    return demands.sort((a, b) => narrowness(a) - narrowness(b))[0] ?? null;
  }
  if (node.kind === "or") {
    const demands = node.items.map(demandOf);
    return demands.every(each => each !== null) ? demands.flat() : null;
  }
  return node.kind === "text" ? keyOf(node) : null;
}

function keyOf(term: TextTerm): Key[] | null {
  const { field, name, pattern } = term;
  if (field.key === "query") return [{ shelf: "query", key: name }];
  if (field.key === "request.header" || field.key === "header")
    return field.key === "header" ? null : [{ shelf: "header", key: name }];
  if (pattern.kind === "regex") return null;
  const { parts } = pattern;
  const first = parts[0]!;
  if (field.key === "host") {
    if (parts.length === 1) return [{ shelf: "host", key: first.toLowerCase() }];
    const last = parts.at(-1)!.toLowerCase();
    const dot = last.indexOf(".");
    return dot < 0 ? null : [{ shelf: "suffix", key: last.slice(dot) }];
  }
  if (field.key === "path") {
    if (parts.length === 1) return [{ shelf: "path", key: first }];
    const segment = firstSegment(first);
    return segment === "" ? null : [{ shelf: "segment", key: segment }];
  }
  if (field.key === "method" && parts.length === 1) return [{ shelf: "method", key: first.toUpperCase() }];
  return null;
}

function narrowness(keys: readonly Key[]): number {
  return Math.max(...keys.map(key => NARROWNESS.indexOf(key.shelf)));
}

function put(shelf: Map<string, CompiledRule[]>, key: string, rule: CompiledRule): void {
  const rules = shelf.get(key);
  if (rules === undefined) shelf.set(key, [rule]);
  else if (rules.at(-1) !== rule) rules.push(rule);
}
