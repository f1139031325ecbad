// Is a field section a message's? RFC 9113 §8.2 and §8.3: what is malformed has a name, and goes no further.

import { isToken, TARGET } from "../ascii.ts";
import { validHost } from "../target.ts";
import {
  type HpackField,
  N_AUTHORITY,
  N_CONNECTION,
  N_CONTENT_LENGTH,
  N_HOST,
  N_ILLEGAL,
  N_METHOD,
  N_PATH,
  N_PROTOCOL,
  N_PSEUDO_UNKNOWN,
  N_SCHEME,
  N_STATUS,
  N_TE,
} from "./hpack/field.ts";

/** Why a message is malformed (RFC 9113 §8.1.1). The names are what flows show. */
export const MALFORMED = {
  "h2-name-illegal": "a field name is empty, in upper case, or no token",
  "h2-value-illegal": "a field value has a control byte, or blanks around it",
  "h2-pseudo-unknown": "a pseudo-field that this message may not have",
  "h2-pseudo-repeated": "a pseudo-field stands there twice",
  "h2-pseudo-late": "a pseudo-field behind an ordinary field",
  "h2-pseudo-missing": "a pseudo-field that must be there is missing",
  "h2-connection-field": "a connection-specific field, which HTTP/2 does not have",
  "h2-te": "TE says something else than trailers",
  "h2-method-illegal": "the method is not a token",
  "h2-scheme-illegal": "the scheme is not http or https",
  "h2-path-illegal": "the path does not begin with a slash, or has a byte that no path may have",
  "h2-authority-illegal": "the authority is not a valid host[:port]",
  "h2-host-repeated": "more than one Host",
  "h2-host-differs": "Host and :authority name different hosts",
  "h2-connect": "a CONNECT with fields that it may not have",
  "h2-status-illegal": "the status is not a number from 100 to 599",
  "h2-status-101": "101 Switching Protocols, which HTTP/2 does not have",
  "h2-content-length-illegal": "Content-Length is not one number",
  "h2-content-length-wrong": "Content-Length is not what DATA adds up to",
  "h2-end-missing": "trailers that do not end the stream, or an interim answer that does",
  "h2-data-early": "DATA before a final answer",
  "h2-head-too-large": "the field section is too large",
} as const;

export type Malformed = keyof typeof MALFORMED;

/** What a request's section says, once it has been found to be one. */
export interface RequestFields {
  readonly method: string;
  /** Empty for CONNECT. */
  readonly scheme: string;
  /** Empty for CONNECT. */
  readonly path: string;
  /** :authority, else Host; empty where neither is there. */
  readonly authority: string;
  /** RFC 8441; empty for every other request. */
  readonly protocol: string;
  /** -1 when it is not said. */
  readonly contentLength: number;
}

/** Reads a request's section, or says why it is none. `protocols`: we have said that we know extended CONNECT. */
export function readRequest(fields: readonly HpackField[], protocols: boolean): RequestFields | Malformed {
  let method: string | null = null;
  let scheme: string | null = null;
  let path: string | null = null;
  let authority: string | null = null;
  let protocol: string | null = null;
  let host: string | null = null;
  let contentLength = -1;
  let ordinary = false;
  for (let i = 0; i < fields.length; i++) {
    const { meaning, value, clean } = fields[i];
    if (!clean) return "h2-value-illegal";
    if (meaning >= N_METHOD && meaning <= N_PSEUDO_UNKNOWN) {
      if (meaning === N_STATUS || meaning === N_PSEUDO_UNKNOWN) return "h2-pseudo-unknown";
      if (meaning === N_PROTOCOL && !protocols) return "h2-pseudo-unknown";
      if (ordinary) return "h2-pseudo-late";
      const before =
        meaning === N_METHOD
          ? method
          : meaning === N_SCHEME
            ? scheme
            : meaning === N_PATH
              ? path
              : meaning === N_AUTHORITY
                ? authority
                : protocol;
      if (before !== null) return "h2-pseudo-repeated";
      if (meaning === N_METHOD) method = value;
      else if (meaning === N_SCHEME) scheme = value;
      else if (meaning === N_PATH) path = value;
      else if (meaning === N_AUTHORITY) authority = value;
      else protocol = value;
      continue;
    }
    ordinary = true;
    const fault = ordinaryFault(fields[i]);
    if (fault !== null) return fault;
    if (meaning === N_HOST) {
      if (host !== null) return "h2-host-repeated";
      host = value;
    } else if (meaning === N_CONTENT_LENGTH) {
      if (contentLength >= 0) return "h2-content-length-illegal";
      contentLength = readLength(value);
      if (contentLength < 0) return "h2-content-length-illegal";
    }
  }
  if (method === null) return "h2-pseudo-missing";
  if (!isToken(method)) return "h2-method-illegal";
  if (authority !== null && host !== null && !sameHost(authority, host)) return "h2-host-differs";
  const known = { method, authority: authority ?? host ?? "", contentLength };
  if (method === "CONNECT" && protocol === null) {
    // §8.5
    if (scheme !== null || path !== null) return "h2-connect";
    if (authority === null) return "h2-pseudo-missing";
    if (!validHost(authority)) return "h2-authority-illegal";
    return { ...known, scheme: "", path: "", protocol: "" };
  }
  if (protocol !== null && (method !== "CONNECT" || !isToken(protocol))) return "h2-connect";
  if (scheme === null || path === null) return "h2-pseudo-missing";
  if (scheme !== "http" && scheme !== "https") return "h2-scheme-illegal";
  if (!isPath(path, method)) return "h2-path-illegal";
  // §8.3.1: http and https always have a host, and no userinfo.
  if (authority === null && host === null) return "h2-pseudo-missing";
  if (!validHost(known.authority)) return "h2-authority-illegal";
  return { ...known, scheme, path, protocol: protocol ?? "" };
}

export interface ResponseFields {
  readonly status: number;
  /** -1 when it is not said. */
  readonly contentLength: number;
}

/** Reads a response's section, or says why it is none. */
export function readResponse(fields: readonly HpackField[]): ResponseFields | Malformed {
  let status = -1;
  let contentLength = -1;
  let ordinary = false;
  for (let i = 0; i < fields.length; i++) {
    const { meaning, value, clean } = fields[i];
    if (!clean) return "h2-value-illegal";
    if (meaning >= N_METHOD && meaning <= N_PSEUDO_UNKNOWN) {
      if (meaning !== N_STATUS) return "h2-pseudo-unknown";
      if (ordinary) return "h2-pseudo-late";
      if (status >= 0) return "h2-pseudo-repeated";
      if (!STATUS.test(value)) return "h2-status-illegal";
      status = Number(value);
      continue;
    }
    ordinary = true;
    const fault = ordinaryFault(fields[i]);
    if (fault !== null) return fault;
    if (meaning === N_CONTENT_LENGTH) {
      // Equal repeats exist in the wild and have one reading.
      const length = readLength(value);
      if (length < 0 || (contentLength >= 0 && length !== contentLength)) return "h2-content-length-illegal";
      contentLength = length;
    }
  }
  if (status < 0) return "h2-pseudo-missing";
  if (status === 101) return "h2-status-101";
  return { status, contentLength };
}

/** What is wrong with a trailer section; null is nothing. */
export function trailerFault(fields: readonly HpackField[]): Malformed | null {
  for (let i = 0; i < fields.length; i++) {
    const { meaning, clean } = fields[i];
    if (!clean) return "h2-value-illegal";
    if (meaning >= N_METHOD && meaning <= N_PSEUDO_UNKNOWN) return "h2-pseudo-unknown";
    const fault = ordinaryFault(fields[i]);
    if (fault !== null) return fault;
  }
  return null;
}

function ordinaryFault(field: HpackField): Malformed | null {
  switch (field.meaning) {
    case N_ILLEGAL:
      return "h2-name-illegal";
    case N_CONNECTION:
      return "h2-connection-field";
    case N_TE:
      return field.value.toLowerCase() === "trailers" ? null : "h2-te";
    default:
      return null;
  }
}

const STATUS = /^[1-5][0-9][0-9]$/;

function readLength(value: string): number {
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
    if (length > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value.length === 0 ? -1 : length;
}

function isPath(path: string, method: string): boolean {
  if (path === "*") return method === "OPTIONS";
  if (path.charCodeAt(0) !== 0x2f) return false;
  for (let i = 1; i < path.length; i++) if (TARGET[path.charCodeAt(i)] !== 1) return false;
  return true;
}

function sameHost(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
