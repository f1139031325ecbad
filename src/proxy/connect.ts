import type { Recorder } from "../flow/recorder.ts";
import { type Conn, DISCARD } from "../net/conn.ts";
import { type Dialler, type DialTarget, dial } from "../net/dial.ts";
import type { ClientTls } from "../net/tls-client.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { Http1Reader } from "../wire/http1/reader.ts";
import { connFacts } from "./facts.ts";
import type { Failure } from "./failures.ts";
import { Pool } from "./pool.ts";
import { isAskedThroughProxy, type Route, type Via } from "./route.ts";
import { Upstream } from "./upstream.ts";
import { connectThrough, proxyText } from "./via.ts";

/** Moments of getting a connection, in milliseconds since the epoch; 0 where a step did not happen. */
export interface ConnectTimes {
  start: number;
  dnsEnd: number;
  connectEnd: number;
  tlsEnd: number;
}

export interface ConnectorSettings {
  readonly dialler: Dialler;
  readonly clientTls: ClientTls;
  readonly recorder: Recorder;
  readonly httpLimits: Http1Limits;
  readonly tlsHandshakeMs: number;
  readonly poolIdleMs: number;
  readonly poolPerRoute: number;
  readonly poolTotal: number;
  /** Is this address and port one that we listen on ourselves? */
  isSelf(address: string, port: number): boolean;
}

type RawDone = (failure: Failure | null, conn: Conn | null, times: ConnectTimes) => void;

/** Makes connections to origins, and keeps those that are free. */
export class Connector {
  private readonly settings: ConnectorSettings;
  private readonly pool: Pool;

  constructor(settings: ConnectorSettings) {
    this.settings = settings;
    this.pool = new Pool(settings.poolPerRoute, settings.poolTotal);
  }

  /** An idle connection for the route, or null. */
  idle(route: Route): Upstream | null {
    return this.pool.take(route);
  }

  /** Gives a connection back for others. */
  giveBack(upstream: Upstream): void {
    upstream.release();
    upstream.conn.deadline(this.settings.poolIdleMs, () => {
      this.pool.remove(upstream);
      upstream.destroy();
    });
    if (!this.pool.put(upstream)) upstream.destroy();
  }

  /** A new connection that speaks HTTP/1.1 with the route's origin. Returns a function that gives up. */
  open(
    route: Route,
    done: (failure: Failure | null, upstream: Upstream | null, times: ConnectTimes) => void,
  ): () => void {
    return this.openRaw(route, ALPN_HTTP1, (failure, conn, times) => {
      if (conn === null) return done(failure, null, times);
      const reader = new Http1Reader("response", this.settings.httpLimits);
      done(null, new Upstream(conn, route, reader, gone => this.pool.remove(gone)), times);
    });
  }

  /** A connection for bytes that are not ours to understand: any TLS on it agrees on no protocol. */
  openTunnel(route: Route, done: (failure: Failure | null, conn: Conn | null) => void): () => void {
    return this.openRaw(route, [], done, true);
  }

  /** A connection to the route's origin, through the proxy and TLS on the way, speaking nothing yet. */
  private openRaw(route: Route, alpn: readonly string[], done: RawDone, tunnel = false): () => void {
    const { clientTls } = this.settings;
    const { connectMs } = route;
    const dialler = connectMs === null ? this.settings.dialler : { ...this.settings.dialler, connectMs };
    const handshakeMs = connectMs ?? this.settings.tlsHandshakeMs;
    const times: ConnectTimes = { start: 0, dnsEnd: 0, connectEnd: 0, tlsEnd: 0 };
    let current: Conn | null = null;
    let cancelled = false;
    const fail = (failure: Failure) => {
      if (!cancelled) done(failure, null, times);
    };
    const ready = (conn: Conn) => {
      conn.handler = DISCARD;
      this.settings.recorder.conn(connFacts(conn));
      done(null, conn, times);
    };
    const secure = (conn: Conn) => {
      if (!route.secure) return ready(conn);
      const options = { insecure: route.insecure, sni: route.sni, alpn, handshakeMs, terms: route.terms };
      clientTls.start(conn, route.host, options, error => {
        times.tlsEnd = dialler.now();
        if (cancelled) return conn.destroy();
        if (error === null) ready(conn);
        else fail({ code: error.code, message: `${route.authority}: ${error.message}` });
      });
    };
    const through = (conn: Conn, via: Via) => {
      if (isAskedThroughProxy(route) && !tunnel) return ready(conn);
      conn.name = route.host;
      connectThrough(conn, route, via, this.settings.httpLimits, dialler.connectMs, failure => {
        if (cancelled) return conn.destroy();
        if (failure === null) secure(conn);
        else fail(failure);
      });
    };
    const secureProxy = (conn: Conn, via: Via) => {
      const options = { insecure: via.insecure, sni: null, alpn: ALPN_HTTP1, handshakeMs, terms: null };
      clientTls.start(conn, via.host, options, error => {
        if (cancelled) return conn.destroy();
        if (error === null) through(conn, via);
        else fail({ code: error.code, message: `${proxyText(via)}: ${error.message}` });
      });
    };
    const stop = dial(dialler, dialTarget(route), (error, conn, dialTimes) => {
      times.start = dialTimes.start;
      times.dnsEnd = dialTimes.dnsEnd;
      times.connectEnd = dialTimes.connected;
      if (conn === null) {
        return fail({ code: error?.code ?? "connect-failed", message: error?.message ?? "" });
      }
      current = conn;
      if (this.settings.isSelf(conn.address, conn.port) && route.unix === null) {
        conn.destroy();
        return fail({ code: "proxy-loop", message: `${route.authority} is waylay itself` });
      }
      if (route.via === null) return secure(conn);
      if (route.via.scheme === "https") secureProxy(conn, route.via);
      else through(conn, route.via);
    });
    return () => {
      cancelled = true;
      stop();
      current?.destroy();
    };
  }

  close(): void {
    this.pool.clear();
  }
}

const ALPN_HTTP1 = ["http/1.1"] as const;

function dialTarget(route: Route): DialTarget {
  if (route.unix !== null) return { unix: route.unix };
  if (route.via === null) return route.dial ?? { host: route.host, port: route.port };
  return route.via.unix === null ? { host: route.via.host, port: route.via.port } : { unix: route.via.unix };
}
