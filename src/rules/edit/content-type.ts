// Content types and the charsets that texts are decoded with and written back in.

export interface ContentType {
  /** Lower case, without parameters; "" if there is none. */
  readonly essence: string;
  readonly charset: string | undefined;
  readonly boundary: string | undefined;
}

export function parseContentType(value: string | undefined): ContentType {
  const [essence = "", ...parameters] = (value ?? "").split(";");
  const find = (name: string): string | undefined => {
    const found = parameters.find(each => each.trim().toLowerCase().startsWith(`${name}=`));
    return found
      ?.slice(found.indexOf("=") + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
  };
  return { essence: essence.trim().toLowerCase(), charset: find("charset")?.toLowerCase(), boundary: find("boundary") };
}

export function isJsonType(type: ContentType): boolean {
  return /^[^/]+\/(?:[^/]*\+)?json$/.test(type.essence) || type.essence === "text/json";
}

export function isTextType(type: ContentType): boolean {
  return (
    type.essence.startsWith("text/") ||
    isJsonType(type) ||
    /^application\/(?:.*\+)?(?:xml|javascript|ecmascript|x-www-form-urlencoded|graphql|x-ndjson|yaml|toml)$/.test(
      type.essence,
    )
  );
}

/** A text with the way back to bytes. */
export interface DecodedText {
  readonly text: string;
  encode(text: string): Buffer;
}

/** Decodes by charset; null if the bytes are no such text (then an edit would destroy them). Unlabelled bytes are UTF-8 or latin1. */
export function decodeText(bytes: Buffer, charset: string | undefined): DecodedText | null {
  const name = charset ?? "utf-8";
  if (/^(?:iso-8859-1|latin1|us-ascii)$/.test(name)) return latin1(bytes);
  if (/^utf-?8$/.test(name)) {
    const text = strict("utf-8", bytes);
    if (text !== null) return { text, encode: each => Buffer.from(each, "utf8") };
    return charset === undefined ? latin1(bytes) : null;
  }
  if (name === "utf-16le" || name === "utf-16") {
    const text = strict("utf-16le", bytes);
    return text === null ? null : { text, encode: each => Buffer.from(each, "utf16le") };
  }
  const single = singleByteTable(name);
  if (single === null) return null;
  const text = [...bytes].map(byte => single.decode[byte]).join("");
  return { text, encode: each => Buffer.from([...each].map(char => single.encode.get(char) ?? 0x3f)) };
}

function latin1(bytes: Buffer): DecodedText {
  return {
    text: bytes.toString("latin1"),
    encode: each => Buffer.from(each, /[^\0-\xff]/.test(each) ? "utf8" : "latin1"),
  };
}

function strict(charset: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** TextDecoder knows the legacy one-byte charsets; TextEncoder does not, so the table is turned round. */
function singleByteTable(charset: string): { decode: readonly string[]; encode: ReadonlyMap<string, number> } | null {
  if (!/^(?:windows-\d+|cp\d+|iso-8859-\d+|koi8-[ru]|macintosh|ibm866)$/.test(charset)) return null;
  try {
    const decoder = new TextDecoder(charset);
    const decode = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)));
    return { decode, encode: new Map(decode.map((char, byte) => [char, byte])) };
  } catch {
    return null;
  }
}
