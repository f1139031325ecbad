import type { Conn } from "../net/conn.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { END, FAULT, HEAD, Http1Reader, NEED } from "../wire/http1/reader.ts";
import { formatAuthority } from "../wire/target.ts";
import type { Failure } from "./failures.ts";
import type { Route, Via } from "./route.ts";

/** Asks an upstream proxy for a tunnel to the route's origin (RFC 9110 §9.3.6). On failure the connection is closed. */
export function connectThrough(
  conn: Conn,
  route: Route,
  via: Via,
  limits: Http1Limits,
  timeoutMs: number,
  done: (failure: Failure | null) => void,
): void {
  const authority = formatAuthority({ host: route.host, port: route.port }, 0);
  const reader = new Http1Reader("response", limits);
  reader.expect("CONNECT");
  let settled = false;
  const settle = (failure: Failure | null) => {
    if (settled) return;
    settled = true;
    conn.noDeadline();
    if (failure !== null) conn.destroy();
    done(failure);
  };
  const proxy = `the upstream proxy ${via.host}:${via.port}`;
  conn.deadline(timeoutMs, () => settle({ code: "connect-timeout", message: `${proxy} did not answer CONNECT` }));
  conn.handler = {
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
        if (head.status >= 200 && head.status < 300) {
          // A server that speaks first may have been heard already.
          conn.unread(reader.takeRest());
          return settle(null);
        }
        if (head.status >= 200) {
          return settle({ code: "via-refused", message: `${proxy} answered ${head.status} ${head.reason}` });
        }
      }
    },
    onEnd: () => settle({ code: "upstream-closed", message: `${proxy} closed the connection` }),
    onDrain() {},
    onClose: error =>
      settle({
        code: "upstream-closed",
        message: `${proxy} closed the connection${error === null ? "" : `: ${error.message}`}`,
      }),
  };
  const credentials = via.authorization === "" ? "" : `Proxy-Authorization: ${via.authorization}\r\n`;
  conn.write(Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`, "latin1"));
}
