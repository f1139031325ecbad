// What an exchange puts on its flow as it learns it.
import type { FlowTap } from "../flow/tap.ts";
import { T_CONNECT_END, T_CONNECT_START, T_DNS_END, T_DNS_START, T_TLS_END, T_TLS_START } from "../flow/timing.ts";
import type { Conn } from "../net/conn.ts";
import { F_CONTENT_TYPE } from "../wire/http1/fields.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import type { ConnectTimes } from "./connect.ts";
import type { Route } from "./route.ts";

/** Puts the moments of getting a connection on the flow that waited for it. */
export function markConnect(tap: FlowTap, times: ConnectTimes): void {
  if (times.dnsEnd > 0) {
    tap.mark(T_DNS_START, times.start);
    tap.mark(T_DNS_END, times.dnsEnd);
  }
  if (times.connectEnd > 0) {
    tap.mark(T_CONNECT_START, times.dnsEnd > 0 ? times.dnsEnd : times.start);
    tap.mark(T_CONNECT_END, times.connectEnd);
  }
  if (times.tlsEnd > 0) {
    tap.mark(T_TLS_START, times.connectEnd);
    tap.mark(T_TLS_END, times.tlsEnd);
  }
}

export function noteRequest(tap: FlowTap, head: RequestHead): void {
  tap.method = head.method;
  tap.clientVersion = head.version;
  tap.requestHead(head.buf, head.start, head.end);
  for (const defect of head.defects) tap.defect(defect);
}

/** `target` in the form in which it goes to the origin. */
export function noteRoute(tap: FlowTap, route: Route, target: string): void {
  tap.scheme = route.secure ? "https" : "http";
  tap.host = route.host;
  tap.port = route.port;
  tap.path = target;
}

export function noteResponse(tap: FlowTap, head: ResponseHead): void {
  tap.responseHead(head.buf, head.start, head.end, head.status, head.reason);
  tap.serverVersion = head.version;
  const type = head.fields.indexOfId(F_CONTENT_TYPE);
  tap.contentType = type < 0 ? "" : head.fields.value(type);
  for (const defect of head.defects) tap.defect(defect);
}

/** Somebody opened the proxy's own address. */
export function noteSelf(tap: FlowTap, conn: Conn, target: string): void {
  tap.scheme = "http";
  tap.host = conn.localAddress;
  tap.port = conn.localPort;
  tap.path = target;
}
