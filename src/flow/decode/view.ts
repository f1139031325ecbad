// Content made readable: one table of viewers, the first that fits is used. Takes decoded content (content.ts) and never throws: what
// is not what it says it is, is shown as what it is.
import { isTextType, mediaType, textOf } from "./charset.ts";
import { viewForm } from "./form.ts";
import { hexDump } from "./hex.ts";
import { viewImage } from "./image.ts";
import { isJson, prettyJson, prettyLines } from "./json.ts";
import { prettyMarkup } from "./markup.ts";
import { viewMultipart } from "./multipart.ts";
import { prettyCss, prettyScript } from "./script.ts";

export interface View {
  /** Name of the viewer. */
  readonly kind: string;
  readonly text: string;
  /** What is worth knowing beside the text: charset, dimensions, that something is missing. */
  readonly note?: string;
}

export interface Viewer {
  readonly kind: string;
  readonly doc: string;
  /** Whether it is for this media type (lower case, no parameters; "" if none was given) and, if that does not say, for these bytes. */
  fits(type: string, bytes: Uint8Array): boolean;
  /** Null if the content is not what it seemed. */
  view(bytes: Uint8Array, contentType: string | null, limit: number): { text: string; note?: string } | null;
}

/** Bytes shown unless a caller asks for more: what is on a screen is read by people. */
export const VIEW_LIMIT = 1 << 20;

/** Shows decoded content; at most `limit` bytes of it. */
export function view(bytes: Uint8Array, contentType: string | null, limit: number = VIEW_LIMIT): View {
  if (bytes.length === 0) return { kind: "empty", text: "" };
  const type = mediaType(contentType);
  for (const viewer of VIEWERS) {
    if (!viewer.fits(type, bytes)) continue;
    const viewed = viewer.view(bytes, contentType, limit);
    if (viewed !== null) return { kind: viewer.kind, ...viewed };
  }
  return { kind: "hex", text: hexDump(bytes, limit) };
}

export const VIEWERS: readonly Viewer[] = [
  {
    kind: "image",
    doc: "kind and dimensions",
    fits: (type, bytes) => type.startsWith("image/") || (isTextType(type) !== true && viewImage(bytes) !== null),
    view: bytes => viewImage(bytes),
  },
  {
    kind: "multipart",
    doc: "each part with its fields, shown by its own type",
    fits: type => type.startsWith("multipart/"),
    view: (bytes, contentType, limit) => viewMultipart(bytes, contentType, (part, ofType) => view(part, ofType, limit)),
  },
  {
    kind: "ndjson",
    doc: "one JSON value a line, each indented",
    fits: type => /[/.+-](x-)?(ndjson|jsonl|jsonlines|json-seq|stream\+json)$/.test(type),
    view: asText(prettyLines),
  },
  {
    kind: "json",
    doc: "indented; numbers, order and repeats as they came",
    fits: (type, bytes) => /[/+]json$/.test(type) || (!isSaidOtherwise(type) && isJson(bytes)),
    view: asText(prettyJson),
  },
  {
    kind: "form",
    doc: "names and values, decoded",
    fits: type => type === "application/x-www-form-urlencoded",
    view: asText(viewForm),
  },
  {
    kind: "html",
    doc: "a tag a line, indented",
    fits: type => type === "text/html" || type === "application/xhtml+xml",
    view: asText(text => prettyMarkup(text, "html")),
  },
  {
    kind: "xml",
    doc: "a tag a line, indented",
    fits: type => /[/+]xml$/.test(type),
    view: asText(text => prettyMarkup(text, "xml")),
  },
  { kind: "css", doc: "a declaration a line", fits: type => type === "text/css", view: asText(prettyCss) },
  {
    kind: "script",
    doc: "JavaScript; a statement a line if it was minified",
    fits: type => /[/.+-](java|ecma)script$/.test(type),
    view: asText(prettyScript),
  },
  { kind: "text", doc: "text in any charset", fits: type => isTextType(type) !== false, view: asText(text => text) },
];

/** Whether the type says plainly that it is something else than JSON. */
function isSaidOtherwise(type: string): boolean {
  return type !== "" && type !== "text/plain" && type !== "application/octet-stream";
}

/** A viewer that works on text: null if the bytes are none. */
function asText(pretty: (text: string) => string): Viewer["view"] {
  return (bytes, contentType, limit) => {
    const shown = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
    const found = textOf(shown, contentType);
    if (found === null) return null;
    const notes: string[] = [];
    if (found.charset !== "utf-8") notes.push(found.charset);
    if (shown.length < bytes.length) notes.push(`the first ${shown.length} of ${bytes.length} bytes`);
    const text = pretty(found.text);
    return notes.length === 0 ? { text } : { text, note: notes.join(", ") };
  };
}
