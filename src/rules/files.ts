// Rule files on disk -> the program in force. Watches what it read; a change is in force within 200 ms, whole or not at all; a file
// that breaks leaves its last good rules in force. The only file of rules that touches the disk besides state.ts and mock-files.ts.
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { compileRules } from "./compile.ts";
import { type Diagnostic, formatDiagnostic, Reporter } from "./diagnostics.ts";
import { type LoadedFile, parseRules } from "./parse.ts";
import type { PolicyOptions } from "./policy.ts";
import type { Program } from "./program.ts";
import type { Rule } from "./rule.ts";
import { deadRules } from "./shadow.ts";
import type { RuleSwitches } from "./state.ts";

export interface RuleFilesOptions {
  /** Files and folders, in the order given; a folder stands for its .yaml and .yml files by name. */
  readonly paths: readonly string[];
  /** Rules that run before those of every file, and are not watched. */
  readonly first?: LoadedFile | undefined;
  readonly policy: PolicyOptions;
  readonly switches: RuleSwitches;
  env(name: string): string | undefined;
  /** Called after each reload, also a failed one. Not called by load(). */
  onReload(outcome: Reload): void;
}

export interface Reload {
  readonly program: Program;
  readonly rules: readonly Rule[];
  /** Faults of every file, each formatted for people, most serious files first come as given. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly diagnostic: Diagnostic;
  /** As people read it, with line and caret. */
  readonly text: string;
  /** The text of the file. */
  readonly source: string;
}

/** Saves come in bursts (truncate, write, rename); the last of one within this time is read … */
const SETTLE_MS = 40;
/** … but a file that is written to without end is read all the same. */
const SETTLE_MAX_MS = 120;

/** The rules of a gateway. Call load() once, then watch(); close() ends the watching. */
export class RuleFiles {
  readonly #options: RuleFilesOptions;
  readonly #good = new Map<string, LoadedFile>();
  readonly #watchers = new Map<string, FSWatcher>();
  /** Files that `${file:…}` named, whether they were there or not. */
  readonly #read = new Set<string>();
  /** Every text that the rules in force were made of, by path; undefined: not there. */
  readonly #texts = new Map<string, string | undefined>();
  #timer: NodeJS.Timeout | null = null;
  #latest: NodeJS.Timeout | null = null;
  #now: Reload;

  constructor(options: RuleFilesOptions) {
    this.#options = options;
    this.#now = { program: compileRules([], options.policy), rules: [], problems: [] };
  }

  /** The program in force; exchanges keep the one they began with. */
  get program(): Program {
    return this.#now.program;
  }

  get rules(): readonly Rule[] {
    return this.#now.rules;
  }

  get problems(): readonly Problem[] {
    return this.#now.problems;
  }

  /** The files that were read last, or would have been. */
  get files(): readonly string[] {
    return this.#files([]);
  }

  /** Reads everything. True if no file has an error; else those files' last good rules (at first: none) are in force. */
  load(): boolean {
    const problems: Problem[] = [];
    const rules: Rule[] = [];
    const switched = this.#options.switches.all();
    let ok = true;
    this.#read.clear();
    this.#texts.clear();
    const { first } = this.#options;
    const parsed = this.#files(problems).map(file => this.#parse(file));
    for (const loaded of first === undefined ? parsed : [first, ...parsed]) {
      const { file } = loaded;
      problems.push(...loaded.diagnostics.map(each => problemOf(each, loaded.text)));
      if (loaded.ok) this.#good.set(file, loaded);
      else ok = false;
      for (const rule of this.#good.get(file)?.rules ?? [])
        rules.push({ ...rule, enabled: switched.get(rule.id) ?? rule.enabled });
    }
    problems.push(...this.#shadowed(rules));
    if (problems.some(problem => problem.diagnostic.severity === "error")) ok = false;
    const program = compileRules(rules, this.#options.policy);
    this.#now = { program, rules, problems };
    return ok;
  }

  /** Begins to watch; changes call onReload. */
  watch(): void {
    const folders = new Set(this.#options.paths.map(path => (isFolder(path) ? path : dirname(path))));
    const { file: state } = this.#options.switches;
    for (const file of state === null ? this.#read : [...this.#read, state]) folders.add(dirname(file));
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        // The folder, not the file: editors save by renaming a new file over the old one, which a watch on the file loses.
        const watcher = watch(folder, { persistent: false }, (_, name) => {
          if (name === null || this.#isOurs(folder, name)) this.#soon();
        });
        watcher.on("error", () => this.#unwatch(folder));
        this.#watchers.set(folder, watcher);
      } catch {
        // A folder that is not there yet cannot be watched; it is tried again at the next reload.
      }
    }
  }

  /** Switches a rule by id or name; false if there is none. In force for the next request. */
  switch(name: string, on: boolean): boolean {
    const found = this.#now.rules.filter(rule => rule.id === name || rule.name === name);
    for (const rule of found) this.#options.switches.set(rule.id, on);
    if (found.length > 0) this.#reload();
    return found.length > 0;
  }

  close(): void {
    this.#stopWaiting();
    for (const folder of [...this.#watchers.keys()]) this.#unwatch(folder);
  }

  /** Sessions, logs and editors' swap files may live in the same folder. */
  #isOurs(folder: string, name: string): boolean {
    const path = resolve(folder, name);
    const named = (wanted: string): boolean => this.#options.paths.some(each => resolve(each) === wanted);
    return (
      path === this.#options.switches.file ||
      this.#read.has(path) ||
      named(path) ||
      (isRuleFile(name) && named(resolve(folder)))
    );
  }

  /** After the last change of a burst, but not for ever after its first. */
  #soon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settled(), SETTLE_MS);
    this.#latest ??= setTimeout(() => this.#settled(), SETTLE_MAX_MS);
    this.#timer.unref();
    this.#latest.unref();
  }

  #settled(): void {
    this.#stopWaiting();
    const switched = this.#options.switches.reload();
    if (switched || this.#differs()) this.#reload();
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#latest !== null) clearTimeout(this.#latest);
    this.#timer = null;
    this.#latest = null;
  }

  /** Has a text changed that the rules were made of, or has a file come or gone? */
  #differs(): boolean {
    const files = this.#files([]);
    const before = [...this.#texts.keys()].filter(path => !this.#read.has(path));
    if (files.length !== before.length || files.some(file => !this.#texts.has(file))) return true;
    return [...this.#texts].some(([path, text]) => textOf(path) !== text);
  }

  #reload(): void {
    this.#timer = null;
    this.load();
    this.watch();
    this.#options.onReload(this.#now);
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #files(problems: Problem[]): string[] {
    return this.#options.paths.flatMap(path => {
      if (!isFolder(path)) return [path];
      try {
        const names = readdirSync(path).filter(isRuleFile);
        return names.sort().map(name => join(path, name));
      } catch (error) {
        problems.push(unreadable(path, error));
        return [];
      }
    });
  }

  /** Rules that a file before theirs leaves nothing to; within a file the parser says so. */
  #shadowed(rules: readonly Rule[]): Problem[] {
    return deadRules(rules).flatMap(({ rule, why, by }) => {
      if (by === null || by.file === rule.file) return [];
      const text = this.#good.get(rule.file)?.text ?? "";
      const report = new Reporter(rule.file, text);
      report.warn(rule.nameSpan, why);
      return report.found.map(each => problemOf(each, text));
    });
  }

  #parse(file: string): LoadedFile {
    let text: string;
    this.#texts.set(file, undefined);
    try {
      text = readFileSync(file, "utf8");
      this.#texts.set(file, text);
    } catch (error) {
      // A folder that is named by default need not exist; a file that was named must.
      return { file, text: "", rules: [], diagnostics: [unreadable(file, error).diagnostic], ok: false };
    }
    const folder = dirname(file);
    return parseRules(file, text, {
      env: this.#options.env,
      resolvePath: path => {
        const written = path.startsWith("~/") ? join(this.#options.env("HOME") ?? "~", path.slice(2)) : path;
        return isAbsolute(written) ? written : keepSlash(path, resolve(folder, written));
      },
      readText: path => {
        const read = textOf(path);
        this.#read.add(path);
        this.#texts.set(path, read);
        return read;
      },
    });
  }
}

/** The short name of a rule's file, for people. */
export function shortFile(rule: Rule): string {
  return basename(rule.file);
}

/** A trailing slash says "a folder", and resolve() takes it away. */
function keepSlash(written: string, absolute: string): string {
  return written.endsWith("/") && !absolute.endsWith("/") ? `${absolute}/` : absolute;
}

function isRuleFile(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith(".");
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !/\.ya?ml$/i.test(path);
}

function unreadable(file: string, error: unknown): Problem {
  const report = new Reporter(file, "");
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const why =
    { ENOENT: "is not there", EACCES: "may not be read", EISDIR: "is a folder" }[code] ?? `cannot be read (${code})`;
  report.error({ start: 0, end: 0 }, `${file} ${why}`);
  const diagnostic = report.found[0]!;
  return problemOf(diagnostic, "");
}

function problemOf(diagnostic: Diagnostic, source: string): Problem {
  return { diagnostic, text: formatDiagnostic(diagnostic, source), source };
}
