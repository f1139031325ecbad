// What an importer makes of another program's rules: rules as the YAML says them, each with the line that it came from, and the rest
// with the reason why it stays behind. One file an importer; none touches the disk.
import { Document, isMap, isSeq, type Scalar } from "yaml";
import { compileRules } from "../compile.ts";
import { parseRules } from "../parse.ts";

/** A rule, or a part of one: nested maps, as in a rule file. */
export type RuleTree = { readonly [key: string]: unknown };

export interface ImportedRule {
  /** 1-based, in the file that was read. */
  readonly line: number;
  readonly rule: RuleTree & { readonly name: string; readonly when: string };
}

export interface LeftBehind {
  readonly line: number;
  /** What it says there. */
  readonly text: string;
  /** A few words. */
  readonly why: string;
}

export interface Imported {
  readonly rules: readonly ImportedRule[];
  readonly left: readonly LeftBehind[];
}

/** Reads a file's text. Never throws: what is not understood is left behind. */
export type Importer = (text: string) => Imported;

/** Takes out what our own checks refuse, so that what comes out of an import always loads. */
export function checked({ rules, left }: Imported): Imported {
  const refused = rules.flatMap(each => {
    const fault = faultOf(each.rule);
    return fault === null ? [] : [{ line: each.line, text: each.rule.name, why: fault, each }];
  });
  const out = new Set(refused.map(({ each }) => each));
  return {
    rules: rules.filter(each => !out.has(each)),
    left: [...left, ...refused.map(({ line, text, why }) => ({ line, text, why }))].sort((a, b) => a.line - b.line),
  };
}

/** The rule file, with the line that each rule came from. */
export function importedFile({ rules }: Imported, source: string): string {
  const doc = new Document({ rules: rules.map(({ rule }) => rule) }, { aliasDuplicateObjects: false });
  doc.commentBefore = ` Imported from ${source}.`;
  const list = isMap(doc.contents) ? doc.contents.get("rules", true) : null;
  for (const [i, { line }] of rules.entries()) {
    const item = isSeq(list) ? list.items[i] : null;
    if (isMap(item)) (item.items[0]!.key as Scalar).commentBefore = ` line ${line}`; // a rule begins with its name
  }
  return doc.toString({ lineWidth: 0 });
}

function faultOf(rule: RuleTree): string | null {
  const { ok, diagnostics, rules } = parseRules("import", new Document({ rules: [rule] }).toString({ lineWidth: 0 }));
  if (!ok) return diagnostics.find(each => each.severity === "error")!.message;
  compileRules(rules);
  return null;
}

/** Two parts of a rule as one: maps grow together, lists follow each other, of two values the first stays. */
export function mergeTrees(one: RuleTree, other: RuleTree): RuleTree {
  const out: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = out[key];
    if (before === undefined) out[key] = value;
    else if (Array.isArray(before) && Array.isArray(value)) out[key] = [...before, ...value];
    else if (isTree(before) && isTree(value)) out[key] = mergeTrees(before, value);
  }
  return out;
}

function isTree(value: unknown): value is RuleTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
