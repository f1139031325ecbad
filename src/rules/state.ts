// What was switched on and off without touching a file: HOME/rules.state.json, a map from rule id to boolean.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Switches kept in a file (or, without one, in memory). A file that is no such map counts as empty. */
export class RuleSwitches {
  readonly #file: string | null;
  readonly #on: Map<string, boolean>;

  constructor(file: string | null) {
    this.#file = file;
    this.#on = new Map(file === null ? [] : read(file));
  }

  all(): ReadonlyMap<string, boolean> {
    return this.#on;
  }

  /** Throws what the file system throws. */
  set(id: string, on: boolean): void {
    this.#on.set(id, on);
    if (this.#file === null) return;
    const draft = `${this.#file}.new`;
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(this.#on), null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

function read(file: string): [string, boolean][] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).filter((pair): pair is [string, boolean] => typeof pair[1] === "boolean");
  } catch {
    return [];
  }
}
