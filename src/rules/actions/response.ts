// What is done to a response's head, and to pages on their way to the browser.
import { either, find, flag, headerValue, integer, list, mapOf, optional, plain, record, text, word } from "../args.ts";
import type { Draft } from "../draft.ts";
import { COOKIE_ATTRIBUTES, type CookieAttributes } from "../edit/cookies.ts";
import type { Find } from "../edit/find.ts";
import type { HeadOp } from "../edit/head.ts";
import type { Spot } from "../edit/html.ts";
import { type Env, fill, type Template } from "../template.ts";
import { type Action, action, fillLine } from "./action.ts";
import { headerActions } from "./heads.ts";

export const RESPONSE_ACTIONS: readonly Action[] = [
  action({
    key: "response.status",
    phase: "response",
    doc: "Give the answer another status, after the server has said its own.",
    example: "503",
    arg: integer(200, 599),
    run: (status, draft) => draft.edit([{ kind: "status", status, reason: REASONS.get(status) ?? "" }]),
  }),
  action({
    key: "response.reason",
    phase: "response",
    doc: "Give the answer another reason phrase.",
    example: "Out of Tea",
    arg: headerValue(),
    run: (value, draft, env) => draft.edit([{ kind: "reason", value: fillLine(value, env) }]),
  }),
  ...headerActions("response"),
  ...cookieActions(),
  action({
    key: "response.refresh",
    phase: "response",
    doc: "The Refresh header: `off` takes it off, a text sets it, a map replaces in it.",
    example: "off",
    arg: either(headerValue(), record({ find: find(), with: headerValue() })),
    run: (value, draft, env) => draft.edit([headerChange("Refresh", value, env)]),
  }),
  action({
    key: "response.authenticate",
    phase: "response",
    doc: "The WWW-Authenticate header: `off` takes it off, a text sets it.",
    example: 'Basic realm="staging"',
    arg: headerValue(),
    run: (value, draft, env) => draft.edit([headerChange("WWW-Authenticate", value, env)]),
  }),
  action({
    key: "response.cors",
    phase: "response",
    doc: "`allow`: let pages of any origin read the answer, with credentials, and answer preflights ourselves.",
    example: "allow",
    arg: either(
      word(["allow"] as const),
      record({
        origin: optional(headerValue()),
        credentials: optional(flag()),
        methods: optional(list(plain())),
        headers: optional(list(plain())),
        expose: optional(list(plain())),
        maxAge: optional(integer(0, 86_400)),
      }),
    ),
    run: (value, draft, env) =>
      draft.edit(
        corsHeaders(value === "allow" ? {} : value, env).map(([name, each]) => ({ kind: "set", name, value: each })),
      ),
    also: {
      phase: "request",
      run(value, draft, env, { rule }) {
        // A preflight by the Fetch standard: the server may know nothing of it, so it is answered here.
        if (env.value("method") !== "OPTIONS" || !env.value("header.access-control-request-method")) return;
        const headers = [
          ...corsHeaders(value === "allow" ? {} : value, env),
          ...preflightHeaders(value === "allow" ? {} : value, env),
        ];
        draft.answer = { rule, status: 204, reason: undefined, headers, delayMs: 0, content: { kind: "none" } };
      },
    },
  }),
  switchOff("response.csp", "Take Content-Security-Policy off, so that what is put into a page runs.", [
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
  ]),
  switchOff("response.hsts", "Take Strict-Transport-Security off.", ["Strict-Transport-Security"]),
  switchOff("response.frameOptions", "Take X-Frame-Options off, so that the page may be framed.", ["X-Frame-Options"]),
  action({
    key: "response.cache",
    phase: "response",
    doc: "`off`: the client keeps nothing. A duration in seconds: it keeps the answer so long.",
    example: "off",
    arg: either(headerValue(), record({ seconds: integer(0, 31_536_000) })),
    run(value, draft, env) {
      const control =
        "seconds" in value
          ? `max-age=${value.seconds}`
          : fillLine(value, env) === "off"
            ? "no-store"
            : fillLine(value, env);
      const gone =
        control === "no-store" ? ["ETag", "Last-Modified", "Expires", "Pragma", "Age"] : ["Expires", "Pragma", "Age"];
      draft.edit([
        ...gone.map((name): HeadOp => ({ kind: "remove", name })),
        { kind: "set", name: "Cache-Control", value: control },
      ]);
    },
  }),
  action({
    key: "response.type",
    phase: "response",
    doc: "Give the answer another Content-Type.",
    example: "text/plain; charset=utf-8",
    arg: headerValue(),
    run: (value, draft, env) => draft.edit([{ kind: "set", name: "Content-Type", value: fillLine(value, env) }]),
  }),
  action({
    key: "response.download",
    phase: "response",
    doc: "Make the browser save the answer under this name.",
    example: "report.json",
    arg: headerValue(),
    run: (value, draft, env) => {
      const name = fillLine(value, env).replace(/["\\]/g, "_");
      draft.edit([{ kind: "set", name: "Content-Disposition", value: `attachment; filename="${name}"` }]);
    },
  }),
  ...injections(),
];

/** Reason phrases of RFC 9110 §15, for statuses that a rule names. */
export const REASONS: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [204, "No Content"],
  [206, "Partial Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [409, "Conflict"],
  [410, "Gone"],
  [416, "Range Not Satisfiable"],
  [418, "I'm a teapot"],
  [422, "Unprocessable Content"],
  [429, "Too Many Requests"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
]);

function cookieActions(): Action[] {
  return [
    action({
      key: "response.cookies",
      phase: "response",
      doc: "Change the cookies that are set, by name or `*`: value, attributes (false takes one off), `strip: true` for none at all, or `remove`.",
      example: "{ session: { secure: false, sameSite: Lax }, tracker: remove }",
      arg: mapOf(plain("a cookie name or *"), either(word(["remove"] as const), cookieChange())),
      run: (pairs, draft, env) => draft.edit(pairs.map(([name, change]) => cookieOp(name, change, env))),
    }),
  ];
}

function cookieChange() {
  const attribute = () => optional(either(headerValue(), flag()));
  return record({
    value: optional(headerValue()),
    domain: attribute(),
    path: attribute(),
    expires: attribute(),
    maxAge: attribute(),
    sameSite: attribute(),
    secure: optional(flag()),
    httpOnly: optional(flag()),
    partitioned: optional(flag()),
    strip: optional(flag()),
  });
}

type CookieChange = Exclude<ReturnType<ReturnType<typeof cookieChange>["read"]>, undefined>;

function cookieOp(name: string, change: "remove" | CookieChange, env: Env): HeadOp {
  if (change === "remove") return { kind: "set-cookie-remove", name };
  const attributes: Record<string, string | boolean> = {};
  for (const written of COOKIE_ATTRIBUTES) {
    const key = (written[0]!.toLowerCase() + written.slice(1)).replace("-A", "A") as keyof CookieChange; // Max-Age: maxAge
    const value = change[key];
    if (value === undefined) continue;
    const said = typeof value === "boolean" ? value : fillLine(value, env);
    // YAML's `domain: false` is read as the text "false" where a text may stand too.
    attributes[written] = said === "false" ? false : said === "true" ? true : said;
  }
  const value = change.value === undefined ? undefined : fillLine(change.value, env);
  return {
    kind: "set-cookie",
    name,
    value,
    attributes: attributes satisfies CookieAttributes,
    strip: change.strip ?? false,
    create: name !== "*",
  };
}

function headerChange(
  name: string,
  value: Template | { readonly find: Find; readonly with: Template },
  env: Env,
): HeadOp {
  if ("find" in value) return { kind: "replace", name, find: value.find, with: fillLine(value.with, env) };
  const written = fillLine(value, env);
  return written === "off" ? { kind: "remove", name } : { kind: "set", name, value: written };
}

interface Cors {
  readonly origin?: Template | undefined;
  readonly credentials?: boolean | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly headers?: readonly string[] | undefined;
  readonly expose?: readonly string[] | undefined;
  readonly maxAge?: number | undefined;
}

function corsHeaders(cors: Cors, env: Env): [string, string][] {
  // With credentials `*` is not allowed, so the asking origin is named.
  const origin = cors.origin === undefined ? (env.value("header.origin") ?? "*") : fillLine(cors.origin, env);
  const headers: [string, string][] = [["Access-Control-Allow-Origin", origin]];
  if (origin !== "*" && cors.credentials !== false) headers.push(["Access-Control-Allow-Credentials", "true"]);
  headers.push(["Access-Control-Expose-Headers", cors.expose?.join(", ") ?? "*"]);
  if (origin !== "*") headers.push(["Vary", "Origin"]);
  return headers;
}

function preflightHeaders(cors: Cors, env: Env): [string, string][] {
  const methods = cors.methods?.join(", ") ?? env.value("header.access-control-request-method") ?? "*";
  const headers = cors.headers?.join(", ") ?? env.value("header.access-control-request-headers");
  return [
    ["Access-Control-Allow-Methods", methods],
    ...(headers === undefined ? [] : [["Access-Control-Allow-Headers", headers] as [string, string]]),
    ["Access-Control-Max-Age", String(cors.maxAge ?? 600)],
  ];
}

function switchOff(key: string, doc: string, names: readonly string[]): Action {
  return action({
    key,
    phase: "response",
    doc,
    example: "off",
    arg: word(["off"] as const),
    run: (_, draft) => draft.edit(names.map(name => ({ kind: "remove", name }))),
  });
}

function injections(): Action[] {
  const spots = ["head-start", "head-end", "body-start", "body-end"] as const;
  const inject = (what: "html" | "script" | "style", spot: Spot, example: string): Action =>
    action({
      key: `response.inject.${what}`,
      phase: "response",
      doc: `Put ${what === "html" ? "HTML" : `a ${what}`} into pages (${spot} unless \`at\` says otherwise); a nonce of the page is used.`,
      example,
      arg: either(text(), record({ text: text(), at: optional(word(spots)) })),
      run(value, draft: Draft, env) {
        const said = "parts" in value ? { text: value, at: undefined } : value;
        draft.rewrite([{ kind: "insert", what, text: fill(said.text, env), spot: said.at ?? spot }]);
      },
    });
  return [
    inject("script", "head-start", "console.log('waylay was here')"),
    inject("style", "head-end", "'img { outline: 1px solid red }'"),
    inject("html", "body-end", "{ text: '<p>seen</p>', at: body-start }"),
  ];
}
