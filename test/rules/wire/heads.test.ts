// Each action on heads and content, alone, through a real exchange: the rule changes what it names and not one byte more.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { actionAt, fieldsOf, headText, message, ruledEngine, type Way, waysThrough } from "./scene.ts";

interface Said {
  readonly start?: string;
  readonly path?: string;
  readonly host?: string;
  readonly lines?: readonly string[];
  /** Behind all other lines. */
  readonly end?: readonly string[];
  readonly content?: string;
}

interface Case {
  readonly value: unknown;
  /** Further actions of the same rule. */
  readonly also?: object;
  /** The request as sent, and as it arrives (what is left out is the same). */
  readonly request?: Said;
  readonly arrives?: Said;
  readonly answer?: Said;
  readonly comes?: Said;
  /** A line that must be on the flow. */
  readonly notes?: readonly string[];
}

const json = (content: string): Said => body("application/json", content);
const form = (content: string): Said => body("application/x-www-form-urlencoded", content);
const text = (content: string): Said => body("text/plain", content);
const body = (type: string, content: string): Said => ({
  lines: [`content-TYPE: ${type}`, `Content-length: ${content.length}`],
  content,
});
const page = (content: string): Said => body("text/html", content);
const PART = (content: string): string =>
  `--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n${content}\r\n--b--\r\n`;
const multipart = (content: string): Said => body("multipart/form-data; boundary=b", content);

const CASES: Readonly<Record<string, Case>> = {
  "request.method": { value: "PUT", arrives: { start: "PUT" } },
  "request.path": {
    value: { find: "/^\\/[a-z.]+/", with: "/v2" },
    request: { path: "/request.path?q=%41" },
    arrives: { path: "/v2?q=%41" },
  },
  "request.query.set": {
    value: { debug: "a b" },
    request: { path: "/request.query.set?x=%7e&debug=0" },
    arrives: { path: "/request.query.set?x=%7e&debug=a+b" },
  },
  "request.query.add": { value: { tag: "new" }, arrives: { path: "/request.query.add?tag=new" } },
  "request.query.remove": {
    value: ["utm_source"],
    request: { path: "/request.query.remove?a=%41&utm_source=x&b" },
    arrives: { path: "/request.query.remove?a=%41&b" },
  },
  "request.query.replace": {
    value: { page: { find: "1", with: "2" } },
    request: { path: "/request.query.replace?page=1&page%20=1" },
    arrives: { path: "/request.query.replace?page=2&page%20=1" },
  },
  "request.headers.set": {
    value: { "Accept-Language": "en", "X-New": "1" },
    request: { lines: ["accept-LANGUAGE:de"] },
    arrives: { lines: ["accept-LANGUAGE: en"], end: ["X-New: 1"] },
  },
  "request.headers.add": { value: { "X-Twice": "3" }, arrives: { end: ["X-Twice: 3"] } },
  "request.headers.append": {
    value: { Vary: "b" },
    request: { lines: ["vary: a"] },
    arrives: { lines: ["vary: a, b"] },
  },
  "request.headers.remove": { value: ["X-Debug-*"], request: { lines: ["x-debug-A: 1", "X-DEBUG-B: 2"] }, arrives: {} },
  "request.headers.rename": {
    value: { "x-token": "X-Token" },
    request: { lines: ["x-token:  t"] },
    arrives: { lines: ["X-Token: t"] },
  },
  "request.headers.replace": {
    value: { Referer: { find: "/^http:/", with: "https:" } },
    request: { lines: ["referer: http://a/"] },
    arrives: { lines: ["referer: https://a/"] },
  },
  "request.cookies.set": {
    value: { session: "abc" },
    request: { lines: ["Cookie: a=1; session=x;b=2", "cookie: c=3"] },
    arrives: { lines: ["Cookie: a=1; session=abc;b=2", "cookie: c=3"] },
  },
  "request.cookies.remove": {
    value: ["_ga"],
    request: { lines: ["Cookie: a=1; _ga=2; b=3"] },
    arrives: { lines: ["Cookie: a=1; b=3"] },
  },
  "request.cookies.replace": {
    value: { lang: { find: "en", with: "de" } },
    request: { lines: ["Cookie: lang=en-GB"] },
    arrives: { lines: ["Cookie: lang=de-GB"] },
  },
  "request.userAgent": {
    value: "curl",
    request: { lines: ["user-agent: x"] },
    arrives: { lines: ["user-agent: curl/8.16.0"] },
  },
  "request.auth.basic": {
    value: { user: "me", password: "p:w" },
    arrives: { end: [`Authorization: Basic ${Buffer.from("me:p:w").toString("base64")}`] },
  },
  "request.auth.bearer": { value: "t0ken", arrives: { end: ["Authorization: Bearer t0ken"] } },
  "request.auth.remove": { value: true, request: { lines: ["authorization: x"] }, arrives: {} },
  "request.acceptEncoding": {
    value: "plain",
    request: { lines: ["Accept-encoding: gzip"] },
    arrives: { lines: ["Accept-encoding: identity"] },
  },
  "request.connection": { value: "close", arrives: { end: ["Connection: close"] } },
  "request.cache": {
    value: "off",
    request: { lines: ['If-None-Match: "x"', "If-Modified-Since: y"] },
    arrives: { end: ["Cache-Control: no-cache", "Pragma: no-cache"] },
  },
  "request.forwardedFor": { value: "client", arrives: { end: ["X-Forwarded-For: 127.0.0.1"] } },
  "request.referer": { value: "", request: { lines: ["Referer: x"] }, arrives: {} },
  "request.origin": { value: "https://a.com", arrives: { end: ["Origin: https://a.com"] } },

  "request.body.text": {
    value: "hello",
    request: { start: "POST", ...text("old old") },
    arrives: { lines: ["content-TYPE: text/plain", "Content-length: 5"], content: "hello" },
  },
  "request.body.json": {
    value: { ok: true },
    request: { start: "POST", ...text("x") },
    arrives: { lines: ["content-TYPE: application/json", "Content-length: 11"], content: '{"ok":true}' },
  },
  "request.body.form": {
    value: { a: "x y" },
    request: { start: "POST", ...form("old=1") },
    arrives: form("a=x+y"),
  },
  "request.body.file": {
    value: "./body.txt",
    request: { start: "POST", ...text("x") },
    arrives: text("from a file"),
  },
  "request.body.replace": {
    value: { find: "/a(.)/", with: "$1$1" },
    request: { start: "POST", ...text("abcad") },
    arrives: text("bbcdd"),
  },
  "request.body.prepend": { value: "<", request: { start: "POST", ...text("x") }, arrives: text("<x") },
  "request.body.append": { value: ">", request: { start: "POST", ...text("x") }, arrives: text("x>") },
  "request.json.set": {
    value: { "a.b": 1 },
    request: { start: "POST", ...json('{"a":{"b":0,"c":2}}') },
    arrives: json('{"a":{"b":1,"c":2}}'),
  },
  "request.json.remove": {
    value: ["a"],
    request: { start: "POST", ...json('{"a":1,"b":2}') },
    arrives: json('{"b":2}'),
  },
  "request.json.replace": {
    value: { "l[*]": { find: "x", with: "y" } },
    request: { start: "POST", ...json('{"l":["x","xz"]}') },
    arrives: json('{"l":["y","yz"]}'),
  },
  "request.json.merge": {
    value: { a: null, b: 1 },
    request: { start: "POST", ...json('{"a":1}') },
    arrives: json('{"b":1}'),
  },
  "request.json.patch": {
    value: [{ op: "replace", path: "/a", value: 2 }],
    request: { start: "POST", ...json('{"a":1}') },
    arrives: json('{"a":2}'),
  },
  "request.form.set": {
    value: { amount: "0" },
    request: { start: "POST", ...form("a=%41&amount=9") },
    arrives: form("a=%41&amount=0"),
  },
  "request.form.add": { value: { t: "n" }, request: { start: "POST", ...form("a=1") }, arrives: form("a=1&t=n") },
  "request.form.remove": { value: ["a"], request: { start: "POST", ...form("a=1&b=2") }, arrives: form("b=2") },
  "request.multipart.set": {
    value: { title: "new" },
    request: { start: "POST", ...multipart(PART("old")) },
    arrives: multipart(PART("new")),
  },
  "request.multipart.remove": {
    value: ["title"],
    request: { start: "POST", ...multipart(PART("old")) },
    arrives: multipart("--b--\r\n"),
  },
  "request.multipart.file": {
    value: { f: { filename: "a.txt", type: "text/plain", text: "hi" } },
    request: { start: "POST", ...multipart("--b--\r\n") },
    arrives: multipart(
      '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n',
    ),
  },

  "response.status": { value: 503, comes: { start: "HTTP/1.1 503 Service Unavailable" } },
  "response.reason": { value: "Out of Tea", comes: { start: "HTTP/1.1 200 Out of Tea" } },
  "response.headers.set": {
    value: { "cache-control": "no-store" },
    answer: { lines: ["Cache-CONTROL:x", "Content-Length: 0"] },
    comes: { lines: ["Cache-CONTROL: no-store", "Content-Length: 0"] },
  },
  "response.headers.add": { value: { "x-twice": "3" }, comes: { end: ["x-twice: 3"] } },
  "response.headers.append": {
    value: { Vary: "Origin" },
    answer: { lines: ["vary:a", "Content-Length: 0"] },
    comes: { lines: ["vary: a, Origin", "Content-Length: 0"] },
  },
  "response.headers.remove": {
    value: ["X-Powered-By"],
    answer: { lines: ["x-powered-by: y", "Content-Length: 0"] },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.headers.rename": {
    value: { server: "X-Server" },
    answer: { lines: ["Server: s", "Content-Length: 0"] },
    comes: { lines: ["X-Server: s", "Content-Length: 0"] },
  },
  "response.headers.replace": {
    value: { Location: { find: "http:", with: "https:" } },
    answer: { lines: ["location: http://a", "Content-Length: 0"] },
    comes: { lines: ["location: https://a", "Content-Length: 0"] },
  },
  "response.cookies": {
    value: { session: { secure: false, sameSite: "Lax" }, tracker: "remove" },
    answer: {
      lines: ["Set-Cookie: session=1; Secure; Path=/", "set-cookie: tracker=1", "Set-Cookie: b=2", "Content-Length: 0"],
    },
    comes: { lines: ["Set-Cookie: session=1; Path=/; SameSite=Lax", "Set-Cookie: b=2", "Content-Length: 0"] },
  },
  "response.refresh": {
    value: "off",
    answer: { lines: ["Refresh: 1; url=/", "Content-Length: 0"] },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.authenticate": {
    value: "off",
    answer: {
      start: "HTTP/1.1 401 No",
      lines: ["WWW-Authenticate: Basic", "www-authenticate: Digest", "Content-Length: 0"],
    },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.cors": {
    value: "allow",
    request: { lines: ["Origin: https://b.com"] },
    comes: {
      end: [
        "Access-Control-Allow-Origin: https://b.com",
        "Access-Control-Allow-Credentials: true",
        "Access-Control-Expose-Headers: *",
        "Vary: Origin",
      ],
    },
  },
  "response.csp": {
    value: "off",
    answer: { lines: ["content-security-policy: x", "Content-Security-Policy-Report-Only: y", "Content-Length: 0"] },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.hsts": {
    value: "off",
    answer: { lines: ["Strict-Transport-Security: x", "Content-Length: 0"] },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.frameOptions": {
    value: "off",
    answer: { lines: ["X-Frame-Options: DENY", "Content-Length: 0"] },
    comes: { lines: ["Content-Length: 0"] },
  },
  "response.cache": {
    value: "off",
    answer: { lines: ['ETag: "x"', "Expires: 0", "Cache-Control: max-age=9", "Content-Length: 0"] },
    comes: { lines: ["Cache-Control: no-store", "Content-Length: 0"] },
  },
  "response.type": {
    value: "text/plain",
    answer: { lines: ["content-type: a/b", "Content-Length: 0"] },
    comes: { lines: ["content-type: text/plain", "Content-Length: 0"] },
  },
  "response.download": {
    value: "report.json",
    comes: { end: ['Content-Disposition: attachment; filename="report.json"'] },
  },
  "response.inject.script": {
    value: "go()",
    answer: page("<html><head><title>t</title></head></html>"),
    comes: page("<html><head><script>go()</script><title>t</title></head></html>"),
  },
  "response.inject.style": {
    value: "p{}",
    answer: page("<head></head>"),
    comes: page("<head><style>p{}</style></head>"),
  },
  "response.inject.html": {
    value: { text: "<p>", at: "body-start" },
    answer: page("<body>x</body>"),
    comes: page("<body><p>x</body>"),
  },
  "response.body.text": { value: "new", answer: text("a longer one"), comes: text("new") },
  "response.body.json": {
    value: [1],
    answer: text("x"),
    comes: { lines: ["content-TYPE: application/json", "Content-length: 3"], content: "[1]" },
  },
  "response.body.form": { value: { a: "1" }, answer: form("x"), comes: form("a=1") },
  "response.body.file": { value: "./body.txt", answer: text("x"), comes: text("from a file") },
  "response.body.replace": { value: { find: "a", with: "bb" }, answer: text("a-a"), comes: text("bb-bb") },
  "response.body.prepend": { value: "<", answer: text("x"), comes: text("<x") },
  "response.body.append": { value: ">", answer: text("x"), comes: text("x>") },
  "response.json.set": { value: { a: 1 }, answer: json("{}"), comes: json('{"a":1}') },
  "response.json.remove": { value: "a", answer: json('{"a":1}'), comes: json("{}") },
  "response.json.replace": {
    value: { a: { find: "x", with: "y" } },
    answer: json('{"a":"x"}'),
    comes: json('{"a":"y"}'),
  },
  "response.json.merge": { value: { b: 2 }, answer: json('{"a":1}'), comes: json('{"a":1,"b":2}') },
  "response.json.patch": {
    value: [{ op: "remove", path: "/a" }],
    answer: json('{"a":1}'),
    comes: json("{}"),
  },
};

const engine = await ruledEngine(
  { after },
  Object.entries(CASES).map(([key, { value, also }]) => ({
    name: key,
    when: `path:/${key}`,
    ...actionAt(key, value),
    ...also,
  })),
  { "body.txt": "from a file" },
);

for (const way of waysThrough(engine)) {
  describe(`one action, ${way.name}`, () => {
    for (const [key, each] of Object.entries(CASES)) it(key, t => carry(t, way, key, each));
  });
}

async function carry(t: Parameters<Way["origin"]>[0], way: Way, key: string, each: Case): Promise<void> {
  const origin = await way.origin(t);
  const client = await way.client(t, origin);
  const host = way.host(origin);
  const request: Said = { start: "GET", path: `/${key}`, content: "", ...each.request };
  const { method: _, ...arriving } = { method: "", ...request, ...each.arrives };
  if (each.arrives !== undefined && each.arrives.lines === undefined) arriving.lines = [];
  const asked = (prefix: string, said: Said): string =>
    headText(`${said.start} ${prefix}${said.path} HTTP/1.1\r\nHost: ${said.host ?? host}`, said.lines ?? [], said.end) +
    said.content;
  const sent = asked(way.prefix(origin), request);
  client.send(sent);
  const there = await origin.connection();
  assert.equal(await message(there), asked("", arriving), "the request as it arrives");

  const answer: Said = { start: "HTTP/1.1 200 OK", lines: ["Content-Length: 0"], content: "", ...each.answer };
  const answered = (said: Said): string => headText(said.start ?? "", said.lines ?? [], said.end) + said.content;
  there.send(answered(answer));
  assert.equal(await message(client), answered({ ...answer, ...each.comes }), "the answer as it comes");

  const { id, rules } = await engine.flow(flow => flow.rules.includes(key) && flow.scheme === way.scheme);
  assert.deepEqual(rules, [key]);
  const { flow, ...contents } = await engine.recorded(id);
  const side = each.arrives === undefined ? "response" : "request";
  const [before, now] =
    side === "request" ? [sent, asked("", arriving)] : [answered(answer), answered({ ...answer, ...each.comes })];
  const split = (all: string): string[] => all.split(/\r\n\r\n(.*)/s).slice(0, 2);
  assert.equal(
    fieldsOf(flow[side]?.head),
    `${split(now.slice(now.indexOf("\r\n") + 2))[0]}\r\n\r\n`,
    "recorded as sent",
  );
  assert.equal(fieldsOf(flow[side]?.original?.head), `${split(before.slice(before.indexOf("\r\n") + 2))[0]}\r\n\r\n`);
  assert.equal(contents[side].toString("latin1"), split(now)[1]);
}
