// A command that sends the same request again: same method, target, fields in order and case, same content.
import { fieldOf } from "../head.ts";
import type { Field, WholeFlow } from "../model.ts";
import type { StoredFlow } from "../store/stored-flow.ts";
import type { Format } from "./format.ts";

export const CURL: Format = {
  name: "curl",
  doc: "a curl command for each request",
  extension: "sh",
  mediaType: "text/x-shellscript",
  *write(flows) {
    for (const flow of flows) {
      const whole = flow.whole();
      // A tunnel is no request that could be sent again.
      if (whole.method === "" || whole.method === "CONNECT") continue;
      yield `${curlCommand(whole, flow)}\n`;
    }
  },
};

/** What curl would add of its own accord, unless it is taken away or there. */
const CURLS_OWN = ["Accept", "User-Agent"];
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Linux takes 128 KiB an argument. */
const MAX_ARGUMENT = 100_000;

function curlCommand(flow: WholeFlow, stored: StoredFlow): string {
  const { method, url, request } = flow;
  const content = stored.content("request");
  // Pseudo-fields are what the other arguments say; names that are none could not be written after -H.
  const fields = request.headers.filter(([name]) => TOKEN.test(name));
  const words = ["curl", ...methodWords(method, content.length > 0), quote(url)];
  if (/[[\]{}]/.test(url)) words.push("--globoff");
  if (/\/\.{1,2}(\/|$|\?)/.test(flow.path)) words.push("--path-as-is");
  words.push(...versionWords(flow.httpVersion.client));
  for (const [name, value] of fields) {
    if (isFraming(name) || (name.toLowerCase() === "host" && value === flow.authority)) continue;
    words.push("-H", quote(fieldWord(name, value)));
  }
  for (const name of CURLS_OWN) if (fieldOf(fields, name) === null) words.push("-H", quote(`${name}:`));
  if (fieldOf(fields, "accept-encoding") !== null) words.push("--compressed");
  return withContent(words, content, fields, request.body.truncated);
}

function withContent(words: string[], content: Buffer, fields: readonly Field[], truncated: boolean): string {
  if (content.length === 0) return words.join(" ");
  // Fields that curl adds when it has something to send.
  for (const name of ["Content-Type", "Expect"])
    if (fieldOf(fields, name) === null) words.push("-H", quote(`${name}:`));
  const note = truncated ? "# the content was recorded in part only\n" : "";
  const text = shellText(content);
  if (text !== null) return `${note}${[...words, "--data-raw", quote(text)].join(" ")}`;
  words.push("--data-binary", "@-");
  return `${note}base64 -d <<'END' | ${words.join(" ")}\n${content.toString("base64").replace(/.{76}/g, "$&\n")}\nEND`;
}

function methodWords(method: string, hasContent: boolean): string[] {
  if (method === "HEAD" && !hasContent) return ["--head"];
  if (method === (hasContent ? "POST" : "GET")) return [];
  return ["-X", quote(method)];
}

function versionWords(version: string | null): string[] {
  if (version === "1.0") return ["--http1.0"];
  if (version === "1.1") return ["--http1.1"];
  return version === "2" ? ["--http2"] : [];
}

/** Curl counts itself; what was chunked it chunks again. */
function isFraming(name: string): boolean {
  return name.toLowerCase() === "content-length";
}

/** `X-Empty;` is curl's way to send a field without a value; `X-Empty:` would take the field away. */
function fieldWord(name: string, value: string): string {
  return value === "" ? `${name};` : `${name}: ${utf8(value)}`;
}

/** Recorded values are bytes, one character each; the shell's words are UTF-8. */
function utf8(value: string): string {
  const text = Buffer.from(value, "latin1").toString("utf8");
  return text.includes("�") ? value : text;
}

/** The content as an argument; null if it cannot be one. */
function shellText(content: Buffer): string | null {
  if (content.length > MAX_ARGUMENT || content.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
