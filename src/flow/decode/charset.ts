// Bytes to text: what the message says, what the bytes say, what is usual.

export interface Text {
  readonly text: string;
  /** The charset that was used, as TextDecoder names it. */
  readonly charset: string;
}

/**
 * The text of content of a media type, by: byte order mark, charset parameter, the document's own word (HTML, XML, CSS), UTF-8 if
 * the bytes are that, else windows-1252, which takes anything (WHATWG's order). Null if the bytes are not text.
 */
export function textOf(bytes: Uint8Array, contentType: string | null): Text | null {
  const marked = markOf(bytes);
  if (marked !== null) return decodeAs(bytes, marked);
  const named = charsetOf(contentType);
  const fromHeader = named === null ? null : decodeAs(bytes, named);
  if (fromHeader !== null) return fromHeader;
  if (looksBinary(bytes)) return null;
  const own = ownWord(bytes, contentType);
  const fromDocument = own === null ? null : decodeAs(bytes, own);
  return fromDocument ?? utf8(bytes) ?? decodeAs(bytes, "windows-1252");
}

/** Whether a media type is text by its name; undefined if the name does not say. */
export function isTextType(contentType: string | null): boolean | undefined {
  const type = mediaType(contentType);
  if (type === "") return undefined;
  if (/^(image\/(?!svg)|audio\/|video\/|font\/)/.test(type)) return false;
  if (/^text\/|[/+](json|xml|yaml|javascript|ecmascript|x-www-form-urlencoded|graphql|x-ndjson|sql|toml)$/.test(type))
    return true;
  return undefined;
}

/** `text/html; charset=x` -> `text/html`; "" if there is none. */
export function mediaType(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

/** A parameter of a media type or disposition, unquoted; null if it is not there. */
export function parameterOf(value: string | null, name: string): string | null {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, "i").exec(value ?? "");
  if (found === null) return null;
  return found[1] === undefined ? found[2]! : found[1].replace(/\\(.)/g, "$1");
}

function charsetOf(contentType: string | null): string | null {
  return parameterOf(contentType, "charset");
}

function markOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return null;
}

/** Null if no such charset is known. */
function decodeAs(bytes: Uint8Array, charset: string): Text | null {
  try {
    const decoder = new TextDecoder(charset);
    if (decoder.encoding === "windows-1252") return { text: windows1252(bytes), charset: decoder.encoding };
    return { text: decoder.decode(bytes), charset: decoder.encoding };
  } catch {
    return null;
  }
}

/** Node 20 reads windows-1252 as Latin-1 (nodejs/node#56542): the euro sign and the curly quotes are lost to control characters. */
function windows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return latin1.replace(/[\x80-\x9f]/g, char => WINDOWS_1252[char.charCodeAt(0) - 0x80]!);
}

/** What stands at 0x80 to 0x9F (WHATWG Encoding, index windows-1252). */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** Null if the bytes are no UTF-8; a character that is cut off at the end (recorded in part) is forgiven. */
function utf8(bytes: Uint8Array): Text | null {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }), charset: "utf-8" };
  } catch {
    return null;
  }
}

/** How far into a document its own charset may stand (WHATWG HTML §13.2.3.2), and how far binary content is looked for. */
const PRESCAN = 1024;

function ownWord(bytes: Uint8Array, contentType: string | null): string | null {
  const type = mediaType(contentType);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN)).toString("latin1");
  if (/[/+]xml$/.test(type)) return /^<\?xml[^>]*encoding\s*=\s*["']([\w:.-]+)/.exec(start)?.[1] ?? null;
  if (type === "text/css") return /^@charset "([^"]+)";/.exec(start)?.[1] ?? null;
  if (type === "text/html") return /<meta[^>]*charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(start)?.[1] ?? null;
  return null;
}

/** Control bytes that no text has. Escape is one that terminals' output does. */
function looksBinary(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, PRESCAN);
  for (let i = 0; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1b) return true;
  }
  return false;
}
