// What came over the wire is somebody else's text: a terminal must never obey it.

/** Control characters (C0 but tab and line feed, DEL, C1) become visible escapes, CRLF a plain line end. */
export function printable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeOf);
}

/** The same for a text that has to stay on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\t\n]/g, escapeOf);
}

/** At most `width` characters, the last an ellipsis if something was cut. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? "" : `${text.slice(0, width - 1)}…`;
}

function escapeOf(char: string): string {
  const code = char.charCodeAt(0);
  if (code === 9) return "\\t";
  if (code === 10) return "\\n";
  if (code === 13) return "\\r";
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
}
