// What a peer can do wrong, as one catalogue: a stable code, the status that answers it when a client did it, and a
// sentence for people. An origin's fault is 502 towards the client whatever stands here; the engine decides that.

/** A peer broke the protocol. Never thrown for our own mistakes. */
export class WireError extends Error {
  readonly code: WireErrorCode;
  /** Bytes from the start of the message to the byte that was wrong. */
  readonly offset: number;
  /** The status that answers a client: 400, 414, 431, 501 or 505. */
  readonly status: number;

  constructor(code: WireErrorCode, offset: number) {
    super(CATALOGUE[code].message);
    this.name = "WireError";
    this.code = code;
    this.offset = offset;
    this.status = CATALOGUE[code].status;
  }
}

export type WireErrorCode = keyof typeof CATALOGUE;

const bad = (message: string) => ({ status: 400, message }) as const;

export const CATALOGUE = {
  // Start lines
  "empty-lines": bad("too many empty lines before the request line"),
  "method-illegal": bad("the method is not a token"),
  "method-too-long": { status: 501, message: "the method is longer than any that exists" },
  "target-illegal": bad("the request target has a byte that no target may have"),
  "target-too-long": { status: 414, message: "the request target is too long" },
  "request-line-illegal": bad("the request line is not: method, one space, target, one space, version"),
  "version-missing": bad("the request line has no HTTP version (HTTP/0.9 is not spoken)"),
  "version-illegal": bad("the HTTP version is malformed"),
  "version-unsupported": { status: 505, message: "this HTTP version cannot be spoken in HTTP/1 form" },
  "tls-on-plain-port": bad("a TLS handshake arrived where plain HTTP is spoken"),
  "not-http": { status: 502, message: "the answer is not HTTP/1" },
  "status-line-illegal": { status: 502, message: "the status line is malformed" },

  // Lines and fields
  "bare-lf": bad("a line ends with a bare LF"),
  "bare-cr": bad("a CR without its LF"),
  "control-byte": bad("a control byte where none may be"),
  "obs-fold": bad("a field is folded over several lines (obs-fold)"),
  "blank-before-first-field": bad("white space before the first field"),
  "field-name-empty": bad("a field without a name"),
  "field-name-illegal": bad("a field name is not a token"),
  "field-no-colon": bad("a field line without a colon"),
  "blank-before-colon": bad("white space between a field name and its colon"),
  "head-too-large": { status: 431, message: "the head is too large" },
  "too-many-fields": { status: 431, message: "the head has too many fields" },
  "bytes-after-head": bad("an empty line ends the head before its last bytes"),
  "host-missing": bad("an HTTP/1.1 request without Host"),
  "host-repeated": bad("more than one Host"),
  "host-illegal": bad("Host is not a valid host and port"),

  // Framing
  "content-length-illegal": bad("Content-Length is not a number"),
  "content-length-differs": bad("several Content-Lengths that differ"),
  "content-length-too-large": bad("Content-Length is over 2^53-1"),
  "framing-folded": bad("Content-Length or Transfer-Encoding is folded over several lines"),
  "length-beside-chunked": bad("Content-Length together with Transfer-Encoding: smuggling"),
  "transfer-encoding-illegal": bad("Transfer-Encoding is malformed or written oddly"),
  "transfer-encoding-repeated": bad("more than one Transfer-Encoding field"),
  "transfer-encoding-unknown": { status: 501, message: "a transfer coding that is not known" },
  "transfer-encoding-not-chunked": bad("chunked is not the last transfer coding, or stands there twice"),
  "transfer-encoding-http10": bad("Transfer-Encoding in an HTTP/1.0 message"),
  "chunk-size-illegal": bad("a chunk size is not a hexadecimal number"),
  "chunk-size-too-large": bad("a chunk size is over 2^53-1 or has more than 16 digits"),
  "chunk-extension-illegal": bad("a chunk extension is malformed"),
  "chunk-extension-too-large": bad("the chunk extensions are too large"),
  "chunk-end-missing": bad("chunk data is not followed by CRLF"),
  "trailers-too-large": bad("the trailer section is too large"),
  "truncated-head": bad("the connection ended inside a head"),
  "truncated-body": bad("the connection ended before the content was complete"),
  "too-many-interim": { status: 502, message: "too many interim (1xx) answers" },

  // Targets
  "target-form": bad("the request target has a form that does not go with the method"),
  "target-scheme": bad("the request target has a scheme that is not http or https"),
  "target-host": bad("the request target has no valid host"),
  "target-port": bad("the request target has no valid port (1 to 65535)"),
  "target-userinfo": bad("user and password in a CONNECT target"),

  // Composing
  "compose-illegal": { status: 500, message: "a head that we were asked to write has bytes that would break it" },
} as const;
