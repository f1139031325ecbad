// What waylay says itself: errors that explain, and the framing of any answer of our own.
import type { RequestHead } from "../wire/http1/head.ts";
import { FAILURES, type Failure, failureHint, failureStatus } from "./failures.ts";

/** An answer of our own, not yet framed. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Buffer;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  421: "Misdirected Request",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  508: "Loop Detected",
};

export function reasonOf(status: number): string {
  return REASONS[status] ?? "Error";
}

/** The answer that tells a client what failed and what to do; a page for browsers, lines for programs. */
export function explain(failure: Failure, host: string, wantsHtml: boolean): Answer {
  const { title } = FAILURES[failure.code];
  const status = failureStatus(failure);
  const hint = failureHint(failure, host);
  const code = failure.defect ?? failure.code;
  const content = wantsHtml
    ? page(`${status} ${title}`, [failure.message, hint, `waylay: ${code}`])
    : `${title}\n${failure.message}\n${hint === "" ? "" : `${hint}\n`}\nwaylay: ${code}\n`;
  return {
    status,
    reason: reasonOf(status),
    fields: [["Content-Type", wantsHtml ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"]],
    content: Buffer.from(content),
  };
}

/** Head bytes of an answer of our own. `close` says that the connection ends with it. */
export function answerHead(answer: Answer, close: boolean): Buffer {
  let text = `HTTP/1.1 ${answer.status} ${answer.reason}\r\n`;
  for (const [name, value] of answer.fields) text += `${name}: ${value}\r\n`;
  if (answer.status !== 204 && answer.status !== 304) text += `Content-Length: ${answer.content.length}\r\n`;
  text += close ? "Connection: close\r\n\r\n" : "\r\n";
  return Buffer.from(text, "latin1");
}

/** A small page in the system's colours, with nothing to load. */
export function page(title: string, paragraphs: readonly string[], body = ""): string {
  const lines = paragraphs.filter(text => text !== "").map(text => `<p>${escapeHtml(text)}</p>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 42rem; margin: 12vh auto; padding: 0 1.25rem }
h1 { font-size: 1.4rem; line-height: 1.25 }
p:last-of-type { opacity: .65; font-size: .875rem }
code, pre { font: .875rem/1.5 ui-monospace, monospace } pre { overflow-x: auto; padding: .75rem 1rem; border-radius: .5rem; background: #8881 }
</style></head><body><h1>${escapeHtml(title)}</h1>${lines.join("")}${body}</body></html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`);
}

/** Does whoever asks want a page? Programs get lines. */
export function wantsHtml(head: RequestHead): boolean {
  return (head.fields.get("accept") ?? "").includes("text/html");
}
