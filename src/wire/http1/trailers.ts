// Trailers are shown and carried, never merged into the fields of the head: some of them would frame, route or
// authenticate a message that has been acted upon already (RFC 9110 §6.5.1).

import {
  F_AUTHORIZATION,
  F_CONNECTION,
  F_CONTENT_ENCODING,
  F_CONTENT_LENGTH,
  F_CONTENT_RANGE,
  F_CONTENT_TYPE,
  F_COOKIE,
  F_EXPECT,
  F_HOST,
  F_KEEP_ALIVE,
  F_MAX_FORWARDS,
  F_PROXY_AUTHENTICATE,
  F_PROXY_AUTHORIZATION,
  F_PROXY_CONNECTION,
  F_RANGE,
  F_SET_COOKIE,
  F_TE,
  F_TRAILER,
  F_TRANSFER_ENCODING,
  F_UPGRADE,
  F_WWW_AUTHENTICATE,
  type Fields,
} from "./fields.ts";

/** All of these ids have a bit in `Fields.seen`. */
const FORBIDDEN =
  (1 << F_CONTENT_LENGTH) |
  (1 << F_TRANSFER_ENCODING) |
  (1 << F_TRAILER) |
  (1 << F_CONTENT_TYPE) |
  (1 << F_CONTENT_ENCODING) |
  (1 << F_CONTENT_RANGE) |
  (1 << F_HOST) |
  (1 << F_CONNECTION) |
  (1 << F_KEEP_ALIVE) |
  (1 << F_PROXY_CONNECTION) |
  (1 << F_UPGRADE) |
  (1 << F_TE) |
  (1 << F_EXPECT) |
  (1 << F_MAX_FORWARDS) |
  (1 << F_RANGE) |
  (1 << F_AUTHORIZATION) |
  (1 << F_PROXY_AUTHORIZATION) |
  (1 << F_PROXY_AUTHENTICATE) |
  (1 << F_WWW_AUTHENTICATE) |
  (1 << F_COOKIE) |
  (1 << F_SET_COOKIE);

/** Whether a trailer section has a field that frames, routes or authenticates. */
export function forbiddenTrailer(trailers: Fields): boolean {
  return (trailers.seen & FORBIDDEN) !== 0;
}
