// What the language has words for and this version does not carry out. A rule that says one of these is refused when its file
// is loaded: an action that were taken and then ignored would be believed.

export interface NotYet {
  /** The action's key, or a key inside its value. */
  readonly key: string;
  /** Only these values of it; undefined: all. */
  readonly value?: RegExp;
  /** What is missing, in words. */
  readonly what: string;
}

/** Take a line out when the engine does it. */
export const NOT_YET: readonly NotYet[] = [
  { key: "messages", what: "changing messages of WebSockets, event streams and gRPC calls" },
  { key: "replay", what: "sending a request again" },
  { key: "connection.upstream", value: /^pac:/i, what: "a PAC file" },
  { key: "connection.tls.alpn", value: /^h2$/i, what: "HTTP/2 with servers" },
];

/** The line about an action whatever its value; undefined if the engine does it, or some of it. */
export function notYet(key: string): NotYet | undefined {
  return NOT_YET.find(each => each.key === key && each.value === undefined);
}

/** The line about what is said in an action: `said` gives the texts of its value ("") and of the keys in it. */
export function notYetSaid(key: string, said: (inner: string) => string | undefined): NotYet | undefined {
  return NOT_YET.find(each => {
    if (each.key === key && each.value === undefined) return true;
    const inner = each.key === key ? "" : each.key.startsWith(`${key}.`) ? each.key.slice(key.length + 1) : undefined;
    const text = inner === undefined ? undefined : said(inner);
    return text !== undefined && (each.value?.test(text) ?? true);
  });
}
