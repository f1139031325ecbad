// Through an upstream proxy: asking it for a tunnel, in HTTP or in SOCKS5.
import type { Conn } from "../net/conn.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { END, FAULT, HEAD, Http1Reader, NEED } from "../wire/http1/reader.ts";
import { Socks5Client } from "../wire/socks5.ts";
import { formatAuthority } from "../wire/target.ts";
import type { Failure } from "./failures.ts";
import { proxyAuthorization, type Route, type Via } from "./route.ts";

/**
 * Asks an upstream proxy for a tunnel to the route's origin. On failure the connection is closed. What the origin said right
 * behind the proxy's answer is put back: it comes again when the connection resumes.
 */
export function connectThrough(
  conn: Conn,
  route: Route,
  via: Via,
  limits: Http1Limits,
  timeoutMs: number,
  done: (failure: Failure | null) => void,
): void {
  let settled = false;
  const settle = (failure: Failure | null, rest?: Buffer) => {
    if (settled) return;
    settled = true;
    conn.noDeadline();
    if (failure !== null) conn.destroy();
    else if (rest !== undefined) conn.unread(rest);
    done(failure);
  };
  const proxy = proxyText(via);
  const to = route.dial ?? route;
  const { first, onData } =
    via.scheme === "socks5"
      ? bySocks(conn, to, via, settle)
      : byConnect(formatAuthority({ host: to.host, port: to.port }, 0), via, limits, settle);
  if (first === null) return;
  conn.deadline(timeoutMs, () => settle({ code: "connect-timeout", message: `${proxy} did not answer in time` }));
  conn.handler = {
    onData,
    onEnd: () => settle({ code: "upstream-closed", message: `${proxy} closed the connection` }),
    onDrain() {},
    onClose: error =>
      settle({
        code: "upstream-closed",
        message: `${proxy} closed the connection${error === null ? "" : `: ${error.message}`}`,
      }),
  };
  conn.write(first);
}

export function proxyText(via: Via): string {
  return `the upstream proxy ${via.unix ?? formatAuthority({ host: via.host, port: via.port }, 0)}`;
}

type Settle = (failure: Failure | null, rest?: Buffer) => void;

interface Asking {
  /** What is said first; null where it has failed already. */
  readonly first: Buffer | null;
  onData(chunk: Buffer): void;
}

/** RFC 9110 §9.3.6. */
function byConnect(authority: string, via: Via, limits: Http1Limits, settle: Settle): Asking {
  const reader = new Http1Reader("response", limits);
  reader.expect("CONNECT");
  const proxy = proxyText(via);
  const authorization = proxyAuthorization(via);
  const credentials = authorization === "" ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  return {
    first: Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`, "latin1"),
    onData(chunk) {
      reader.push(chunk);
      for (;;) {
        const event = reader.next();
        if (event === NEED) return;
        if (event === FAULT) {
          return settle({ code: "upstream-malformed", message: `${proxy}: ${reader.fault?.message ?? ""}` });
        }
        if (event === END) continue; // of an interim answer
        if (event !== HEAD) continue;
        const head = reader.head as ResponseHead; // a response reader yields nothing else
        if (head.status >= 200 && head.status < 300) return settle(null, reader.takeRest());
        if (head.status >= 200) {
          return settle({ code: "via-refused", message: `${proxy} answered ${head.status} ${head.reason}` });
        }
      }
    },
  };
}

function bySocks(conn: Conn, to: { readonly host: string; readonly port: number }, via: Via, settle: Settle): Asking {
  const proxy = proxyText(via);
  let socks: Socks5Client;
  try {
    socks = new Socks5Client(to.host, to.port, via.login);
  } catch (error) {
    settle({ code: "via-refused", message: `${proxy}: ${error instanceof Error ? error.message : String(error)}` });
    return { first: null, onData() {} };
  }
  return {
    first: socks.greeting,
    onData(chunk) {
      const step = socks.push(chunk);
      if (step.kind === "send") conn.write(step.bytes);
      else if (step.kind === "done") settle(null, step.rest);
      else if (step.kind === "failed") settle({ code: "via-refused", message: `${proxy}: ${step.message}` });
    },
  };
}
