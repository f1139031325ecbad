// What happens to a connection after a message (RFC 9112 §9): decisions, not deeds.

import { COMMA, equalsLower, isBlank } from "../ascii.ts";
import { F_CONNECTION, type Fields } from "./fields.ts";
import { CLOSE, type Framing, TUNNEL } from "./framing.ts";
import type { Head, RequestHead, ResponseHead } from "./head.ts";

/** Bits of what Connection says; its other tokens name fields. */
export const SAYS_CLOSE = 1;
export const SAYS_KEEP_ALIVE = 2;
export const SAYS_UPGRADE = 4;

const TOKENS: readonly (readonly [name: string, bit: number])[] = [
  ["close", SAYS_CLOSE],
  ["keep-alive", SAYS_KEEP_ALIVE],
  ["upgrade", SAYS_UPGRADE],
];

/** What the Connection fields of a head say, all lines and list members together, in any case. */
export function connectionSays(fields: Fields): number {
  let said = 0;
  for (let at = fields.indexOfId(F_CONNECTION); at >= 0; at = fields.indexOfId(F_CONNECTION, at + 1)) {
    said |= tokenBits(fields, at);
  }
  return said;
}

/** RFC 9112 §9.3: HTTP/1.1 stays unless it says close; HTTP/1.0 goes unless it says keep-alive. Close wins. */
export function staysOpen(head: Head): boolean {
  const said = connectionSays(head.fields);
  if ((said & SAYS_CLOSE) !== 0) return false;
  return head.version === 11 || (said & SAYS_KEEP_ALIVE) !== 0;
}

/** Whether a connection may carry another exchange after this one. The same answer serves both legs. */
export function persistent(request: RequestHead, response: ResponseHead, framing: Framing): boolean {
  if (framing.kind === CLOSE || framing.kind === TUNNEL) return false;
  return staysOpen(request) && staysOpen(response) && !response.defects.includes("length-beside-chunked");
}

/** Whether a request asks for another protocol, nominated as it must be (RFC 9110 §7.8); HTTP/1.0 cannot. */
export function asksUpgrade(request: RequestHead): boolean {
  return (
    request.version === 11 && (connectionSays(request.fields) & SAYS_UPGRADE) !== 0 && request.fields.has("upgrade")
  );
}

function tokenBits(fields: Fields, at: number): number {
  const { buf } = fields;
  const end = fields.valueEnd(at);
  let said = 0;
  let i = fields.valueStart(at);
  while (i < end) {
    while (i < end && (isBlank(buf[i]) || buf[i] === COMMA)) i++;
    const start = i;
    while (i < end && buf[i] !== COMMA) i++;
    let stop = i;
    while (stop > start && isBlank(buf[stop - 1])) stop--;
    for (const [name, bit] of TOKENS) if (equalsLower(buf, start, stop, name)) said |= bit;
  }
  return said;
}
