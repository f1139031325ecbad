/** What one check found. `bad` is something waylay needs; `note` is something it does without. */
export interface Finding {
  readonly name: string;
  readonly state: "good" | "note" | "bad";
  readonly says: string;
  /** One command that mends it. */
  readonly mend?: string;
}

/** What the checks may look at. */
export interface Patient {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  now(): number;
}

export type Check = (patient: Patient) => Finding[] | Promise<Finding[]>;

export const good = (name: string, says: string): Finding => ({ name, state: "good", says });
export const note = (name: string, says: string, mend?: string): Finding => finding("note", name, says, mend);
export const bad = (name: string, says: string, mend?: string): Finding => finding("bad", name, says, mend);

function finding(state: Finding["state"], name: string, says: string, mend: string | undefined): Finding {
  return mend === undefined ? { name, state, says } : { name, state, says, mend };
}
