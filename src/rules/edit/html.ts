// Puts HTML into pages without parsing them whole: tags are looked for outside comments, scripts and styles.

export type Spot = "head-start" | "head-end" | "body-start" | "body-end";

/** Inserts `html` at a spot of a page; pages without head or body get it where browsers would make one. */
export function insertHtml(page: string, html: string, spot: Spot): string {
  const marks = findMarks(page);
  const at = {
    "head-start": marks.headOpen ?? marks.htmlOpen ?? marks.doctype ?? 0,
    "head-end": marks.headClose ?? marks.bodyTag ?? marks.headOpen ?? marks.htmlOpen ?? marks.doctype ?? 0,
    "body-start": marks.bodyOpen ?? marks.headCloseEnd ?? marks.htmlOpen ?? marks.doctype ?? 0,
    "body-end": marks.bodyClose ?? marks.htmlClose ?? page.length,
  }[spot];
  return page.slice(0, at) + html + page.slice(at);
}

interface Marks {
  doctype?: number;
  htmlOpen?: number;
  headOpen?: number;
  headClose?: number;
  headCloseEnd?: number;
  bodyTag?: number;
  bodyOpen?: number;
  bodyClose?: number;
  htmlClose?: number;
}

/** The nonce of the first script or style that has one, so that what is put in passes a CSP by nonce. */
export function pageNonce(page: string): string | undefined {
  return /<(?:script|style)\b[^>]*?\snonce\s*=\s*["']?([\w+/=-]+)/i.exec(page)?.[1];
}

function findMarks(page: string): Marks {
  const marks: Marks = {};
  const tag = /<!--|<(\/?)(html|head|body|script|style|title|textarea|!doctype)(?=[\s/>])/gi;
  for (;;) {
    const match = tag.exec(page);
    if (match === null) return marks;
    const name = match[2]?.toLowerCase();
    const closing = match[1] === "/";
    const end = name === undefined ? after(page, "-->", match.index) : after(page, ">", match.index);
    tag.lastIndex = end;
    if (name === undefined) continue;
    if (name === "!doctype") marks.doctype ??= end;
    else if (name === "html") closing ? (marks.htmlClose = match.index) : (marks.htmlOpen ??= end);
    else if (name === "head") {
      if (closing && marks.headClose === undefined) {
        marks.headClose = match.index;
        marks.headCloseEnd = end;
      } else if (!closing) marks.headOpen ??= end;
    } else if (name === "body") {
      if (closing) marks.bodyClose = match.index;
      else {
        marks.bodyTag ??= match.index;
        marks.bodyOpen ??= end;
      }
    } else if (!closing) tag.lastIndex = rawEnd(page, name, end);
  }
}

/** Where the text of a script, style, title or textarea ends: tags inside it are none. */
function rawEnd(page: string, name: string, from: number): number {
  const close = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  close.lastIndex = from;
  return close.exec(page)?.index ?? page.length;
}

function after(page: string, text: string, from: number): number {
  const at = page.indexOf(text, from);
  return at < 0 ? page.length : at + text.length;
}
