// What the record of a flow says, who is asked, and messages of WebSockets and event streams.
import {
  type Arg,
  duration,
  either,
  file,
  find,
  flag,
  integer,
  jsonPath,
  list,
  optional,
  plain,
  record,
  text,
  token,
  word,
} from "../args.ts";
import type { Draft } from "../draft.ts";
import type { Redaction } from "../plan.ts";
import { type Env, fill, type Template } from "../template.ts";
import { type Action, action, type RuleName } from "./action.ts";
import { fillPath } from "./content.ts";

export const FLOW_ACTIONS: readonly Action[] = [
  action({
    key: "pause",
    phase: "any",
    doc: "Hold at the request, the response or both, until a person goes on (a breakpoint).",
    example: "response",
    arg: word(["request", "response", "both"] as const),
    run: (value, draft) => draft.mark({ pause: { request: value !== "response", response: value !== "request" } }),
  }),
  action({
    key: "tag",
    phase: "any",
    doc: "Tag the flow.",
    example: "[slow, todo]",
    arg: list(text()),
    run: (values, draft, env) =>
      draft.mark({ tags: [...(draft.flow?.tags ?? []), ...values.map(each => fill(each, env))] }),
  }),
  action({
    key: "color",
    phase: "any",
    doc: "Colour the flow.",
    example: "red",
    arg: word(["red", "orange", "yellow", "green", "blue", "purple", "grey"] as const),
    run: (color, draft) => draft.mark({ color }),
  }),
  action({
    key: "comment",
    phase: "any",
    doc: "Comment the flow.",
    example: "look at ${path}",
    arg: text(),
    run: (value, draft, env) => draft.mark({ comment: fill(value, env) }),
  }),
  action({
    key: "log",
    phase: "any",
    doc: "Log a line.",
    example: "${method} ${url} by ${client}",
    arg: text(),
    run: (value, draft, env) => draft.mark({ log: [...(draft.flow?.log ?? []), fill(value, env)] }),
  }),
  action({
    key: "record",
    phase: "any",
    doc: "`off`: keep nothing of the flow. `head`: keep heads but no bodies.",
    example: "head",
    arg: word(["off", "head"] as const),
    run: (value, draft) => draft.mark({ record: value === "head" ? "head" : false }),
  }),
  action({
    key: "redact",
    phase: "any",
    doc: "Replace secrets by [redacted] before anything is written: headers, cookies, query parameters, JSON paths, regexes.",
    example: "{ headers: [Authorization], cookies: [session], json: [user.password] }",
    arg: redactions(),
    run: (values, draft) => draft.mark({ redact: [...(draft.flow?.redact ?? []), ...values] }),
  }),
  action({
    key: "script",
    phase: "any",
    doc: 'Ask a script of yours, in TypeScript or JavaScript, at the request and at the response: it may edit both, answer, tag and look into the session (`import type { Script } from "waylay"`). It runs in a thread of its own, which is ended when a turn takes longer than `timeout` (5 s). `body: off` leaves contents streaming; `onError: fail` answers 502 instead of going on without the script.',
    example: "{ file: ./my.ts, timeout: 2s }",
    arg: either(
      file(),
      record({
        file: file(),
        body: optional(flag()),
        timeout: optional(duration()),
        onError: optional(word(["continue", "fail"] as const)),
      }),
    ),
    run: askScript,
    also: { phase: "response", run: askScript },
  }),
  action({
    key: "replay",
    phase: "request",
    doc: "Send the request again, so many times, once it is done.",
    example: "3",
    arg: integer(1, 1000),
    run: (replay, draft) => draft.mark({ replay }),
  }),
  action({
    key: "messages",
    phase: "request",
    doc: "Messages of WebSockets, event streams and gRPC calls, by direction and content: drop, delay, replace in them, inject others.",
    example: "{ direction: down, find: /price/, replace: { find: EUR, with: USD } }",
    arg: list(
      record({
        direction: optional(word(["up", "down", "both"] as const)),
        find: optional(find()),
        drop: optional(flag()),
        delay: optional(duration()),
        replace: optional(list(record({ find: find(), with: text() }))),
        inject: optional(list(either(text(), record({ text: text(), after: optional(duration()) })))),
      }),
    ),
    run(all, draft, env) {
      for (const each of all) {
        draft.messages.push({
          direction: each.direction ?? "both",
          match: each.find,
          drop: each.drop,
          delayMs: each.delay,
          replace: (each.replace ?? []).map(one => ({ kind: "replace", find: one.find, with: fill(one.with, env) })),
          inject: (each.inject ?? []).map(one =>
            "text" in one
              ? { text: fill(one.text, env), afterMs: one.after ?? 0 }
              : { text: fill(one, env), afterMs: 0 },
          ),
        });
      }
    },
  }),
];

interface SaidScript {
  readonly file: Template;
  readonly body?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly onError?: "continue" | "fail" | undefined;
}

function askScript(said: Template | SaidScript, draft: Draft, env: Env, { rule }: RuleName): void {
  const { file: path, body = true, timeout = 5000, onError = "continue" } = "parts" in said ? { file: said } : said;
  draft.ask({ rule, file: fillPath(path, env), body, timeoutMs: timeout, onError });
}

function redactions(): Arg<Redaction[]> {
  const lists = record({
    headers: optional(list(token("a header name"))),
    cookies: optional(list(plain("a cookie name"))),
    query: optional(list(plain("a parameter"))),
    json: optional(list(jsonPath())),
    text: optional(list(find())),
  });
  return {
    ...lists,
    read(node, context, depth) {
      const value = lists.read(node, context, depth);
      if (value === undefined) return undefined;
      return [
        ...(value.headers ?? []).map((name): Redaction => ({ kind: "header", name })),
        ...(value.cookies ?? []).map((name): Redaction => ({ kind: "cookie", name })),
        ...(value.query ?? []).map((name): Redaction => ({ kind: "query", name })),
        ...(value.json ?? []).map((path): Redaction => ({ kind: "json", path: path.text })),
        ...(value.text ?? []).map((each): Redaction => ({ kind: "text", find: each })),
      ];
    },
  };
}
