// JSON as it came, only indented: parsing and printing it would lose large numbers, repeated names and the rest of a text that is cut short.

/** Indents a JSON text. What is no JSON comes out with other white space, never with other characters. */
export function prettyJson(text: string): string {
  let out = "";
  let indent = "\n";
  let at = 0;
  while (at < text.length) {
    const start = at;
    switch (text[at]) {
      case '"':
        at = stringEnd(text, at);
        out += text.slice(start, at);
        break;
      case "{":
      case "[": {
        at = skipBlanks(text, at + 1);
        const close = text[at];
        if (close === "}" || close === "]") {
          out += text[start]! + close;
          at++;
        } else {
          if (indent.length < MAX_INDENT) indent += INDENT;
          out += text[start] + indent;
        }
        break;
      }
      case "}":
      case "]":
        indent = indent.length > INDENT.length ? indent.slice(0, -INDENT.length) : "\n";
        out += indent + text[at++];
        break;
      case ",":
        out += `,${indent}`;
        at++;
        break;
      case ":":
        out += ": ";
        at++;
        break;
      case " ":
      case "\t":
      case "\n":
      case "\r":
        at = skipBlanks(text, at);
        break;
      default:
        // Numbers, true, false, null, and whatever does not belong.
        do at++;
        while (at < text.length && !STOPS.includes(text[at]!));
        out += text.slice(start, at);
    }
  }
  return out;
}

const INDENT = "  ";
/** Deeper nesting is not made more readable by more blanks, and a megabyte of `[` would become a terabyte. */
const MAX_INDENT = 1 + 64 * INDENT.length;
const STOPS = '"{}[],: \t\n\r';

/** One JSON value a line (NDJSON, JSON Lines); RFC 7464's record separators are left out. */
export function prettyLines(text: string): string {
  return text
    .split("\n")
    .map(line => prettyJson(line.replace(/^\x1e/, "").trim()))
    .filter(line => line !== "")
    .join("\n");
}

/** Whether content of no or a vague type is JSON: it looks like it and, where it is small enough to try, it parses. */
export function isJson(bytes: Uint8Array): boolean {
  let first = 0;
  while (first < bytes.length && isBlank(bytes[first]!)) first++;
  // Objects and arrays only: every number is JSON, too.
  if (bytes[first] !== 0x7b && bytes[first] !== 0x5b) return false;
  if (bytes.length > 1 << 20) return true;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Just behind a string that begins at `at`; the end of the text if it is cut short. */
function stringEnd(text: string, at: number): number {
  for (at++; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipBlanks(text: string, at: number): number {
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
