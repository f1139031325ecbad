import type { FlowTap } from "../flow/tap.ts";
import { T_CONNECT_END, T_CONNECT_START, T_DNS_END, T_DNS_START, T_TLS_END, T_TLS_START } from "../flow/timing.ts";
import type { ConnectTimes } from "./connect.ts";

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
