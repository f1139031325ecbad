// Header actions, the same for requests and responses.
import { type Arg, find, headerValue, list, mapOf, plain, record, text, token } from "../args.ts";
import type { Template } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";

/** `headers.*` of one side. */
export function headerActions(side: "request" | "response"): Action[] {
  const name = token("a header name");
  const values = mapOf(name, headerValue());
  const key = (verb: string): string => `${side}.headers.${verb}`;
  const sample = side === "request" ? "Accept-Language" : "Cache-Control";
  return [
    action({
      key: key("set"),
      phase: side,
      doc: "Give a header this value: in its place, once, or at the end if it was not there.",
      example: `{ ${sample}: en }`,
      arg: values,
      run: (pairs, draft, env) =>
        draft.edit(pairs.map(([each, value]) => ({ kind: "set", name: each, value: fillLine(value, env) }))),
    }),
    action({
      key: key("add"),
      phase: side,
      doc: "Add a header line, beside those of the same name.",
      example: "{ X-Debug: one }",
      arg: values,
      run: (pairs, draft, env) =>
        draft.edit(pairs.map(([each, value]) => ({ kind: "add", name: each, value: fillLine(value, env) }))),
    }),
    action({
      key: key("append"),
      phase: side,
      doc: "Append to a header's value after a comma.",
      example: "{ Vary: Origin }",
      arg: values,
      run: (pairs, draft, env) =>
        draft.edit(pairs.map(([each, value]) => ({ kind: "append", name: each, value: fillLine(value, env) }))),
    }),
    action({
      key: key("remove"),
      phase: side,
      doc: "Remove every line of these names; `*` matches anything.",
      example: "[X-Powered-By, X-Debug-*]",
      arg: list(token("a header name")),
      run: (names, draft) => draft.edit(names.map(each => ({ kind: "remove", name: each }))),
    }),
    action({
      key: key("rename"),
      phase: side,
      doc: "Change the name (or its case) and keep the value and the place.",
      example: "{ x-token: X-Token }",
      arg: mapOf(name, token("a header name")),
      run: (pairs, draft) => draft.edit(pairs.map(([from, to]) => ({ kind: "rename", from, to }))),
    }),
    action({
      key: key("replace"),
      phase: side,
      doc: "Replace in a header's value: a text, or a /regex/ whose groups are $1, $2 … in `with`.",
      example: "{ Referer: { find: /^http:/, with: 'https:' } }",
      arg: mapOf(name, record({ find: find(), with: headerValue() })),
      run: (pairs, draft, env) =>
        draft.edit(
          pairs.map(([each, value]) => ({
            kind: "replace",
            name: each,
            find: value.find,
            with: fillLine(value.with, env),
          })),
        ),
    }),
  ];
}

/** A map from plain names to texts with holes: queries, forms, cookies. */
export function textMap(says: string): Arg<[string, Template][]> {
  return mapOf(plain(says), text());
}
