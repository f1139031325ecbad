// What do the first bytes of a connection speak? Decided as soon as it can be, from as little as it can be: a protocol
// where the server speaks second must not wait for us.

import { CR, LF, SP, TOKEN } from "./ascii.ts";

export type Sniffed = "http1" | "tls" | "h2-preface" | "socks5" | "socks4" | "unknown" | "need-more";

/**
 * Names the protocol of a connection that began with these bytes. HTTP/1 is a token, a space, and then a slash, an
 * asterisk, http(s):// or the end of a request line: an SSH or SMTP client begins with a token too. `need-more` is said
 * for at most LONGEST bytes.
 */
export function sniff(bytes: Buffer): Sniffed {
  if (bytes.length === 0) return "need-more";
  const first = bytes[0];
  if (first === 0x16) return bytes.length < 2 ? "need-more" : bytes[1] === 0x03 ? "tls" : "unknown";
  if (first === 0x05) return "socks5";
  if (first === 0x04) return "socks4";
  const opening = bytes.toString("latin1", 0, H2_PREFACE.length);
  if (H2_PREFACE.startsWith(opening)) return opening === H2_PREFACE ? "h2-preface" : "need-more";
  return sniffRequestLine(bytes, skipEmptyLines(bytes));
}

/** Bytes after which what has not shown itself to be HTTP is not. */
const LONGEST = 4096;

/** RFC 9113 §3.4: the rest of the preface ("SM") may come later, but no HTTP/1 request line is like this. */
const H2_PREFACE = "PRI * HTTP/2.0\r\n";

/** RFC 9112 §2.2: empty lines may stand before a request line. */
function skipEmptyLines(bytes: Buffer): number {
  let i = 0;
  while (bytes[i] === CR && bytes[i + 1] === LF) i += 2;
  return i;
}

function sniffRequestLine(bytes: Buffer, start: number): Sniffed {
  let i = start;
  while (i < bytes.length && TOKEN[bytes[i]] === 1) i++;
  if (i === bytes.length || (i === start && bytes[i] === CR && i + 1 === bytes.length)) return orMore(bytes);
  if (bytes[i] !== SP || i === start) return "unknown";
  const target = i + 1;
  if (target === bytes.length) return orMore(bytes);
  if (bytes[target] === 0x2f || bytes[target] === 0x2a) return "http1";
  if (bytes.toString("latin1", start, i) === "CONNECT") return "http1";
  const scheme = bytes.toString("latin1", target, target + 4).toLowerCase();
  if ("http".startsWith(scheme)) return scheme === "http" ? "http1" : orMore(bytes);
  return endsLikeRequestLine(bytes, target);
}

/** Another target: HTTP if, and only if, its line says so at the end. */
function endsLikeRequestLine(bytes: Buffer, target: number): Sniffed {
  const lf = bytes.indexOf(LF, target);
  if (lf < 0) return orMore(bytes);
  const version = bytes.lastIndexOf(" HTTP/", lf, "latin1");
  return version > target && lf - version <= " HTTP/1.1\r\n".length ? "http1" : "unknown";
}

function orMore(bytes: Buffer): Sniffed {
  return bytes.length < LONGEST ? "need-more" : "unknown";
}
