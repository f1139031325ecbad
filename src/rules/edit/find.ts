import { type Regex, replaceAll } from "../../match/regex.ts";

/** What a replacement looks for: a text, everywhere it stands, or a regex. */
export type Find = { readonly kind: "text"; readonly text: string } | { readonly kind: "regex"; readonly regex: Regex };

/** Replaces every occurrence; returns the same string if there is none. In `replacement` `$1` and `${name}` mean groups (regex only). */
export function replaceFound(find: Find, text: string, replacement: string): string {
  if (find.kind === "regex") return replaceAll(find.regex, text, replacement);
  return find.text === "" || !text.includes(find.text) ? text : text.replaceAll(find.text, () => replacement);
}

export function isFound(find: Find, text: string): boolean {
  return find.kind === "regex" ? find.regex.test(text) : text.includes(find.text);
}

export function describeFind(find: Find): string {
  return find.kind === "regex" ? `/${find.regex.source}/${find.regex.flags}` : JSON.stringify(find.text);
}
