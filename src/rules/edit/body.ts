// Edits of content: bytes -> bytes, given the content type. The content coding is undone before and done again after by who calls; what
// cannot be edited (not JSON, not text) is left as it is, and a note says so.
import { decodeText, isJsonType, isTextType, parseContentType } from "./content-type.ts";
import { type Find, replaceFound } from "./find.ts";
import { insertHtml, pageNonce, type Spot } from "./html.ts";
import { applyPatch, type Json, type JsonPath, mapAt, mergePatch, type PatchOp, removeAt, setAt } from "./json-path.ts";
import { editMultipart, type PartOp } from "./multipart.ts";
import { editPairs, type PairOp } from "./pairs.ts";

export type BodyOp =
  | { readonly kind: "set"; readonly bytes: Buffer; readonly type: string | undefined }
  /** Resolved to `set` by withFiles before editBody sees it. */
  | { readonly kind: "file"; readonly file: string; readonly type: string | undefined; readonly rule: string }
  | { readonly kind: "replace"; readonly find: Find; readonly with: string }
  | { readonly kind: "json"; readonly edit: JsonEdit }
  | { readonly kind: "form"; readonly ops: readonly PairOp[] }
  | { readonly kind: "multipart"; readonly ops: readonly PartOp[] }
  | { readonly kind: "insert"; readonly what: "html" | "script" | "style"; readonly text: string; readonly spot: Spot }
  | { readonly kind: "prepend" | "append"; readonly text: string };

export type JsonEdit =
  | { readonly kind: "set"; readonly path: JsonPath; readonly value: Json }
  | { readonly kind: "remove"; readonly path: JsonPath }
  | { readonly kind: "replace"; readonly path: JsonPath; readonly find: Find; readonly with: string }
  | { readonly kind: "merge"; readonly value: Json }
  | { readonly kind: "patch"; readonly ops: readonly PatchOp[] };

export interface EditedBody {
  readonly bytes: Buffer;
  /** The Content-Type that now holds; undefined if it did not change. */
  readonly contentType: string | undefined;
  /** What could not be done, for the flow. */
  readonly notes: readonly string[];
}

/** Applies edits in order. Pure; `bytes` is not modified, and is returned itself if nothing changed. */
export function editBody(bytes: Buffer, contentType: string | undefined, ops: readonly BodyOp[]): EditedBody {
  let now = bytes;
  let type = contentType;
  const notes: string[] = [];
  for (const op of ops) {
    if (op.kind === "set") {
      now = op.bytes;
      type = op.type ?? type;
      continue;
    }
    const result = applyOp(now, type, op);
    if (typeof result === "string") notes.push(result);
    else now = result;
  }
  return { bytes: now, contentType: type === contentType ? undefined : type, notes };
}

/** Reads the files that ops name. `read` rejects with an error that says what is wrong with the file. */
export async function withFiles(ops: readonly BodyOp[], read: (file: string) => Promise<Buffer>): Promise<BodyOp[]> {
  return Promise.all(
    ops.map(async op =>
      op.kind === "file" ? { kind: "set" as const, bytes: await read(op.file), type: op.type } : op,
    ),
  );
}

function applyOp(
  bytes: Buffer,
  contentType: string | undefined,
  op: Exclude<BodyOp, { kind: "set" }>,
): Buffer | string {
  const type = parseContentType(contentType);
  switch (op.kind) {
    case "file":
      return `${op.file} was not read`;
    case "multipart": {
      if (type.essence !== "multipart/form-data" || type.boundary === undefined)
        return `no multipart form (${type.essence || "no type"})`;
      return editMultipart(bytes, type.boundary, op.ops) ?? "the multipart body is not framed by its boundary";
    }
    case "form": {
      if (type.essence !== "application/x-www-form-urlencoded" && bytes.length > 0)
        return `no form (${type.essence || "no type"})`;
      return Buffer.from(editPairs(bytes.toString("latin1"), op.ops), "latin1");
    }
    case "json":
      return editJson(bytes, op.edit, isJsonType(type));
    default:
      break;
  }
  if (op.kind === "insert" && type.essence !== "text/html" && type.essence !== "application/xhtml+xml")
    return `no page (${type.essence || "no type"})`;
  if (type.essence !== "" && !isTextType(type) && op.kind !== "replace") return `no text (${type.essence})`;
  const decoded = decodeText(bytes, type.charset);
  if (decoded === null) return `not ${type.charset ?? "text"} as its Content-Type says`;
  const edited = editText(decoded.text, op);
  return edited === decoded.text ? bytes : decoded.encode(edited);
}

function editText(text: string, op: BodyOp): string {
  switch (op.kind) {
    case "replace":
      return replaceFound(op.find, text, op.with);
    case "prepend":
      return op.text + text;
    case "append":
      return text + op.text;
    case "insert": {
      const nonce = pageNonce(text);
      const attribute = nonce === undefined ? "" : ` nonce="${nonce}"`;
      const html = op.what === "html" ? op.text : `<${op.what}${attribute}>${op.text}</${op.what}>`;
      return insertHtml(text, html, op.spot);
    }
    default:
      return text;
  }
}

function editJson(bytes: Buffer, edit: JsonEdit, typed: boolean): Buffer | string {
  let before: Json;
  const source = bytes.toString("utf8");
  try {
    // JSON.parse gives nothing but Json.
    before = JSON.parse(source.replace(/^\ufeff/, "")) as Json;
  } catch {
    return typed ? "the body is not the JSON that its type says" : "the body is no JSON";
  }
  const after = applyJson(before, edit);
  if (after === undefined) return "a step of the JSON patch does not fit the body: nothing was changed";
  if (after === before) return bytes;
  // Keep the shape that people see: indented stays indented.
  const indent = /^\s*[[{]\r?\n([ \t]+)/.exec(source)?.[1];
  return Buffer.from(JSON.stringify(after, null, indent));
}

function applyJson(value: Json, edit: JsonEdit): Json | undefined {
  switch (edit.kind) {
    case "set":
      return setAt(value, edit.path, edit.value);
    case "remove":
      return removeAt(value, edit.path);
    case "merge":
      return mergePatch(value, edit.value);
    case "patch":
      return applyPatch(value, edit.ops);
    case "replace":
      return mapAt(value, edit.path, old => (typeof old === "string" ? replaceFound(edit.find, old, edit.with) : old));
  }
}
