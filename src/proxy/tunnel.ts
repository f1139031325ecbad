// CONNECT: what becomes of the bytes behind it. Decrypted, read as plain HTTP, carried unread, or refused.
import { FLAG_TUNNEL } from "../flow/row.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { Conn } from "../net/conn.ts";
import { type ConnectPlan, decideConnect } from "../rules/decide.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { type Answer, answerHead, explain } from "./answers.ts";
import { enter } from "./door.ts";
import type { Entry } from "./entry.ts";
import type { Failure } from "./failures.ts";
import { makeRoute } from "./route.ts";
import { finishSpliced, splice } from "./splice.ts";

const ESTABLISHED = Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n", "latin1");

/** Answers a CONNECT. `rest` is what the client sent behind it without waiting. */
export function openTunnel(
  entry: Entry,
  conn: Conn,
  head: RequestHead,
  host: string,
  port: number,
  rest: Buffer,
): void {
  const plan = decide(entry, conn, host, port, null);
  const tunnel = new TunnelFlow(entry, conn, head, host, port, plan);
  if (plan.intercept === "refuse") {
    tunnel.refuse({ code: "refused-by-rule", message: plan.reason || `the rules refuse ${host}:${port}` });
    return;
  }
  if (plan.intercept === "pass") {
    tunnel.carry(rest, false, true);
    return;
  }
  conn.write(ESTABLISHED);
  enter(
    {
      entry: entry.inside({ host, port }, false),
      host,
      intercepts: hello => decide(entry, conn, host, port, hello?.sni ?? null).intercept !== "pass",
      opaque: (first, secure) => tunnel.carry(first, secure, false),
      onUnused: null,
    },
    conn,
    rest,
  );
}

function decide(entry: Entry, conn: Conn, host: string, port: number, sni: string | null): ConnectPlan {
  const { services, mode } = entry;
  const client = { address: conn.address, port: conn.port };
  const facts = { host, port, sni: sni ?? undefined, client, mode: mode.text, startedAt: services.now() };
  return decideConnect(services.program(), facts, services.ambient);
}

/** A tunnel that is a flow of its own: carried unread, refused or failed. */
class TunnelFlow {
  private readonly entry: Entry;
  private readonly conn: Conn;
  private readonly head: RequestHead;
  private readonly host: string;
  private readonly port: number;
  private readonly plan: ConnectPlan;

  constructor(entry: Entry, conn: Conn, head: RequestHead, host: string, port: number, plan: ConnectPlan) {
    this.entry = entry;
    this.conn = conn;
    this.head = head;
    this.host = host;
    this.port = port;
    this.plan = plan;
  }

  refuse(failure: Failure): void {
    const tap = this.begin();
    this.say(tap, explain(failure, this.host, false));
    tap.error(failure.code, failure.message);
    tap.finish("error");
    this.conn.linger();
  }

  /**
   * Joins the client to the host it asked for. `secure` speaks TLS with that host, since we speak it with the client;
   * `announce`: the client still waits for the answer to its CONNECT.
   */
  carry(first: Buffer, secure: boolean, announce: boolean): void {
    const { conn, entry } = this;
    const { services } = entry;
    const tap = this.begin();
    tap.flags |= FLAG_TUNNEL;
    for (const name of this.plan.rules) tap.rule(name);
    const route = makeRoute(secure, this.host, this.port, null, entry.via, secure && entry.insecure(this.host));
    const held: Buffer[] = first.length > 0 ? [first] : [];
    let clientEnded = false;
    const stop = services.connector.openTunnel(route, (failure, server) => {
      if (server === null) {
        const why = failure ?? { code: "connect-failed", message: "" };
        tap.error(why.code, why.message);
        if (announce) this.say(tap, explain(why, this.host, false));
        tap.finish("error");
        return announce ? conn.linger() : conn.reset();
      }
      tap.serverConn = server.id;
      if (announce) conn.write(ESTABLISHED);
      tap.responseHead(ESTABLISHED, 0, ESTABLISHED.length, 200, "Connection established");
      splice(conn, server, tap, services.config.limits.tunnelIdleMs, end => finishSpliced(tap, end));
      for (const bytes of held) conn.handler.onData(bytes);
      if (clientEnded) conn.handler.onEnd();
    });
    conn.handler = {
      onData(chunk) {
        held.push(chunk);
        conn.pause();
      },
      onEnd() {
        clientEnded = true;
      },
      onDrain() {},
      onClose(error) {
        stop();
        tap.error(error === null ? "client-closed" : "client-reset", "the client went away before the tunnel stood");
        tap.finish("error");
      },
    };
  }

  private begin(): FlowTap {
    const { head, entry, conn } = this;
    const tap = entry.services.recorder.begin(conn.id, entry.mode.text);
    tap.method = "CONNECT";
    tap.scheme = "https";
    tap.host = this.host;
    tap.port = this.port;
    tap.path = "";
    tap.requestHead(head.buf, head.start, head.end);
    return tap;
  }

  private say(tap: FlowTap, answer: Answer): void {
    const head = answerHead(answer, true);
    tap.responseHead(head, 0, head.length, answer.status, answer.reason);
    this.conn.write(Buffer.concat([head, answer.content]));
  }
}
