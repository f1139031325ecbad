// What is done to a request's head and to where it goes.

import { either, find, flag, headerValue, integer, list, mapOf, plain, record, text, token, word } from "../args.ts";
import type { Draft } from "../draft.ts";
import { replaceFound } from "../edit/find.ts";
import { editQuery, type PairOp } from "../edit/pairs.ts";
import { pathOf } from "../facts.ts";
import { type Env, fill } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";
import { headerActions, textMap } from "./heads.ts";

export const REQUEST_ACTIONS: readonly Action[] = [
  action({
    key: "request.method",
    phase: "request",
    doc: "Send another method.",
    example: "PUT",
    arg: token("a method"),
    run: (value, draft) => draft.head.push({ kind: "method", value }),
  }),
  action({
    key: "request.to",
    phase: "request",
    doc: "Send the request to another URL; what the new URL leaves out stays. Host follows, unless `request.keepHost` is true.",
    example: "https://staging.example.com${path}${query}",
    arg: text("a URL such as https://staging.example.com${path}${query}"),
    run: (value, draft, env) => sendTo(fillLine(value, env), draft),
  }),
  action({
    key: "request.keepHost",
    phase: "request",
    doc: "Keep the Host header though the request goes elsewhere.",
    example: "true",
    arg: flag(),
    run: (value, draft) => {
      if (!value) return;
      const at = draft.head.findLastIndex(op => op.kind === "set" && op.name === "Host");
      if (at >= 0) draft.head.splice(at, 1);
    },
  }),
  action({
    key: "request.scheme",
    phase: "request",
    doc: "Speak http or https to the server.",
    example: "http",
    arg: word(["http", "https"] as const),
    run: (scheme, draft) => {
      draft.route = { ...draft.route, scheme };
    },
  }),
  action({
    key: "request.host",
    phase: "request",
    doc: "Send the request to another host, or host:port; Host follows.",
    example: "staging.example.com",
    arg: text("a host, or host:port"),
    run: (value, draft, env) => sendTo(`//${fillLine(value, env)}`, draft),
  }),
  action({
    key: "request.port",
    phase: "request",
    doc: "Send the request to another port of the same host.",
    example: "8443",
    arg: integer(1, 65_535),
    run: (port, draft) => {
      draft.route = { ...draft.route, port };
    },
  }),
  action({
    key: "request.path",
    phase: "request",
    doc: "Set the path (the query stays), or replace in it.",
    example: "{ find: /^\\/v1/, with: /v2 }",
    arg: either(text("a path"), record({ find: find(), with: text() })),
    run: (value, draft, env) => {
      const path = pathOf(draft.target);
      const next = "find" in value ? replaceFound(value.find, path, fillLine(value.with, env)) : fillLine(value, env);
      draft.setTarget(inTarget(next.startsWith("/") ? next : `/${next}`) + draft.target.slice(path.length));
    },
  }),
  ...queryActions(),
  ...headerActions("request"),
  action({
    key: "request.cookies.set",
    phase: "request",
    doc: "Set cookies in the Cookie header; the others stay as they came.",
    example: "{ session: abc }",
    arg: textMap("a cookie name"),
    run: (pairs, draft, env) =>
      draft.edit(pairs.map(([name, value]) => ({ kind: "cookie", name, value: fillLine(value, env) }))),
  }),
  action({
    key: "request.cookies.remove",
    phase: "request",
    doc: "Remove cookies by name.",
    example: "[_ga, _gid]",
    arg: list(plain("a cookie name")),
    run: (names, draft) => draft.edit(names.map(name => ({ kind: "cookie", name, value: null }))),
  }),
  action({
    key: "request.cookies.replace",
    phase: "request",
    doc: "Replace in a cookie's value.",
    example: "{ lang: { find: en, with: de } }",
    arg: mapOf(plain("a cookie name"), record({ find: find(), with: headerValue() })),
    run: (pairs, draft, env) =>
      draft.edit(
        pairs.map(([name, value]) => ({
          kind: "cookie-replace",
          name,
          find: value.find,
          with: fillLine(value.with, env),
        })),
      ),
  }),
  action({
    key: "request.userAgent",
    phase: "request",
    doc: `Be another browser: ${["chrome", "firefox", "safari", "iphone", "android", "edge", "curl", "googlebot"].join(", ")}, or any text.`,
    example: "iphone",
    arg: headerValue(),
    run: (value, draft, env) => {
      const written = fillLine(value, env);
      draft.head.push({ kind: "set", name: "User-Agent", value: USER_AGENTS.get(written.toLowerCase()) ?? written });
    },
  }),
  action({
    key: "request.auth.basic",
    phase: "request",
    doc: "Authorization: Basic, from user and password (use `${env:X}` or `${file:x}` for secrets).",
    example: "{ user: me, password: '${env:PASSWORD}' }",
    arg: record({ user: text(), password: text() }),
    run: ({ user, password }, draft, env) => {
      const both = Buffer.from(`${fill(user, env)}:${fill(password, env)}`).toString("base64");
      draft.head.push({ kind: "set", name: "Authorization", value: `Basic ${both}` });
    },
  }),
  action({
    key: "request.auth.bearer",
    phase: "request",
    doc: "Authorization: Bearer, with this token.",
    example: "'${env:API_TOKEN}'",
    arg: headerValue(),
    run: (value, draft, env) =>
      draft.head.push({ kind: "set", name: "Authorization", value: `Bearer ${fillLine(value, env)}` }),
  }),
  action({
    key: "request.auth.remove",
    phase: "request",
    doc: "Take Authorization off.",
    example: "true",
    arg: flag(),
    run: (value, draft) => {
      if (value) draft.head.push({ kind: "remove", name: "Authorization" });
    },
  }),
  action({
    key: "request.acceptEncoding",
    phase: "request",
    doc: "Ask for these content codings; `plain` asks for none, so that bodies are readable on the wire.",
    example: "plain",
    arg: list(token("a coding such as gzip, br, zstd, or plain")),
    run: (codings, draft) => {
      const value = codings.map(each => (each === "plain" ? "identity" : each)).join(", ");
      draft.head.push({ kind: "set", name: "Accept-Encoding", value });
    },
  }),
  action({
    key: "request.connection",
    phase: "request",
    doc: "Ask the server to close the connection, or to keep it.",
    example: "close",
    arg: word(["close", "keep-alive"] as const),
    run: (value, draft) => draft.head.push({ kind: "set", name: "Connection", value }),
  }),
  action({
    key: "request.cache",
    phase: "request",
    doc: "`off`: take the validators off and ask for a fresh answer.",
    example: "off",
    arg: word(["off"] as const),
    run: (_, draft) => {
      for (const name of VALIDATORS) draft.head.push({ kind: "remove", name });
      draft.head.push(
        { kind: "set", name: "Cache-Control", value: "no-cache" },
        { kind: "set", name: "Pragma", value: "no-cache" },
      );
    },
  }),
  action({
    key: "request.forwardedFor",
    phase: "request",
    doc: "Set X-Forwarded-For; `client` is the client's own address.",
    example: "203.0.113.7",
    arg: headerValue(),
    run: (value, draft, env) => {
      const written = fillLine(value, env);
      const address = written === "client" ? (env.value("client") ?? "") : written;
      draft.head.push({ kind: "set", name: "X-Forwarded-For", value: address });
    },
  }),
  action({
    key: "request.referer",
    phase: "request",
    doc: "Set Referer; an empty text takes it off.",
    example: "https://example.com/",
    arg: headerValue(),
    run: (value, draft, env) => {
      const written = fillLine(value, env);
      draft.head.push(
        written === "" ? { kind: "remove", name: "Referer" } : { kind: "set", name: "Referer", value: written },
      );
    },
  }),
  action({
    key: "request.origin",
    phase: "request",
    doc: "Set Origin; an empty text takes it off.",
    example: "https://example.com",
    arg: headerValue(),
    run: (value, draft, env) => {
      const written = fillLine(value, env);
      draft.head.push(
        written === "" ? { kind: "remove", name: "Origin" } : { kind: "set", name: "Origin", value: written },
      );
    },
  }),
];

/** What makes a server say 304. */
export const VALIDATORS = [
  "If-None-Match",
  "If-Modified-Since",
  "If-Range",
  "If-Match",
  "If-Unmodified-Since",
] as const;

/** As sent in late 2025; Chrome, Safari and Firefox have frozen most of these texts. */
const USER_AGENTS: ReadonlyMap<string, string> = new Map([
  [
    "chrome",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  ],
  [
    "edge",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
  ],
  ["firefox", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"],
  [
    "safari",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  ],
  [
    "iphone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  ],
  [
    "android",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
  ],
  ["curl", "curl/8.16.0"],
  ["googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"],
]);

function queryActions(): Action[] {
  const edit = (draft: Draft, ops: readonly PairOp[]): void => draft.setTarget(editQuery(draft.target, ops));
  const valued =
    (kind: "set" | "add") => (pairs: readonly [string, Parameters<typeof fill>[0]][], draft: Draft, env: Env) =>
      edit(
        draft,
        pairs.map(([name, value]) => ({ kind, name, value: fill(value, env) })),
      );
  return [
    action({
      key: "request.query.set",
      phase: "request",
      doc: "Set query parameters; the others keep their bytes.",
      example: "{ debug: 'true' }",
      arg: textMap("a parameter"),
      run: valued("set"),
    }),
    action({
      key: "request.query.add",
      phase: "request",
      doc: "Add query parameters.",
      example: "{ tag: new }",
      arg: textMap("a parameter"),
      run: valued("add"),
    }),
    action({
      key: "request.query.remove",
      phase: "request",
      doc: "Remove query parameters.",
      example: "[utm_source, utm_medium]",
      arg: list(plain("a parameter")),
      run: (names, draft) =>
        edit(
          draft,
          names.map(name => ({ kind: "remove", name })),
        ),
    }),
    action({
      key: "request.query.replace",
      phase: "request",
      doc: "Replace in a parameter's value.",
      example: "{ page: { find: '1', with: '2' } }",
      arg: mapOf(plain("a parameter"), record({ find: find(), with: text() })),
      run: (pairs, draft, env) =>
        edit(
          draft,
          pairs.map(([name, value]) => ({ kind: "replace", name, find: value.find, with: fill(value.with, env) })),
        ),
    }),
  ];
}

/** Splits `scheme://host:port/target`, any part of which may be missing, over route, Host and target. */
function sendTo(url: string, draft: Draft): void {
  const match =
    /^(?:(https?|wss?):)?(?:\/\/(?:[^@/?#]*@)?(\[[0-9a-fA-F:.]+\]|[^:/?#[\]]+)(?::(\d{1,5}))?)?([/?][^#]*)?/i.exec(url);
  if (match === null) return;
  const [, scheme, host, port, target] = match;
  const secure = scheme === undefined ? undefined : /^(https|wss)$/i.test(scheme) ? "https" : "http";
  if (host !== undefined || secure !== undefined) {
    draft.route = {
      ...draft.route,
      ...(secure === undefined ? {} : { scheme: secure }),
      ...(host === undefined ? {} : { host: host.replace(/^\[(.*)\]$/, "$1") }),
      ...(port !== undefined
        ? { port: Number(port) }
        : secure !== undefined
          ? { port: secure === "https" ? 443 : 80 }
          : {}),
    };
  }
  if (host !== undefined)
    draft.head.push({ kind: "set", name: "Host", value: port === undefined ? host : `${host}:${port}` });
  if (target !== undefined) draft.setTarget(inTarget(target.startsWith("/") ? target : `/${target}`));
}

/** What a target cannot hold is percent-coded; what is coded already stays. */
function inTarget(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, found => encodeURIComponent(found)).replaceAll("#", "%23");
}
