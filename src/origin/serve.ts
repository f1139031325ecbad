// From a request to its lesson, and what is said when there is none.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { answer, answerText } from "./answer.ts";
import { SCRIPT_JS, STYLE_CSS } from "./assets.ts";
import { LOGO_SVG } from "./images.ts";
import { type Lesson, LessonError, type OriginFacts, type Visit } from "./lesson.ts";
import { LESSONS } from "./lessons.ts";
import { indexPage } from "./page.ts";

/** Answers one request; never rejects. */
export async function serve(
  table: ReadonlyMap<string, Lesson>,
  facts: OriginFacts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const visit: Visit = { request, response, url: new URL("http://origin/"), rest: [], facts };
  try {
    visit.url = targetUrl(request);
    const [name = "", ...rest] = visit.url.pathname.split("/").slice(1).map(decodeSegment);
    visit.rest = rest.filter(segment => segment !== "");
    if (serveFurniture(visit, name)) return;
    const lesson = table.get(name);
    if (lesson === undefined) throw new LessonError(404, `no lesson is called /${name}; / lists them all`);
    if (lesson.methods !== undefined && !lesson.methods.includes(request.method ?? "")) {
      return answerText(visit, `/${name} answers ${lesson.methods.join(", ")}\n`, 405, {
        allow: lesson.methods.join(", "),
      });
    }
    await lesson.run(visit);
  } catch (error) {
    fail(visit, error);
  }
}

/** What is no lesson: the index and what it is made of. */
function serveFurniture(visit: Visit, name: string): boolean {
  if (name === "") answer(visit, 200, "text/html; charset=utf-8", indexPage(LESSONS, visit.url.origin));
  else if (name === "style.css") answer(visit, 200, "text/css; charset=utf-8", STYLE_CSS);
  else if (name === "script.js") answer(visit, 200, "text/javascript; charset=utf-8", SCRIPT_JS);
  else if (name === "favicon.ico") answer(visit, 200, "image/svg+xml", LOGO_SVG);
  else return false;
  return true;
}

function fail({ request, response }: Visit, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    request.socket.destroy();
    return;
  }
  const known = error instanceof LessonError;
  // Unread content would be taken for the next request, and reading on could take forever.
  const fields = request.complete ? {} : { connection: "close" };
  response.writeHead(known ? error.status : 500, { "content-type": "text/plain; charset=utf-8", ...fields });
  response.end(`${known ? error.message : `a bug in this lesson: ${String(error)}`}\n`);
}

function targetUrl(request: IncomingMessage): URL {
  const scheme = request.socket instanceof TLSSocket ? "https" : "http";
  const { localAddress = "localhost", localPort } = request.socket;
  const authority =
    request.headers.host ?? `${isIP(localAddress) === 6 ? `[${localAddress}]` : localAddress}:${localPort}`;
  const target = request.url ?? "/";
  try {
    if (target === "*") return new URL(`${scheme}://${authority}/anything`); // OPTIONS *, RFC 9112 §3.2.4
    return new URL(target.startsWith("/") ? `${scheme}://${authority}${target}` : target);
  } catch {
    throw new LessonError(400, "the target and Host make no URL");
  }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a stray percent sign stands for itself
  }
}
