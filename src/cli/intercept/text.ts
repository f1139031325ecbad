// A message as one text that people edit, and what they made of it as the API's edits. Pure.
import { CommandError } from "../command.ts";

/** A message that waits, as intercept.get gives it. */
export interface ShownMessage {
  /** Raw, base64. */
  readonly head: string;
  readonly body?: { readonly text: string } | { readonly base64: string };
}

export interface TextEdits {
  /** Raw, base64. */
  readonly head?: string;
  readonly body?: { readonly text: string };
}

/** Head, empty line, body. A body that is no text, or too long to be held, is not in it. */
export function messageText({ head, body }: ShownMessage): string {
  const lines = Buffer.from(head, "base64").toString("latin1").replaceAll("\r\n", "\n");
  return body !== undefined && "text" in body ? lines + body.text : lines;
}

/** Null: nothing was changed. */
export function editsOf(shown: ShownMessage, edited: string): TextEdits | null {
  const before = split(messageText(shown));
  const after = split(edited);
  const editable = shown.body !== undefined && "text" in shown.body;
  if (!editable && after.body.trim() !== "") throw new CommandError("the body is not text: it cannot be edited here");
  const body = withoutAddedEnd(before.body, after.body);
  const edits: TextEdits = {
    ...(after.head === before.head ? {} : { head: Buffer.from(`${after.head}\n\n`, "latin1").toString("base64") }),
    ...(!editable || body === before.body ? {} : { body: { text: body } }),
  };
  return Object.keys(edits).length === 0 ? null : edits;
}

export interface TextAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: [name: string, value: string][];
  readonly body: { readonly text: string };
}

export const ANSWER_TEMPLATE = "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\n";

export function answerOf(text: string): TextAnswer {
  const { head, body } = split(text);
  const [start = "", ...lines] = head.split("\n");
  const [, status, reason = ""] = /^HTTP\/1\.1 +([2-5]\d\d)(?: +(.*))?$/.exec(start.trim()) ?? [];
  if (status === undefined) throw new CommandError(`"${start}" is no status line; write for example HTTP/1.1 200 OK`);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new CommandError(`"${line}" is no header`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status), reason, headers, body: { text: body } };
}

function split(text: string): { head: string; body: string } {
  const lines = text.replaceAll("\r\n", "\n");
  const end = lines.indexOf("\n\n");
  if (end < 0) return { head: lines.trimEnd(), body: "" };
  // The body keeps the line ends that it has.
  const at = /\r?\n\r?\n/.exec(text)!; // found above
  return { head: lines.slice(0, end), body: text.slice(at.index + at[0].length) };
}

/** Editors end the last line of a file. */
function withoutAddedEnd(before: string, after: string): string {
  return after.endsWith("\n") && !before.endsWith("\n") ? after.slice(0, -1) : after;
}
