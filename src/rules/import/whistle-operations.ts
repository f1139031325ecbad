// whistle's operations, each with the part of our rule that says the same.
import type { RuleTree } from "./imported.ts";
import type { Where } from "./whistle.ts";

export interface WhistleValue {
  readonly text: string;
  /** It stands in the rules themselves: `(…)` or a block. */
  readonly inline: boolean;
  /** A `{key}` of which there is no block. */
  readonly missing: boolean;
}

/** Gives the part of a rule, or why there is none. */
type Operation = (value: WhistleValue, where: Where) => RuleTree | string;

export const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  // Answers.
  file: answerFile(false),
  xfile: answerFile(false),
  tpl: answerFile(true),
  xtpl: answerFile(true),
  statusCode: status(code => ({ answer: { status: code } })),
  redirect: ({ text }) => ({ answer: { status: 302, redirect: text } }),
  locationHref: ({ text }) => ({ answer: { html: `<script>location.href = ${JSON.stringify(text)}</script>` } }),

  // Where to.
  http: sendTo,
  https: sendTo,
  ws: sendTo,
  wss: sendTo,
  host: dial,
  xhost: dial,
  proxy: upstream("http"),
  xproxy: upstream("http"),
  "http-proxy": upstream("http"),
  "https-proxy": upstream("https"),
  socks: upstream("socks5"),
  xsocks: upstream("socks5"),

  // The request.
  method: ({ text }) => ({ request: { method: text.toUpperCase() } }),
  urlParams: pairs(map => ({ request: { query: { set: map } } })),
  params: pairs(map => ({ request: { query: { set: map } } })),
  pathReplace: replacement((find, text) => ({ request: { path: { find, with: text } } })),
  reqHeaders: pairs(map => headers("request", map)),
  ua: ({ text }) => ({ request: { userAgent: text } }),
  referer: ({ text }) => ({ request: { referer: text } }),
  auth: ({ text }) => {
    const [user, password] = text.split(/:(.*)/s);
    return { request: { auth: { basic: { user: user ?? "", password: password ?? "" } } } };
  },
  forwardedFor: ({ text }) => ({ request: { forwardedFor: text } }),
  reqCookies: pairs(map => ({ request: { cookies: { set: map } } })),
  reqType: ({ text }) => headers("request", { "Content-Type": TYPES[text] ?? text }),
  reqBody: body(text => ({ request: { body: { text } } })),
  reqPrepend: body(prepend => ({ request: { body: { prepend } } })),
  reqAppend: body(append => ({ request: { body: { append } } })),
  reqReplace: replacement((find, text) => ({ request: { body: { replace: { find, with: text } } } })),
  reqMerge: merge(value => ({ request: { json: { merge: value } } })),
  reqDelay: ({ text }) => ({ request: { delay: `${text}ms` } }),
  reqSpeed: ({ text }) => ({ throttle: { up: `${text}kB/s` } }),

  // The response.
  replaceStatus: status(code => ({ response: { status: code } })),
  resHeaders: pairs(map => headers("response", map)),
  resCookies: pairs(map => ({
    response: { cookies: Object.fromEntries(Object.entries(map).map(([name, value]) => [name, { value }])) },
  })),
  resCors: () => ({ response: { cors: "allow" } }),
  reqCors: () => "set Origin with request.origin",
  resType: ({ text }) => ({ response: { type: TYPES[text] ?? text } }),
  cache: ({ text }) =>
    /^\d+$/.test(text)
      ? { response: { cache: `${text}s` } }
      : { request: { cache: "off" }, response: { cache: "off" } },
  attachment: ({ text }) => ({ response: { download: text } }),
  resBody: body(text => ({ response: { body: { text } } })),
  resPrepend: body(prepend => ({ response: { body: { prepend } } })),
  resAppend: body(append => ({ response: { body: { append } } })),
  resReplace: replacement((find, text) => ({ response: { body: { replace: { find, with: text } } } })),
  resMerge: merge(value => ({ response: { json: { merge: value } } })),
  htmlPrepend: body(text => ({ response: { inject: { html: { text, at: "body-start" } } } })),
  htmlAppend: body(text => ({ response: { inject: { html: text } } })),
  jsAppend: body(text => ({ response: { inject: { script: text } } })),
  cssAppend: body(text => ({ response: { inject: { style: text } } })),
  resDelay: ({ text }) => ({ response: { delay: `${text}ms` } }),
  resSpeed: ({ text }) => ({ throttle: { down: `${text}kB/s` } }),

  // Both, and the rest.
  headerReplace,
  delete: remove,
  enable: ({ text }) => SWITCHES[`+${text}`] ?? `enable://${text} has no equal here`,
  disable: (value, where) => {
    const tree = SWITCHES[`-${value.text}`];
    if (tree === undefined) return `disable://${value.text} has no equal here`;
    return "connection" in tree ? onConnection(() => tree)(value, where) : tree;
  },
  style: ({ text }) => {
    const color = /color=@?(red|orange|yellow|green|blue|purple|grey)\b/i.exec(text)?.[1];
    return color === undefined ? "the colour has no equal here" : { color: color.toLowerCase() };
  },
};

const SWITCHES: Readonly<Record<string, RuleTree | undefined>> = {
  "+abort": { fault: "reset" },
  "+abortReq": { fault: "reset" },
  "+hide": { record: "off" },
  "-capture": { connection: { tls: "pass" } },
  "-intercept": { connection: { tls: "pass" } },
  "-https": { connection: { tls: "pass" } },
  "-cache": { request: { cache: "off" }, response: { cache: "off" } },
  "-gzip": { request: { acceptEncoding: "plain" } },
  "-csp": { response: { csp: "off" } },
  "-keepAlive": { request: { connection: "close" } },
  "-cookies": { request: { headers: { remove: ["Cookie"] } }, response: { headers: { remove: ["Set-Cookie"] } } },
  "-ua": { request: { headers: { remove: ["User-Agent"] } } },
  "-referer": { request: { headers: { remove: ["Referer"] } } },
};

const TYPES: Readonly<Record<string, string | undefined>> = {
  json: "application/json",
  html: "text/html; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  text: "text/plain; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  xml: "application/xml",
  form: "application/x-www-form-urlencoded",
};

function answerFile(template: boolean): Operation {
  return ({ text, inline, missing }, where) => {
    if (missing) return "its value is not in this file";
    if (inline) return { answer: { text } };
    // whistle looks on the disk whether it is a folder; here a name without an extension is taken for one.
    const isFolder = /(^|\/)[^./]*$/.test(text);
    const file = isFolder && !text.endsWith("/") ? `${text}/` : text;
    return {
      ...(isFolder ? { when: where.belowFilter } : {}),
      answer: template ? { file, template: true } : { file },
    };
  };
}

function sendTo({ text, missing }: WhistleValue, where: Where): RuleTree | string {
  if (missing) return "its value is not in this file";
  const url = /^[a-z]+:\/\//i.test(text) ? text.replace(/^ws/i, "http") : `\${scheme}://${text}`;
  // What follows a prefix begins with its slash, unless the prefix had it.
  if (where.prefix.endsWith("/")) return { request: { to: `${url.replace(/\/?$/, "/")}\${1}\${query}` } };
  if (where.prefix !== "") return { request: { to: `${url.replace(/\/$/, "")}\${1}\${query}` } };
  const hasPath = /^[^/]+\/\/[^/]+\//.test(url);
  return { request: { to: hasPath ? `${url}\${query}` : `${url}\${path}\${query}` } };
}

/** A connection is made before the path is known: then only this request goes elsewhere. */
function dial({ text }: WhistleValue, { hostFilter }: Where): RuleTree {
  return hostFilter === null ? { request: { host: text, keepHost: true } } : { connection: { to: text } };
}

function upstream(scheme: string): Operation {
  return onConnection(({ text }) => ({ connection: { upstream: `${scheme}://${text}` } }));
}

function onConnection(make: (value: WhistleValue) => RuleTree): Operation {
  return (value, { hostFilter }) =>
    hostFilter === null
      ? "a connection is made before its path is known: use a pattern with a host alone"
      : make(value);
}

function status(make: (code: number) => RuleTree): Operation {
  return ({ text }) => (/^[1-5]\d\d$/.test(text) ? make(Number(text)) : `${text} is no status`);
}

function body(make: (text: string) => RuleTree): Operation {
  return ({ text, inline, missing }) => {
    if (missing) return "its value is not in this file";
    return inline ? make(text) : "its value is in another file: put the text here";
  };
}

function headers(side: "request" | "response", map: Readonly<Record<string, string>>): RuleTree {
  const entries = Object.entries(map);
  const set = entries.filter(([, value]) => value !== "");
  const gone = entries.filter(([, value]) => value === "").map(([name]) => name);
  return {
    [side]: {
      headers: {
        ...(set.length > 0 ? { set: Object.fromEntries(set) } : {}),
        ...(gone.length > 0 ? { remove: gone } : {}),
      },
    },
  };
}

/** `a=b&c=d`, JSON, or lines of `name: value`. */
function pairs(make: (map: Readonly<Record<string, string>>) => RuleTree): Operation {
  return ({ text, missing }) => {
    if (missing) return "its value is not in this file";
    const map = parsePairs(text);
    return map === null ? "its value is in another file, or no map" : make(map);
  };
}

function parsePairs(text: string): Readonly<Record<string, string>> | null {
  const trimmed = text.trim();
  const json = parseObject(trimmed);
  if (json !== null)
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, String(value ?? "")]));
  const lines = trimmed.split("\n").filter(line => line.trim() !== "");
  if (/^[\w-]+\s*:\s/.test(trimmed) || (lines.length > 1 && /^[\w-]+\s*:/.test(trimmed)))
    return Object.fromEntries(lines.map(line => splitAt(line, ":")));
  if (!trimmed.includes("=")) return null;
  return Object.fromEntries(trimmed.split("&").map(pair => splitAt(pair, "=").map(decoded)));
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + separator.length).trim()];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function merge(make: (value: Record<string, unknown>) => RuleTree): Operation {
  return ({ text, missing }) => {
    const value = missing ? null : (parseObject(text) ?? parsePairs(text));
    return value === null ? "its value is no map" : make({ ...value });
  };
}

/** `a=b`: the first pair, since a rule replaces once. */
function replacement(make: (find: string, text: string) => RuleTree): Operation {
  return ({ text, missing }) => {
    const map = missing ? null : parsePairs(text);
    const entries = Object.entries(map ?? {});
    if (entries.length !== 1) return "wants one replacement; write a rule for each";
    const [find, value] = entries[0]!;
    return make(find, value);
  };
}

/** `req.NAME:PATTERN=TEXT`. */
function headerReplace({ text }: WhistleValue): RuleTree | string {
  const match = /^(req|res)\.([\w-]+):(.+?)=(.*)$/.exec(text);
  if (match === null) return "the form is req.NAME:TEXT=TEXT or res.…";
  const [, side, name, find, value] = match;
  return { [side === "req" ? "request" : "response"]: { headers: { replace: { [name!]: { find, with: value } } } } };
}

/** `delete://reqHeaders.x|resCookies.y|urlParams.z`. */
function remove({ text }: WhistleValue): RuleTree | string {
  const match = /^(reqHeaders?|resHeaders?|urlParams|reqCookies?|resCookies?)\.([^|&]+)$/.exec(text);
  if (match === null)
    return "of what can be deleted, headers, cookies and URL parameters are carried over, one at a time";
  const [, what, name] = match as unknown as [string, string, string];
  if (what === "urlParams") return { request: { query: { remove: [name] } } };
  if (what.startsWith("reqHeader")) return { request: { headers: { remove: [name] } } };
  if (what.startsWith("resHeader")) return { response: { headers: { remove: [name] } } };
  if (what.startsWith("reqCookie")) return { request: { cookies: { remove: [name] } } };
  return { response: { cookies: { [name]: "remove" } } };
}
