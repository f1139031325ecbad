// Lessons on status codes and on being sent elsewhere.
import { STATUS_CODES } from "node:http";
import { answer, answerText } from "../answer.ts";
import { type Lesson, LessonError, queryNumber, type Visit, wholeNumber } from "../lesson.ts";

export const statusLessons: readonly Lesson[] = [
  {
    name: "status",
    topic: "Status",
    doc: "Answers with the status that the path asks for, 200 to 999.",
    example: "/status/418",
    run: status,
  },
  {
    name: "redirect",
    topic: "Status",
    doc: "N redirects in a row, then /get; ?status=307 keeps the method, ?to= leads elsewhere.",
    example: "/redirect/3",
    curl: "-L",
    run: redirect,
  },
  {
    name: "refresh",
    topic: "Status",
    doc: "The Refresh field: a 200 that sends the browser on after some seconds; no redirect, curl stays.",
    example: "/refresh?seconds=1",
    run: visit => {
      const seconds = queryNumber(visit.url, "seconds", 1, 0, 3600);
      answer(
        visit,
        200,
        "text/html; charset=utf-8",
        `<!doctype html><title>refresh</title><p>On to <a href="/get">/get</a>.\n`,
        {
          refresh: `${seconds}; url=/get`,
        },
      );
    },
  },
];

function status(visit: Visit): void {
  const code = wholeNumber(visit.rest[0], "the status", 200, 999);
  const { response } = visit;
  response.statusMessage = code === 418 ? "I'm a teapot" : (STATUS_CODES[code] ?? "Unassigned");
  if (code === 204 || code === 205 || code === 304) {
    response.writeHead(code);
    response.end();
    return;
  }
  const fields: Record<string, string> = {};
  if (code >= 300 && code < 400) fields.location = "/get";
  if (code === 401) fields["www-authenticate"] = 'Basic realm="waylay origin"';
  if (code === 407) fields["proxy-authenticate"] = 'Basic realm="waylay origin"';
  if (code === 429 || code === 503) fields["retry-after"] = "1";
  answerText(visit, `${code} ${response.statusMessage}\n`, code, fields);
}

function redirect(visit: Visit): void {
  const left = wholeNumber(visit.rest[0] ?? "1", "the number of redirects", 0, 1000);
  const code = queryNumber(visit.url, "status", 302, 300, 399);
  const to = visit.url.searchParams.get("to") ?? "/get";
  if (/[^\x21-\x7e]/.test(to)) throw new LessonError(400, "?to= must be a URL of printable ASCII, percent-encoded");
  const location = left > 1 ? `/redirect/${left - 1}${visit.url.search}` : to;
  if (left === 0) answerText(visit, "No redirect left.\n");
  else answerText(visit, `On to ${location}\n`, code, { location });
}
