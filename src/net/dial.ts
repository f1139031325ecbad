import { connect, isIP, type Socket } from "node:net";
import { Conn, type ConnWatcher, WRITE_AHEAD } from "./conn.ts";
import type { Deadlines } from "./deadlines.ts";

/** Where to connect to. `host` is a name or an address without brackets. */
export type DialTarget = { readonly host: string; readonly port: number } | { readonly unix: string };

/** Moments of a dial, on the clock that was handed in; 0 where a step did not happen. */
export interface DialTimes {
  start: number;
  dnsEnd: number;
  connected: number;
}

/** Why a dial failed, told apart for people. */
export type DialCode =
  | "dns-not-found"
  | "dns-failed"
  | "connect-refused"
  | "connect-unreachable"
  | "connect-timeout"
  | "connect-reset"
  | "connect-failed";

export class DialError extends Error {
  readonly code: DialCode;
  constructor(code: DialCode, message: string) {
    super(message);
    this.name = "DialError";
    this.code = code;
  }
}

/** How long one address may take before the next is tried beside it (RFC 8305 §5). Milliseconds. */
const ATTEMPT_DELAY_MS = 250;

export interface Dialler {
  readonly deadlines: Deadlines;
  readonly connectMs: number;
  /** Ids for new connections. */
  nextId(): number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Hears of every dialled connection. */
  readonly watcher: ConnWatcher;
}

/**
 * Opens a connection, racing IPv6 and IPv4 (RFC 8305). `done` is called once, with the connection or with what failed.
 * Returns a function that gives up.
 */
export function dial(
  dialler: Dialler,
  target: DialTarget,
  done: (error: DialError | null, conn: Conn | null, times: DialTimes) => void,
): () => void {
  const times: DialTimes = { start: dialler.now(), dnsEnd: 0, connected: 0 };
  const unix = "unix" in target;
  const socket: Socket = unix
    ? connect({ path: target.unix, allowHalfOpen: true, ...WRITE_AHEAD })
    : connect({
        host: target.host,
        port: target.port,
        allowHalfOpen: true,
        noDelay: true,
        ...WRITE_AHEAD,
        autoSelectFamily: isIP(target.host) === 0,
        autoSelectFamilyAttemptTimeout: ATTEMPT_DELAY_MS,
      });
  let settled = false;
  const timer = setTimeout(() => {
    fail(new DialError("connect-timeout", `${targetText(target)} did not answer within ${dialler.connectMs} ms`));
  }, dialler.connectMs);
  const fail = (error: DialError) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    socket.on("error", () => {});
    socket.destroy();
    done(error, null, times);
  };
  socket.once("lookup", () => {
    times.dnsEnd = dialler.now();
  });
  const onError = (error: NodeJS.ErrnoException) => fail(explain(error, target));
  socket.once("error", onError);
  socket.once("connect", () => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    socket.off("error", onError);
    times.connected = dialler.now();
    const conn = new Conn(dialler.nextId(), "server", socket, dialler.deadlines, times.start, dialler.watcher);
    conn.name = unix ? "" : target.host;
    done(null, conn, times);
  });
  return () => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    socket.on("error", () => {});
    socket.destroy();
  };
}

export function targetText(target: DialTarget): string {
  if ("unix" in target) return target.unix;
  return target.host.includes(":") ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

function explain(error: NodeJS.ErrnoException, target: DialTarget): DialError {
  // Several addresses failed: the last one's reason is as good as any, and AggregateError has no text of its own.
  const inner =
    error instanceof AggregateError ? (error.errors.at(-1) as NodeJS.ErrnoException | undefined) : undefined;
  const code = error.code ?? inner?.code ?? "";
  const to = targetText(target);
  const host = "unix" in target ? target.unix : target.host;
  switch (code) {
    case "ENOTFOUND":
      return new DialError("dns-not-found", `the name ${host} does not exist`);
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return new DialError(
        "dns-failed",
        `the name ${host} could not be resolved (${code}): the DNS server did not answer`,
      );
    case "ECONNREFUSED":
      return new DialError("connect-refused", `${to} refused the connection: nothing listens there`);
    case "ENOENT":
      return new DialError("connect-refused", `${to} does not exist: no program listens on that socket`);
    case "EACCES":
    case "EPERM":
      return new DialError("connect-failed", `connecting to ${to} is not permitted (${code})`);
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EADDRNOTAVAIL":
      return new DialError("connect-unreachable", `there is no route to ${to} (${code})`);
    case "ETIMEDOUT":
      return new DialError("connect-timeout", `${to} did not answer`);
    case "ECONNRESET":
      return new DialError("connect-reset", `${to} reset the connection`);
    default:
      return new DialError("connect-failed", `connecting to ${to} failed: ${inner?.message ?? error.message}`);
  }
}
