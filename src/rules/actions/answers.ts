// Answers without the server.

import type { Answer, AnswerContent } from "../answer.ts";
import {
  type Arg,
  duration,
  either,
  type Filled,
  file,
  flag,
  headerValue,
  integer,
  json,
  list,
  mapOf,
  optional,
  record,
  text,
  token,
} from "../args.ts";
import type { Json } from "../edit/json-path.ts";
import { decodeQuery, pathOf } from "../facts.ts";
import { type Env, fill, type Template } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";
import { fillPath } from "./content.ts";

const shape = () => ({
  status: optional(integer(200, 599)),
  reason: optional(headerValue()),
  headers: optional(mapOf(token("a header name"), headerValue())),
  delay: optional(duration()),
  text: optional(text()),
  html: optional(text()),
  json: optional(json()),
  file: optional(file()),
  template: optional(flag()),
  index: optional(list(text())),
  type: optional(headerValue()),
  redirect: optional(headerValue()),
  echo: optional(flag()),
  flow: optional(integer(1, Number.MAX_SAFE_INTEGER)),
});

interface Said {
  readonly status: number | undefined;
  readonly reason: Template | undefined;
  readonly headers: [string, Template][] | undefined;
  readonly delay: number | undefined;
  readonly text: Template | undefined;
  readonly html: Template | undefined;
  readonly json: Filled<Json> | undefined;
  readonly file: Template | undefined;
  readonly template: boolean | undefined;
  readonly index: Template[] | undefined;
  readonly type: Template | undefined;
  readonly redirect: Template | undefined;
  readonly echo: boolean | undefined;
  readonly flow: number | undefined;
}

const one: Arg<Said> = record(shape());
const oneOrSequence: Arg<Said | { readonly sequence: readonly Said[]; readonly then?: string }> = withSequence();

export const ANSWER_ACTIONS: readonly Action[] = [
  action({
    key: "answer",
    phase: "request",
    answers: true,
    doc: "Answer without the server: status, headers and a body by text, html, json, file (a file, or a folder when it ends in /), redirect, echo or a recorded flow; a list answers in turn, and its last goes on.",
    example: "{ status: 503, headers: { Retry-After: '1' }, json: { error: busy } }",
    arg: oneOrSequence,
    run(value, draft, env, { rule }) {
      const said = "sequence" in value ? value.sequence[Math.min(draft.hit, value.sequence.length) - 1]! : value;
      draft.answer = answerOf(said, env, rule, draft.target, draft.below);
    },
  }),
  action({
    key: "block",
    phase: "request",
    answers: true,
    doc: "Answer with this status and nothing else.",
    example: "403",
    arg: either(integer(200, 599), record({ status: integer(200, 599) })),
    run(value, draft, _, { rule }) {
      const status = typeof value === "number" ? value : value.status;
      draft.answer = { rule, status, reason: undefined, headers: [], delayMs: 0, content: { kind: "none" } };
    },
  }),
];

function withSequence(): Arg<Said | { readonly sequence: readonly Said[] }> {
  const many = list(one);
  return {
    says: one.says,
    schema: { anyOf: [one.schema, { type: "array", items: one.schema, minItems: 1 }] },
    read(node, context, depth) {
      const values = many.read(node, context, depth);
      if (values === undefined) return undefined;
      for (const each of values) {
        const bodies = BODIES.filter(name => each[name] !== undefined);
        if (bodies.length > 1) {
          context.report.error(context.span(node), `an answer has one body, not ${bodies.join(" and ")}`, BODIES);
          return undefined;
        }
      }
      if (values.length > 0) return values.length === 1 ? values[0] : { sequence: values };
      context.report.error(context.span(node), "an empty list answers nothing", [one.says]);
      return undefined;
    },
  };
}

const BODIES = ["text", "html", "json", "file", "redirect", "echo", "flow"] as const;

function answerOf(said: Said, env: Env, rule: string, target: string, below: string | null): Answer {
  const headers = (said.headers ?? []).map(([name, value]): [string, string] => [name, fillLine(value, env)]);
  if (said.redirect !== undefined) headers.push(["Location", fillLine(said.redirect, env)]);
  return {
    rule,
    status: said.status ?? (said.redirect === undefined ? 200 : 302),
    reason: said.reason === undefined ? undefined : fillLine(said.reason, env),
    headers,
    delayMs: said.delay ?? 0,
    content: contentOf(said, env, target, below),
  };
}

function contentOf(said: Said, env: Env, target: string, below: string | null): AnswerContent {
  const named = said.type === undefined ? undefined : fillLine(said.type, env);
  const type = named === "auto" ? undefined : named;
  const asText = (content: string, plain: string): AnswerContent => ({
    kind: "text",
    text: content,
    type: type ?? plain,
  });
  if (said.text !== undefined) return asText(fill(said.text, env), "text/plain; charset=utf-8");
  if (said.html !== undefined) return asText(fill(said.html, env, escapeHtml), "text/html; charset=utf-8");
  if (said.json !== undefined) return asText(JSON.stringify(said.json.fill(env)), "application/json");
  if (said.echo) return { kind: "echo" };
  if (said.flow !== undefined) return { kind: "flow", id: said.flow };
  if (said.file === undefined) return { kind: "none" };
  const path = fillPath(said.file, env);
  if (path.endsWith("/")) {
    const index = said.index?.map(each => fill(each, env)) ?? ["index.html"];
    return {
      kind: "folder",
      folder: path,
      path: below ?? decodeQuery(pathOf(target).replaceAll("+", "%2B")),
      index,
      type,
    };
  }
  return { kind: "file", file: path, type, fill: said.template ? (textOf: string) => fillTemplate(textOf, env) : null };
}

/** Mock files use the same holes; what nothing fills stays as it is, since `${…}` is also JavaScript. */
function fillTemplate(textOf: string, env: Env): string {
  return textOf.replace(/\$\{([^{}\n]+)\}/g, (whole, name: string) => env.value(name.trim()) ?? whole);
}

/** What comes from the request must not become markup of the answer. */
function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`);
}
