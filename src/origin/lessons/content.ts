// Lessons on what is inside: types, images, and who may read across origins.
import { answer, answerJson } from "../answer.ts";
import { LOGO_SVG, logoPng } from "../images.ts";
import { type Lesson, LessonError, type Visit } from "../lesson.ts";

export const contentLessons: readonly Lesson[] = [
  {
    name: "json",
    topic: "Content",
    doc: "A small JSON document.",
    example: "/json",
    run: visit =>
      answerJson(visit, {
        title: "Hypertext Transfer Protocol",
        versions: ["0.9", "1.0", "1.1", "2", "3"],
        rfc: { semantics: 9110, caching: 9111, "1.1": 9112, "2": 9113, "3": 9114 },
        stateless: true,
      }),
  },
  {
    name: "html",
    topic: "Content",
    doc: "A small HTML page in UTF-8.",
    example: "/html",
    run: visit =>
      answer(
        visit,
        200,
        "text/html; charset=utf-8",
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>A page</title>\n<link rel="icon" href="/image/svg">\n<h1>Grüße, 世界</h1>\n<p>Three lines of HTML, <a href="/">and a way back</a>.</p>\n</html>\n',
      ),
  },
  {
    name: "image",
    topic: "Content",
    doc: "An image, SVG or PNG by the path (/image/png) or by what Accept asks for.",
    example: "/image/png",
    curl: "-o logo.png",
    run: image,
  },
  {
    name: "cors",
    topic: "Content",
    doc: "Allows any origin to read it, answers the preflight and exposes one field.",
    example: "/cors",
    curl: "-X OPTIONS -H 'Origin: https://example.com' -H 'Access-Control-Request-Method: PUT'",
    run: cors,
  },
];

function image(visit: Visit): void {
  const accept = visit.request.headers.accept ?? "";
  const kind = visit.rest[0] ?? (accept.includes("image/svg+xml") || !accept.includes("image/png") ? "svg" : "png");
  if (kind === "svg") {
    answer(visit, 200, "image/svg+xml", LOGO_SVG, { vary: "Accept" });
    return;
  }
  if (kind === "png") {
    answer(visit, 200, "image/png", logoPng(), { vary: "Accept" });
    return;
  }
  throw new LessonError(404, "try /image/svg or /image/png");
}

function cors(visit: Visit): void {
  const { headers, method } = visit.request;
  const fields: Record<string, string> = {
    "access-control-allow-origin": headers.origin ?? "*",
    "access-control-expose-headers": "X-Lesson",
    vary: "Origin",
    "x-lesson": "readable because it is exposed",
  };
  if (method === "OPTIONS" && headers["access-control-request-method"] !== undefined) {
    fields["access-control-allow-methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE";
    fields["access-control-allow-headers"] = headers["access-control-request-headers"] ?? "*";
    fields["access-control-max-age"] = "60";
    visit.response.writeHead(204, fields);
    visit.response.end();
    return;
  }
  answerJson(visit, { origin: headers.origin ?? null, method, sentWithCookies: "cookie" in headers }, 200, fields);
}
