// HTML and XML with a tag a line, indented. Light: it looks at tags only, changes nothing but white space between them, and leaves alone
// what is inside elements where white space means something.

type Kind = "html" | "xml";

/** Elements without content (HTML §13.1.2). */
const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;
/** Elements whose content is shown as it is. */
const VERBATIM = /^(script|style|pre|textarea)$/i;
const MAX_DEPTH = 64;

/** Indents markup. Unbalanced tags make odd indentation, never an error. */
export function prettyMarkup(text: string, kind: Kind): string {
  const lines: string[] = [];
  let depth = 0;
  let at = 0;
  // `<p>text</p>` stays one line: what was opened last, as long as only text followed.
  let open: { name: string; line: number } | null = null;
  const add = (line: string): void => {
    lines.push("  ".repeat(Math.min(depth, MAX_DEPTH)) + line);
  };
  while (at < text.length) {
    const end = text[at] === "<" ? tagEnd(text, at) : textEnd(text, at);
    const piece = text.slice(at, end).trim();
    at = end;
    if (piece === "") continue;
    const tag = /^<(\/?)([A-Za-z_][^\s/>]*)/.exec(piece);
    if (tag === null) {
      if (open !== null && open.line === lines.length - 1 && !piece.startsWith("<") && piece.length < 80)
        lines[open.line] += piece.replace(/\s+/g, " ");
      else add(piece);
      continue;
    }
    const name = tag[2]!;
    if (tag[1] === "/") {
      depth = Math.max(0, depth - 1);
      if (open !== null && open.name === name && open.line === lines.length - 1) lines[open.line] += piece;
      else add(piece);
      open = null;
      continue;
    }
    add(piece);
    open = null;
    if (piece.endsWith("/>") || (kind === "html" && VOID.test(name))) continue;
    if (kind === "html" && VERBATIM.test(name)) {
      const close = indexOfClose(text, name, at);
      lines[lines.length - 1] += text.slice(at, close);
      at = close;
    }
    open = { name, line: lines.length - 1 };
    depth++;
  }
  return lines.join("\n");
}

/** Just behind a tag, comment, CDATA section or declaration; quotes hide `>`. */
function tagEnd(text: string, at: number): number {
  for (const [start, close] of WHOLE) {
    if (!text.startsWith(start, at)) continue;
    const end = text.indexOf(close, at + start.length);
    return end < 0 ? text.length : end + close.length;
  }
  let quote = "";
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === ">") return i + 1;
    else if ((char === '"' || char === "'") && text[i - 1] === "=") quote = char;
  }
  return text.length;
}

const WHOLE: readonly (readonly [string, string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
];

function textEnd(text: string, at: number): number {
  const next = text.indexOf("<", at + 1);
  return next < 0 ? text.length : next;
}

/** Where the element's end tag begins; the end of the text if it does not come. */
function indexOfClose(text: string, name: string, from: number): number {
  const pattern = new RegExp(`</${name}[\\s>/]`, "gi"); // the name is one of VERBATIM
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
