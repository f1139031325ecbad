// The pages that the origin serves: the index of lessons and the upload form. HTML as functions, no templates.
import { type Lesson, TOPICS } from "./lesson.ts";

const ABOUT: Record<(typeof TOPICS)[number], string> = {
  Request: "What you sent, as it arrived",
  Coding: "The same content, packed",
  Framing: "Where a message ends",
  Status: "The answer in three digits",
  State: "Cookies, caches and who you are",
  Body: "Sending and receiving in bulk",
  Time: "Late, slow and endless",
  Content: "What is inside",
};

/** The index; `base` is scheme and authority as the client knows them, for the curl commands. */
export function indexPage(lessons: readonly Lesson[], base: string): string {
  const sections = TOPICS.map(topic => {
    const cards = lessons.filter(lesson => lesson.topic === topic).map(lesson => card(lesson, base));
    return `<section aria-labelledby="${topic}"><h2 id="${topic}">${topic} <small>${ABOUT[topic]}</small></h2>
<div class="cards">
${cards.join("\n")}
</div></section>`;
  });
  return page(
    "waylay origin",
    `<header><img src="/image/svg" alt="" width="56" height="56"><div><h1>waylay origin</h1>
<p>A local server of ${lessons.length} lessons in HTTP. Look at each through the proxy, with curl or right here.</p></div></header>
<main>
${sections.join("\n")}
</main>
<dialog id="answer" aria-labelledby="answer-title"><form method="dialog"><h2 id="answer-title"></h2><button aria-label="Close">&times;</button></form>
<pre id="answer-head"></pre><pre id="answer-body"></pre></dialog>
<footer><p>This page fetched <code>/json</code>: <output id="fetched">…</output>. <a href="/upload">Upload form</a></p></footer>`,
  );
}

function card({ name, doc, example, curl, methods }: Lesson, base: string): string {
  const command = `curl -i ${curl ? `${curl} ` : ""}${/[?&]/.test(example) ? `'${base}${example}'` : base + example}`;
  const canTry = methods === undefined || methods.includes("GET");
  return `<article><h3><a href="${escapeHtml(example)}">/${name}</a>${canTry ? `<button data-try="${escapeHtml(example)}">Try</button>` : ""}</h3>
<p>${escapeHtml(doc)}</p>
<div class="command"><code>${escapeHtml(command)}</code><button data-copy title="Copy the command">Copy</button></div></article>`;
}

export function uploadPage(): string {
  return page(
    "Upload",
    `<header><img src="/image/svg" alt="" width="56" height="56"><div><h1>Upload</h1>
<p>Sent as multipart/form-data; each part is reported with its size and SHA-256. Nothing is kept.</p></div></header>
<main><form class="upload" method="post" action="/upload" enctype="multipart/form-data">
<label>Note <input name="note" value="hello"></label>
<label>Files <input type="file" name="file" multiple></label>
<button>Send</button> <a href="/">All lessons</a>
</form></main>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/image/svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/script.js"></script>
</head>
<body>
${body}
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
