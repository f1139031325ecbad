// CONNECT: what becomes of the bytes behind it. Decrypted, read as plain HTTP, carried unread, or refused.
import { FLAG_TUNNEL } from "../flow/row.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { Conn } from "../net/conn.ts";
import { type ConnectPlan, decideConnect } from "../rules/decide.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { type Answer, answerHead, explain } from "./answers.ts";
import { reroute } from "./detour.ts";
import { enter } from "./door.ts";
import type { Entry } from "./entry.ts";
import type { Failure } from "./failures.ts";
import { makeRoute, type Route } from "./route.ts";
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
  const decide = decider(entry, conn, host, port);
  const tunnel = new TunnelFlow(entry, conn, head, host, port, decide(null));
  if (tunnel.plan.intercept === "refuse") return tunnel.refuse(true);
  if (tunnel.plan.intercept === "pass") return tunnel.carry(rest, false, true);
  conn.write(ESTABLISHED);
  enter(
    {
      entry: entry.inside({ host, port }, false),
      host,
      intercepts: hello => {
        tunnel.plan = decide(hello?.sni ?? null);
        return tunnel.plan.intercept === "decrypt";
      },
      opaque: (first, secure) => {
        if (tunnel.plan.intercept === "refuse") tunnel.refuse(false);
        else tunnel.carry(first, secure, false);
      },
      onUnused: null,
    },
    conn,
    rest,
  );
}

/** Decides on one tunnel, with the rules in force when it began: at its CONNECT, and again when the client hello has come. */
function decider(entry: Entry, conn: Conn, host: string, port: number): (sni: string | null) => ConnectPlan {
  const { services, mode } = entry;
  const program = services.program();
  const asked = new Map<string, number>();
  const client = { address: conn.address, port: conn.port };
  const startedAt = services.now();
  return sni => {
    const facts = { host, port, sni: sni ?? undefined, client, mode: mode.text, startedAt };
    return decideConnect(program, facts, services.ambient, asked);
  };
}

/** A tunnel that is a flow of its own: carried unread, refused or failed. */
class TunnelFlow {
  private readonly entry: Entry;
  private readonly conn: Conn;
  private readonly head: RequestHead;
  private readonly host: string;
  private readonly port: number;
  /** Decided again when the client hello is there. */
  plan: ConnectPlan;

  constructor(entry: Entry, conn: Conn, head: RequestHead, host: string, port: number, plan: ConnectPlan) {
    this.entry = entry;
    this.conn = conn;
    this.head = head;
    this.host = host;
    this.port = port;
    this.plan = plan;
  }

  /** `announce`: the client still waits for the answer to its CONNECT; later it can only be cut off. */
  refuse(announce: boolean): void {
    const failure: Failure = { code: "refused-by-rule", message: `refused by ${this.plan.reason}` };
    const tap = this.begin();
    for (const name of this.plan.rules) tap.rule(name);
    if (announce) this.say(tap, explain(failure, this.host, false));
    tap.error(failure.code, failure.message);
    tap.finish("error");
    if (announce) this.conn.linger();
    else this.conn.reset();
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
    if (this.plan.reason !== "") tap.note(`not decrypted: ${this.plan.reason}`);
    const route = this.route(secure);
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

  private route(secure: boolean): Route {
    const { entry, plan } = this;
    const route = makeRoute(secure, this.host, this.port, null, entry.via, secure && entry.insecure(this.host));
    if (plan.connection === null) return route;
    const { dial, upstream, sni, insecure } = plan.connection;
    return reroute(route, entry, { dial, upstream, sni, insecure });
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
