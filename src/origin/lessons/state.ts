// Lessons on what a client is asked to remember: cookies, and copies in its cache.
import { createHash } from "node:crypto";
import { answer, answerJson } from "../answer.ts";
import { type Lesson, LessonError, type Visit } from "../lesson.ts";

const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 6265 §4.1.1: a token

export const stateLessons: readonly Lesson[] = [
  {
    name: "cookies",
    topic: "State",
    doc: "Shows the cookies sent; /cookies/set?a=1&b=2 sets some, /cookies/delete?a takes one back.",
    example: "/cookies/set?flavour=oat&size=2",
    curl: "-L -b ''",
    run: cookies,
  },
  {
    name: "cache",
    topic: "State",
    doc: "ETag, Last-Modified and max-age; asked again with If-None-Match or If-Modified-Since it is a 304.",
    example: "/cache",
    curl: `-H 'If-None-Match: "${etagOf("waylay")}"'`,
    methods: ["GET", "HEAD"],
    run: cache,
  },
];

function cookies(visit: Visit): void {
  const [deed] = visit.rest;
  if (deed === undefined) {
    answerJson(visit, { cookies: sentCookies(visit) });
    return;
  }
  if (deed !== "set" && deed !== "delete")
    throw new LessonError(404, "try /cookies, /cookies/set?a=1 or /cookies/delete?a");
  const lines: string[] = [];
  for (const [name, value] of visit.url.searchParams) {
    if (!COOKIE_NAME.test(name)) throw new LessonError(400, `${JSON.stringify(name)} is no cookie name`);
    lines.push(
      deed === "set" ? `${name}=${encodeURIComponent(value)}; Path=/; SameSite=Lax` : `${name}=; Path=/; Max-Age=0`,
    );
  }
  // One Set-Cookie line a cookie: the one field that must not be joined with commas (RFC 9110 §5.3).
  answer(visit, 302, "text/plain; charset=utf-8", "On to /cookies\n", { location: "/cookies", "set-cookie": lines });
}

function sentCookies(visit: Visit): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of (visit.request.headers.cookie ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0) pairs.push([part.slice(0, at).trim(), part.slice(at + 1).trim()]);
  }
  return pairs;
}

function cache(visit: Visit): void {
  const { request, response, facts, rest } = visit;
  const etag = `"${etagOf(rest[0] ?? "waylay")}"`;
  const modifiedMs = Math.floor(facts.startedAtMs / 1000) * 1000;
  const fields = {
    etag,
    "last-modified": new Date(modifiedMs).toUTCString(),
    "cache-control": "max-age=60",
    vary: "Accept",
  };
  // RFC 9110 §13.2.2: If-Modified-Since counts only where there is no If-None-Match.
  const match = request.headers["if-none-match"];
  const since = Date.parse(request.headers["if-modified-since"] ?? "");
  const fresh = match === undefined ? since >= modifiedMs : matches(match, etag);
  if (fresh) {
    response.writeHead(304, fields);
    response.end();
    return;
  }
  answerJson(
    visit,
    { etag, lastModified: fields["last-modified"], note: "Ask again with If-None-Match." },
    200,
    fields,
  );
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2). */
function matches(list: string, etag: string): boolean {
  return list.split(",").some(item => item.trim() === "*" || item.trim().replace(/^W\//, "") === etag);
}

function etagOf(version: string): string {
  return createHash("sha256").update(version).digest("hex").slice(0, 16);
}
