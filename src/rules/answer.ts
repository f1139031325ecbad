// What is said instead of the server, as data; edit/answer renders it.

export interface Answer {
  /** The rule that answers, for errors that must name it. */
  readonly rule: string;
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly delayMs: number;
  readonly content: AnswerContent;
}

export type AnswerContent =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly type: string | undefined }
  | { readonly kind: "text"; readonly text: string; readonly type: string }
  /** One file, absolute; `type` undefined: by name. `template`: fill `${…}` after reading, with these values. */
  | {
      readonly kind: "file";
      readonly file: string;
      readonly type: string | undefined;
      readonly fill: ((text: string) => string) | null;
    }
  /** A folder, absolute, and the path below it that is asked for (decoded; may hold `..`, which the reader refuses). */
  | {
      readonly kind: "folder";
      readonly folder: string;
      readonly path: string;
      readonly index: readonly string[];
      readonly type: string | undefined;
    }
  /** The request as it arrived, as text or JSON. */
  | { readonly kind: "echo" }
  /** A recorded flow's response. */
  | { readonly kind: "flow"; readonly id: number };
