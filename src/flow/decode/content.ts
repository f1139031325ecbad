// Content codings undone (RFC 9110 §8.4), within bounds: a kilobyte can be coded to become a gigabyte.
import { constants } from "node:buffer";
import zlib from "node:zlib";
import { Decompress } from "fzstd";

export interface Decoded {
  readonly bytes: Buffer;
  /** Present if this is not all of it or not it: what stopped the decoding. What could be decoded is in `bytes`. */
  readonly problem?: string;
}

/** Decoded content is cut here unless a caller asks for more. */
export const DECODED_LIMIT = 64 << 20;

/** RFC 9110 sets no bound on nesting; nobody means more. */
const MAX_CODINGS = 8;

/**
 * Undoes `encoding` (a Content-Encoding value, codings in the order of their application). Content that was recorded in part decodes to the
 * part that it holds. Never throws: a problem is part of the answer.
 */
export function decodeContent(content: Uint8Array, encoding: string | null, limit: number = DECODED_LIMIT): Decoded {
  let bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const codings = (encoding ?? "")
    .split(",")
    .map(coding => coding.trim().toLowerCase())
    .filter(coding => coding !== "" && coding !== "identity");
  if (codings.length > MAX_CODINGS) return { bytes, problem: `${codings.length} content codings, one in another` };
  let problem: string | undefined;
  for (const coding of codings.reverse()) {
    const decode = DECODERS[coding];
    if (decode === undefined) return { bytes, problem: `the content coding ${JSON.stringify(coding)} is not known` };
    const decoded = decode(bytes, Math.min(limit, constants.MAX_LENGTH));
    bytes = decoded.bytes as Buffer<ArrayBuffer>; // none of the decoders answers shared memory
    problem ??= decoded.problem;
  }
  return problem === undefined ? { bytes } : { bytes, problem };
}

/** Whether all codings of a Content-Encoding value are known here. */
export function isDecodable(encoding: string | null): boolean {
  return (encoding ?? "").split(",").every(coding => {
    const name = coding.trim().toLowerCase();
    return name === "" || name === "identity" || name in DECODERS;
  });
}

type Decoder = (bytes: Buffer, limit: number) => Decoded;
type SyncUnzip = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

const gunzip: Decoder = (bytes, limit) => unzip(bytes, limit, PARTIAL_GUNZIP);
const brotli: Decoder = (bytes, limit) => unzip(bytes, limit, PARTIAL_BROTLI);

// A null prototype: a coding called "constructor" is not known.
const DECODERS: Readonly<Record<string, Decoder>> = Object.assign(Object.create(null), {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: (bytes: Buffer, limit: number) => unzip(bytes, limit, isZlib(bytes) ? PARTIAL_INFLATE : PARTIAL_INFLATE_RAW),
  br: brotli,
  zstd: unzstd,
});

// A flush instead of a finish at the end: content that is cut short gives what it has instead of an error.
const PARTIAL_GUNZIP: SyncUnzip = (bytes, options) =>
  zlib.gunzipSync(bytes, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
const PARTIAL_INFLATE: SyncUnzip = (bytes, options) =>
  zlib.inflateSync(bytes, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
const PARTIAL_INFLATE_RAW: SyncUnzip = (bytes, options) =>
  zlib.inflateRawSync(bytes, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
const PARTIAL_BROTLI: SyncUnzip = (bytes, options) =>
  zlib.brotliDecompressSync(bytes, { ...options, finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH });

/** "deflate" means zlib's format, but some servers send it bare (RFC 9110 §8.4.1.2). The header's check tells them apart. */
function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
}

/**
 * zlib's synchronous calls answer all or nothing, and what a person wants to see of broken or endless content is its beginning: so ever shorter
 * prefixes are tried until one decodes within the limit.
 */
function unzip(bytes: Buffer, limit: number, decode: SyncUnzip): Decoded {
  if (bytes.length === 0) return { bytes };
  let problem: string | undefined;
  for (let length = bytes.length; length > 0; length >>= 1) {
    try {
      const decoded = decode(length === bytes.length ? bytes : bytes.subarray(0, length), { maxOutputLength: limit });
      return problem === undefined ? { bytes: decoded } : { bytes: decoded, problem };
    } catch (error) {
      problem ??= isTooLarge(error) ? tooLarge(limit) : `the content does not decode: ${(error as Error).message}`;
    }
  }
  return { bytes: Buffer.alloc(0), problem: problem ?? "" };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function tooLarge(limit: number): string {
  return `the content decodes to more than ${Math.round(limit / 1e6)} MB; the rest is left out`;
}

/** In steps, so that what was decoded before a fault or the limit is kept. */
function unzstd(bytes: Buffer, limit: number): Decoded {
  const parts: Uint8Array[] = [];
  let size = 0;
  let problem: string | undefined;
  const stream = new Decompress(part => {
    if (size + part.length > limit) {
      parts.push(part.slice(0, limit - size));
      size = limit;
      throw new RangeError(tooLarge(limit));
    }
    parts.push(part.slice());
    size += part.length;
  });
  try {
    for (let at = 0; at < bytes.length; at += ZSTD_STEP)
      stream.push(bytes.subarray(at, at + ZSTD_STEP), at + ZSTD_STEP >= bytes.length);
  } catch (error) {
    problem = error instanceof RangeError ? error.message : `the content does not decode: ${(error as Error).message}`;
  }
  return problem === undefined ? { bytes: Buffer.concat(parts) } : { bytes: Buffer.concat(parts), problem };
}

const ZSTD_STEP = 64 << 10;
