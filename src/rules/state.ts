// What was switched on and off without touching a file: HOME/rules.state.json, a map from rule id to boolean.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Switches kept in a file (or, without one, in memory). A file that is no such map counts as empty. */
export class RuleSwitches {
  /** null: in memory only. */
  readonly file: string | null;
  #on: ReadonlyMap<string, boolean>;

  constructor(file: string | null) {
    this.file = file;
    this.#on = file === null ? new Map() : read(file);
  }

  all(): ReadonlyMap<string, boolean> {
    return this.#on;
  }

  /** Reads the file again, as somebody else may have written it; true if that changed anything. */
  reload(): boolean {
    if (this.file === null) return false;
    const before = this.#on;
    this.#on = read(this.file);
    return before.size !== this.#on.size || [...this.#on].some(([id, on]) => before.get(id) !== on);
  }

  /** Throws what the file system throws. */
  set(id: string, on: boolean): void {
    this.reload(); // what another process switched stays
    this.#on = new Map([...this.#on, [id, on]]);
    if (this.file === null) return;
    const draft = `${this.file}.new`;
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(this.#on), null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.file);
  }
}

function read(file: string): ReadonlyMap<string, boolean> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null) return new Map();
    return new Map(Object.entries(value).filter((pair): pair is [string, boolean] => typeof pair[1] === "boolean"));
  } catch {
    return new Map();
  }
}
