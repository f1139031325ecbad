// Forms and query strings as names and values, one a line.

/** `a=1&b=x%20y` as aligned lines. A pair that does not decode is shown as it is. */
export function viewForm(text: string): string {
  const pairs = text
    .trim()
    .split("&")
    .filter(pair => pair !== "")
    .map(pair => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    }) as [string, string][];
  const width = Math.min(MAX_WIDTH, Math.max(0, ...pairs.map(([name]) => name.length)));
  return pairs.map(([name, value]) => `${name.padEnd(width)} = ${value}`).join("\n");
}

/** Names that are longer stand out of line. */
const MAX_WIDTH = 30;

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
