// RFC 9112 §3.2: who was asked for must be clear. The head parser calls this, so that no request without one valid Host
// is ever handed out.

import { SP } from "../ascii.ts";
import { WireError } from "../error.ts";
import { validHost } from "../target.ts";
import { F_HOST, type Fields } from "./fields.ts";
import type { RequestHead } from "./head.ts";

/** Throws WireError when Host is missing in an HTTP/1.1 request, repeated, or not a valid host[:port]. */
export function checkHost(head: RequestHead): void {
  const { fields } = head;
  const at = fields.indexOfId(F_HOST);
  if (at < 0) {
    if (head.version === 11) throw new WireError("host-missing", head.lineEnd - head.start);
    return;
  }
  const second = fields.indexOfId(F_HOST, at + 1);
  if (second >= 0) throw new WireError("host-repeated", fields.lineStart(second) - head.start);
  if (fields.folded(at) || !isHost(fields, at)) throw new WireError("host-illegal", fields.valueStart(at) - head.start);
}

/** Most are a plain name and perhaps a port: told from the bytes, without a string. */
function isHost(fields: Fields, at: number): boolean {
  const { buf } = fields;
  const end = fields.valueEnd(at);
  let i = fields.valueStart(at);
  const start = i;
  while (i < end && (isLower(buf[i]) || isDigit(buf[i]) || buf[i] === 0x2e || buf[i] === 0x2d)) i++;
  if (i === end && i > start) return true;
  return end - start < LONGEST && buf[start] > SP && validHost(buf.toString("latin1", start, end));
}

/** A name has at most 255 bytes (RFC 1035); escapes may triple that. */
const LONGEST = 1024;

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
