// What the flow table's columns hold, read back. The inverse of writer's fillRow.
import { type Extra, type FlowRow, STATES } from "../row.ts";
import { timingsFrom } from "../timing.ts";

/** A row as SQLite gives it. */
export interface StoredRow {
  readonly id: number;
  readonly state: number;
  readonly started: number;
  readonly duration: number | null;
  readonly mode: string | null;
  readonly scheme: string | null;
  readonly method: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly type: string | null;
  readonly client_version: number | null;
  readonly server_version: number | null;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly client: number | null;
  readonly server: number | null;
  readonly flags: number;
  readonly place: number;
  readonly timings: string | null;
  readonly extra: string | null;
}

export function flowRowOf(stored: StoredRow): FlowRow {
  return {
    id: stored.id,
    state: STATES[stored.state] ?? "error",
    startedAt: stored.started,
    duration: stored.duration ?? NaN,
    mode: stored.mode ?? "",
    scheme: stored.scheme ?? "",
    method: stored.method ?? "",
    host: stored.host ?? "",
    port: stored.port ?? 0,
    path: stored.path ?? "",
    status: stored.status ?? 0,
    reason: stored.reason ?? "",
    contentType: stored.type ?? "",
    clientVersion: stored.client_version ?? 0,
    serverVersion: stored.server_version ?? 0,
    requestBytes: stored.request_bytes,
    responseBytes: stored.response_bytes,
    clientConn: stored.client ?? 0,
    serverConn: stored.server ?? 0,
    flags: stored.flags,
    timings: timingsFrom((stored.timings ?? "").split(",").map(Number)),
    extra: stored.extra === null ? null : (JSON.parse(stored.extra) as Extra), // written by Batch.add
  };
}
