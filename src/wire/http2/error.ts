import { COMPRESSION_ERROR } from "./codes.ts";

/**
 * The peer broke HTTP/2 in a way that ends the connection (RFC 9113 §5.4.1). Thrown inside the codec only: from the
 * outside it is `Http2Connection.fault`. What ends only a stream (§5.4.2) is an event.
 */
export class Http2Error extends Error {
  /** An error code of RFC 9113 §7. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "Http2Error";
    this.code = code;
  }
}

/** RFC 7541 §2.3.3, §5: after an error the two tables differ, so nothing on the connection can be read any more. */
export function hpackError(message: string): Http2Error {
  return new Http2Error(COMPRESSION_ERROR, message);
}
