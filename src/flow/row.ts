// A flow as one flat row: what the tap holds while it runs, what the store keeps a column for, and what a summary is made of.
// One function makes the summary, so that live events and the stored session cannot tell different stories.
import type { ConnFacts, FlowError, FlowState, FlowSummary, Timings } from "./model.ts";

// Bits of `flags`: what a flow is, beyond its state.
export const FLAG_WEBSOCKET = 1;
export const FLAG_REPLAYED = 2;
export const FLAG_MODIFIED = 4;
export const FLAG_INTERCEPTED = 8;
/** Bytes were carried through unread; only their counts are known. */
export const FLAG_TUNNEL = 16;

/** In the order of their numbers in the store. */
export const STATES: readonly FlowState[] = ["active", "complete", "error", "intercepted"];

// HTTP versions as the codec gives them; 0 is "not known".
export const HTTP_UNKNOWN = 0;
export const HTTP_10 = 10;
export const HTTP_11 = 11;
export const HTTP_2 = 20;

export interface FlowRow {
  readonly id: number;
  readonly state: FlowState;
  readonly startedAt: number;
  /** Milliseconds; NaN while active. */
  readonly duration: number;
  readonly mode: string;
  /** `http`, `https`, …; "" for what is only a tunnel. */
  readonly scheme: string;
  readonly method: string;
  /** Without port and without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query as received. */
  readonly path: string;
  /** 0 as long as there is none. */
  readonly status: number;
  readonly reason: string;
  readonly contentType: string;
  readonly clientVersion: number;
  readonly serverVersion: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Connection ids; 0 is none. */
  readonly clientConn: number;
  readonly serverConn: number;
  readonly flags: number;
  readonly timings: Timings;
  readonly extra: Extra | null;
}

/** What few flows have; kept as JSON. */
export interface Extra {
  error?: FlowError;
  rules?: string[];
  defects?: string[];
  /** What people should know of it: an edit that could not be made, say. */
  notes?: string[];
  tags?: string[];
  comment?: string;
  color?: string;
  websocket?: Record<string, unknown>;
  packets?: Record<string, number>;
  /** Bytes of the content as received, where it was changed on the way. */
  originalBytes?: { request?: number; response?: number };
}

/** The summary of a row, given the facts of its connections. */
export function summaryOf(row: FlowRow, client: ConnFacts | undefined, server: ConnFacts | undefined): FlowSummary {
  const { extra, flags } = row;
  return {
    id: row.id,
    state: row.state,
    startedAt: row.startedAt,
    duration: row.duration >= 0 ? row.duration : null,
    client: client ? clientEnd(client) : null,
    server: server ? { address: server.address, port: server.port, name: server.name ?? "" } : null,
    mode: row.mode,
    scheme: row.scheme,
    method: row.method,
    host: row.host,
    port: row.port,
    authority: authorityOf(row),
    path: row.path,
    url: urlOf(row),
    httpVersion: { client: versionName(row.clientVersion), server: versionName(row.serverVersion) },
    status: row.status || null,
    reason: row.status ? row.reason : null,
    requestBytes: row.requestBytes,
    responseBytes: row.responseBytes,
    contentType: row.contentType || null,
    tls: { client: client?.tls ?? null, server: server?.tls ?? null },
    timings: row.timings,
    rules: extra?.rules ?? [],
    defects: extra?.defects ?? [],
    ...(extra?.notes === undefined ? {} : { notes: extra.notes }),
    error: extra?.error ?? null,
    tags: extra?.tags ?? [],
    comment: extra?.comment ?? "",
    color: extra?.color ?? "",
    connection: { client: row.clientConn || null, server: row.serverConn || null },
    ...(flags & FLAG_TUNNEL ? { tunnel: true as const } : {}),
    ...(flags & FLAG_REPLAYED ? { replayed: true as const } : {}),
    ...(flags & FLAG_MODIFIED ? { modified: true as const } : {}),
    ...(flags & FLAG_INTERCEPTED ? { intercepted: true as const } : {}),
    ...(flags & FLAG_WEBSOCKET ? { websocket: extra?.websocket ?? (true as const) } : {}),
    ...(extra?.packets ? { packets: extra.packets } : {}),
  };
}

/** host:port, the port only where it is not the scheme's own; always for CONNECT, whose target it is. */
export function authorityOf(row: Pick<FlowRow, "host" | "port" | "scheme" | "method">): string {
  const host = row.host.includes(":") ? `[${row.host}]` : row.host;
  if (row.port === 0 || (row.method !== "CONNECT" && row.port === DEFAULT_PORTS[row.scheme])) return host;
  return `${host}:${row.port}`;
}

/** An `OPTIONS *` has no path of its own, a tunnel no scheme, a refused request perhaps no host. */
export function urlOf(row: Pick<FlowRow, "host" | "port" | "scheme" | "method" | "path">): string {
  const authority = authorityOf(row);
  if (authority === "") return row.path;
  if (row.scheme === "" || row.method === "CONNECT") return authority;
  return `${row.scheme}://${authority}${row.path.startsWith("/") ? "" : "/"}${row.path}`;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

export function versionName(version: number): string | null {
  switch (version) {
    case HTTP_10:
      return "1.0";
    case HTTP_11:
      return "1.1";
    case HTTP_2:
      return "2";
    default:
      return null;
  }
}

function clientEnd(client: ConnFacts): NonNullable<FlowSummary["client"]> {
  const { address, port, process } = client;
  return process === undefined ? { address, port } : { address, port, process };
}
