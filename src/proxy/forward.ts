// Heads on their way out: the very bytes that came, but for the lines that a proxy must take out or replace.
import {
  F_CONNECTION,
  F_HOST,
  F_HTTP2_SETTINGS,
  F_KEEP_ALIVE,
  F_MAX_FORWARDS,
  F_PROXY_AUTHENTICATE,
  F_PROXY_AUTHORIZATION,
  F_PROXY_CONNECTION,
  F_TE,
  F_TRAILER,
  F_TRANSFER_ENCODING,
  F_UPGRADE,
  type Fields,
} from "../wire/http1/fields.ts";
import type { Head, RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { type Hop, hopOf, isFraming } from "./hop.ts";
import type { Outbox } from "./outbox.ts";
import { isAskedThroughProxy, proxyAuthorization, type Route } from "./route.ts";

/** What replaces parts of a request's head. */
export interface RequestRewrite {
  /** The new target; null keeps the request line as it came. */
  readonly target: string | null;
  /** The new Host; null keeps it as it came. */
  readonly host: string | null;
  /** One less than came, for TRACE and OPTIONS (RFC 9110 §7.6.2); null keeps it. */
  readonly maxForwards: string | null;
  /** Proxy-Authorization was meant for us, not for the next proxy. */
  readonly dropProxyAuthorization: boolean;
  /** A Proxy-Authorization to add, for the next proxy; "" adds none. */
  readonly proxyAuthorization: string;
}

export const FORWARD_AS_IT_CAME: RequestRewrite = {
  target: null,
  host: null,
  maxForwards: null,
  dropProxyAuthorization: true,
  proxyAuthorization: "",
};

/** The hops that a TRACE or OPTIONS may still take (RFC 9110 §7.6.2); null where the field says nothing. */
export function maxForwardsOf(head: RequestHead): number | null {
  if (head.method !== "OPTIONS" && head.method !== "TRACE") return null;
  const value = head.fields.get("max-forwards") ?? "";
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}

/** What a request's head needs on its way to `destination`; nothing at all in the common case. */
export function rewriteFor(
  head: RequestHead,
  destination: { readonly route: Route; readonly target: string | null; readonly host: string | null },
  maxForwards: number | null,
  reverse: boolean,
): RequestRewrite {
  const { route, target, host } = destination;
  // A proxy on the way to a plain origin is told the whole target (RFC 9112 §3.2.2).
  const viaPlain = isAskedThroughProxy(route);
  if (target === null && host === null && maxForwards === null && !viaPlain && !reverse) return FORWARD_AS_IT_CAME;
  return {
    target: viaPlain ? `http://${route.authority}${target ?? head.target}` : target,
    host,
    maxForwards: maxForwards === null ? null : String(maxForwards - 1),
    // Behind a reverse proxy it is the origin's own affair.
    dropProxyAuthorization: !reverse,
    proxyAuthorization: viaPlain ? proxyAuthorization(route.via) : "",
  };
}

/** Puts a request's head out. Returns whether an Upgrade goes on with it. */
export function addRequestHead(out: Outbox, head: RequestHead, rewrite: RequestRewrite): boolean {
  const { fields } = head;
  const hop = hopOf(fields);
  const lines = new Lines(out, head);
  if (rewrite.target !== null) {
    lines.replaceStart(`${head.method} ${rewrite.target} ${head.version === 10 ? "HTTP/1.0" : "HTTP/1.1"}\r\n`);
  }
  if (rewrite.host !== null && !fields.has("host")) lines.insert(`Host: ${rewrite.host}\r\n`);
  let connectionSeen = false;
  for (let i = 0; i < fields.count; i++) {
    switch (fields.id(i)) {
      case F_HOST:
        if (rewrite.host !== null) lines.replaceValue(i, rewrite.host);
        break;
      case F_PROXY_CONNECTION:
      case F_KEEP_ALIVE:
        lines.drop(i);
        break;
      case F_PROXY_AUTHORIZATION:
        if (rewrite.dropProxyAuthorization) lines.drop(i);
        break;
      case F_MAX_FORWARDS:
        if (rewrite.maxForwards !== null) lines.replaceValue(i, rewrite.maxForwards);
        break;
      case F_HTTP2_SETTINGS:
        lines.drop(i);
        break;
      default:
        connectionSeen = addHopField(lines, fields, i, hop, connectionSeen);
    }
  }
  if (rewrite.proxyAuthorization !== "") lines.append(`Proxy-Authorization: ${rewrite.proxyAuthorization}\r\n`);
  lines.rest();
  return hop.upgrade;
}

/** Puts a response's head out. `dechunk`: the client speaks HTTP/1.0, which knows neither chunks nor trailers. */
export function addResponseHead(out: Outbox, head: ResponseHead, dechunk: boolean): void {
  const { fields } = head;
  const hop = hopOf(fields);
  const lines = new Lines(out, head);
  let connectionSeen = false;
  for (let i = 0; i < fields.count; i++) {
    switch (fields.id(i)) {
      case F_PROXY_CONNECTION:
      case F_KEEP_ALIVE:
      case F_PROXY_AUTHENTICATE:
        lines.drop(i);
        break;
      case F_UPGRADE:
        // A 426 names what it wants, and a 101 what it switched to: both are for the client.
        break;
      case F_TRANSFER_ENCODING:
      case F_TRAILER:
        if (dechunk) lines.drop(i);
        break;
      case F_CONNECTION:
        if (head.status === 101 || head.status === 426) break;
        connectionSeen = addHopField(lines, fields, i, hop, connectionSeen);
        break;
      default:
        connectionSeen = addHopField(lines, fields, i, hop, connectionSeen);
    }
  }
  lines.rest();
}

function addHopField(lines: Lines, fields: Fields, i: number, hop: Hop, connectionSeen: boolean): boolean {
  const id = fields.id(i);
  if (id === F_CONNECTION) {
    if (hop.connection === null) return true;
    if (connectionSeen || hop.connection === "") lines.drop(i);
    else lines.replaceValue(i, hop.connection);
    return true;
  }
  if (id === F_TE) {
    if (hop.te === "") lines.drop(i);
    else if (hop.te !== null) lines.replaceValue(i, hop.te);
  } else if (id === F_UPGRADE) {
    if (!hop.upgrade) lines.drop(i);
  } else if (hop.nominated !== null && !isFraming(id) && hop.nominated.has(fields.name(i).toLowerCase())) {
    lines.drop(i);
  }
  return connectionSeen;
}

/** Copies a head line by line without touching what nobody asked to change. */
class Lines {
  private readonly out: Outbox;
  private readonly head: Head;
  private from: number;

  constructor(out: Outbox, head: Head) {
    this.out = out;
    this.head = head;
    this.from = head.start;
  }

  replaceStart(line: string): void {
    this.insertText(line);
    this.from = this.head.lineEnd;
  }

  /** Puts a line right after the start line. */
  insert(line: string): void {
    this.out.add(this.head.buf, this.from, this.head.lineEnd);
    this.insertText(line);
    this.from = this.head.lineEnd;
  }

  drop(i: number): void {
    const { fields, buf } = this.head;
    this.out.add(buf, this.from, fields.lineStart(i));
    this.from = fields.lineEnd(i);
  }

  /** A new value; the name, its case and the spacing stay. */
  replaceValue(i: number, value: string): void {
    const { fields, buf } = this.head;
    this.out.add(buf, this.from, fields.valueStart(i));
    this.insertText(value);
    this.from = fields.valueEnd(i);
  }

  /** Puts a line before the empty one. */
  append(line: string): void {
    const { end, buf } = this.head;
    this.out.add(buf, this.from, end - 2);
    this.insertText(line);
    this.from = end - 2;
  }

  rest(): void {
    this.out.add(this.head.buf, this.from, this.head.end);
  }

  private insertText(text: string): void {
    this.out.addAll(Buffer.from(text, "latin1"));
  }
}
