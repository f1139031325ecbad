// Body actions, the same for requests and responses.
import { file, find, headerValue, json, jsonPath, list, mapOf, optional, plain, record, text, word } from "../args.ts";
import type { BodyOp } from "../edit/body.ts";
import { type PatchOp, parseJsonPath } from "../edit/json-path.ts";
import { encode, type PairOp } from "../edit/pairs.ts";
import { type Env, fill, type Template } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";
import { textMap } from "./heads.ts";

/** `body.*`, `json.*`, `form.*`, `multipart.*` of one side. */
export function contentActions(side: "request" | "response"): Action[] {
  const set = (textOf: string, type: string): BodyOp => ({ kind: "set", bytes: Buffer.from(textOf), type });
  const replacement = record({ find: find(), with: text() });
  return [
    action({
      key: `${side}.body.text`,
      phase: side,
      doc: "The whole body as text.",
      example: "hello ${host}",
      arg: text(),
      run: (value, draft, env) =>
        draft.body.push({ kind: "set", bytes: Buffer.from(fill(value, env)), type: undefined }),
    }),
    action({
      key: `${side}.body.json`,
      phase: side,
      doc: "The whole body as JSON, with its Content-Type.",
      example: "{ ok: true, from: '${path}' }",
      arg: json(),
      run: (value, draft, env) => draft.body.push(set(JSON.stringify(value.fill(env)), "application/json")),
    }),
    action({
      key: `${side}.body.form`,
      phase: side,
      doc: "The whole body as a form, with its Content-Type.",
      example: "{ user: me, remember: 'on' }",
      arg: textMap("a field"),
      run: (pairs, draft, env) => {
        const written = pairs.map(([name, value]) => `${encode(name)}=${encode(fill(value, env))}`).join("&");
        draft.body.push(set(written, "application/x-www-form-urlencoded"));
      },
    }),
    action({
      key: `${side}.body.file`,
      phase: side,
      doc: "The whole body from a file, read each time; the type by its name.",
      example: "./body.json",
      arg: file(),
      run: (value, draft, env, { rule }) =>
        draft.body.push({ kind: "file", file: fillPath(value, env), type: undefined, rule }),
    }),
    action({
      key: `${side}.body.replace`,
      phase: side,
      doc: "Replace in a text body: a text, or a /regex/ whose groups are $1, $2 … in `with`.",
      example: "{ find: /api\\.example\\.com/i, with: localhost }",
      arg: list(replacement),
      run: (all, draft, env) =>
        draft.rewrite(all.map(each => ({ kind: "replace", find: each.find, with: fill(each.with, env) }))),
    }),
    action({
      key: `${side}.body.prepend`,
      phase: side,
      doc: "Put text before a text body.",
      example: "'/* seen */'",
      arg: text(),
      run: (value, draft, env) => draft.body.push({ kind: "prepend", text: fill(value, env) }),
    }),
    action({
      key: `${side}.body.append`,
      phase: side,
      doc: "Put text after a text body.",
      example: "'/* seen */'",
      arg: text(),
      run: (value, draft, env) => draft.body.push({ kind: "append", text: fill(value, env) }),
    }),
    action({
      key: `${side}.json.set`,
      phase: side,
      doc: "Set values in a JSON body by path.",
      example: "{ user.admin: true, 'items[0].price': 1 }",
      arg: mapOf(jsonPathKey(), json()),
      run: (pairs, draft, env) =>
        draft.rewrite(
          // The key's own Arg has parsed the path once.
          pairs.map(([path, value]) => ({
            kind: "json",
            edit: { kind: "set", path: parseJsonPath(path)!, value: value.fill(env) },
          })),
        ),
    }),
    action({
      key: `${side}.json.remove`,
      phase: side,
      doc: "Remove what stands at these paths of a JSON body.",
      example: "[user.password, 'items[*].secret']",
      arg: list(jsonPath()),
      run: (paths, draft) => draft.rewrite(paths.map(path => ({ kind: "json", edit: { kind: "remove", path } }))),
    }),
    action({
      key: `${side}.json.replace`,
      phase: side,
      doc: "Replace in the texts at a path of a JSON body.",
      example: "{ 'links[*]': { find: /^http:/, with: 'https:' } }",
      arg: mapOf(jsonPathKey(), replacement),
      run: (pairs, draft, env) =>
        draft.rewrite(
          pairs.map(([path, value]) => ({
            kind: "json",
            edit: { kind: "replace", path: parseJsonPath(path)!, find: value.find, with: fill(value.with, env) },
          })),
        ),
    }),
    action({
      key: `${side}.json.merge`,
      phase: side,
      doc: "Merge into a JSON body (RFC 7396: null removes).",
      example: "{ flags: { beta: true }, debug: null }",
      arg: json(),
      run: (value, draft, env) => draft.body.push({ kind: "json", edit: { kind: "merge", value: value.fill(env) } }),
    }),
    action({
      key: `${side}.json.patch`,
      phase: side,
      doc: "Patch a JSON body (RFC 6902); all steps or none.",
      example: "[{ op: replace, path: /name, value: me }]",
      arg: list(
        record({
          op: word(["add", "remove", "replace", "move", "copy", "test"] as const),
          path: plain("a JSON pointer"),
          from: optional(plain("a JSON pointer")),
          value: optional(json()),
        }),
      ),
      run: (steps, draft, env) => {
        const ops: PatchOp[] = steps.map(({ op, path, from, value }) => ({ op, path, from, value: value?.fill(env) }));
        draft.body.push({ kind: "json", edit: { kind: "patch", ops } });
      },
    }),
    ...formActions(side),
  ];
}

function formActions(side: "request" | "response"): Action[] {
  if (side === "response") return [];
  const pairs = (kind: "set" | "add", all: readonly [string, Template][], env: Env): PairOp[] =>
    all.map(([name, value]) => ({ kind, name, value: fill(value, env) }));
  return [
    action({
      key: "request.form.set",
      phase: "request",
      doc: "Set fields of a form body.",
      example: "{ amount: '0' }",
      arg: textMap("a field"),
      run: (all, draft, env) => draft.body.push({ kind: "form", ops: pairs("set", all, env) }),
    }),
    action({
      key: "request.form.add",
      phase: "request",
      doc: "Add fields to a form body.",
      example: "{ tag: new }",
      arg: textMap("a field"),
      run: (all, draft, env) => draft.body.push({ kind: "form", ops: pairs("add", all, env) }),
    }),
    action({
      key: "request.form.remove",
      phase: "request",
      doc: "Remove fields of a form body.",
      example: "[csrf]",
      arg: list(plain("a field")),
      run: (names, draft) => draft.body.push({ kind: "form", ops: names.map(name => ({ kind: "remove", name })) }),
    }),
    action({
      key: "request.multipart.set",
      phase: "request",
      doc: "Set the text of parts of a multipart form.",
      example: "{ title: changed }",
      arg: textMap("a part"),
      run: (all, draft, env) =>
        draft.body.push({
          kind: "multipart",
          ops: all.map(([name, value]) => ({ kind: "set", name, value: fill(value, env) })),
        }),
    }),
    action({
      key: "request.multipart.remove",
      phase: "request",
      doc: "Remove parts of a multipart form.",
      example: "[avatar]",
      arg: list(plain("a part")),
      run: (names, draft) => draft.body.push({ kind: "multipart", ops: names.map(name => ({ kind: "remove", name })) }),
    }),
    action({
      key: "request.multipart.file",
      phase: "request",
      doc: "Put a file part, from text, into a multipart form.",
      example: "{ avatar: { filename: a.txt, type: text/plain, text: hello } }",
      arg: mapOf(plain("a part"), record({ filename: plain(), type: optional(headerValue()), text: text() })),
      run: (all, draft, env) =>
        draft.body.push({
          kind: "multipart",
          ops: all.map(([name, part]) => ({
            kind: "file",
            name,
            filename: part.filename,
            type: part.type === undefined ? "application/octet-stream" : fillLine(part.type, env),
            bytes: Buffer.from(fill(part.text, env)),
          })),
        }),
    }),
  ];
}

/** A path of the file system: what is filled in cannot climb out of where the rule's own text points. */
export function fillPath(template: Template, env: Env): string {
  return fill(template, env, value =>
    value
      .split(/[/\\]/)
      .filter(part => part !== ".." && !part.includes("\0"))
      .join("/"),
  );
}

/** A JSON path as a key: checked here, parsed again where it is used. */
function jsonPathKey(): ReturnType<typeof plain> {
  const path = jsonPath();
  return { ...plain("a JSON path"), read: (node, context, depth) => path.read(node, context, depth)?.text };
}
