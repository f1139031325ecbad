// The story of one request: where it goes, what carries it, how its answer comes back, and what is remembered of it.
// Knows its client only as a ClientStream, so that every protocol towards the client ends here.
import type { FlowTap } from "../flow/tap.ts";
import { T_FIRST_BYTE, T_SEND_END, T_SEND_START } from "../flow/timing.ts";
import type { WireError } from "../wire/error.ts";
import { cleanHead } from "../wire/http1/clean.ts";
import { CHUNKED, CLOSE, type Framing, NONE } from "../wire/http1/framing.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { persistent } from "../wire/http1/lifecycle.ts";
import { CONTENT, TRAILERS } from "../wire/http1/reader.ts";
import { type Answer, explain, wantsHtml } from "./answers.ts";
import type { ClientStream } from "./client-stream.ts";
import { authenticatesConnection } from "./connection-auth.ts";
import {
  answerTimeout,
  clientGone,
  mayBeSentAgain,
  mayStayOpen,
  requestFault,
  responseFault,
  tooManyInterim,
  UNASKED_UPGRADE,
  upstreamGone,
} from "./endings.ts";
import { type Failure, failureStatus } from "./failures.ts";
import { addRequestHead, FORWARD_AS_IT_CAME, maxForwardsOf, type RequestRewrite, rewriteFor } from "./forward.ts";
import { markConnect, noteRequest, noteResponse, noteRoute, noteSelf } from "./marks.ts";
import type { Outbox } from "./outbox.ts";
import type { Destination, Route } from "./route.ts";
import type { Services } from "./services.ts";
import { switchProtocols } from "./upgrade.ts";
import type { Upstream, UpstreamUser } from "./upstream.ts";

export class Exchange implements UpstreamUser {
  readonly tap: FlowTap;
  protected readonly client: ClientStream;
  protected readonly head: RequestHead;
  protected readonly framing: Framing;
  protected rewrite: RequestRewrite = FORWARD_AS_IT_CAME;
  /** Where it goes: the connection's next request mostly goes there too. */
  route: Route | null = null;
  protected upstream: Upstream | null = null;
  private stopConnecting: (() => void) | null = null;
  protected requestEnded = false;
  protected responseEnded = false;
  private upgradeAsked = false;
  private retried = false;
  /** The upstream connection is authenticated for this client alone. */
  private ownsUpstream = false;
  protected ended = false;
  private clientEnded = false;
  private interims = 0;
  private contentSeen = false;
  protected response: ResponseHead | null = null;
  protected responseFraming: Framing | null = null;
  protected dechunk = false;
  protected keep = false;

  constructor(client: ClientStream, head: RequestHead, framing: Framing) {
    const { services, mode } = client.entry;
    this.client = client;
    this.head = head;
    this.framing = framing;
    this.tap = services.recorder.begin(client.conn.id, mode.text);
    noteRequest(this.tap, head);
    client.entry.onFlow?.(this.tap);
  }

  /** Whether request bytes may be handed on now. */
  get ready(): boolean {
    return this.upstream !== null && !this.requestEnded;
  }

  protected get services(): Services {
    return this.client.entry.services;
  }

  /** The client has got bytes of a final answer, or will: no other can be given. */
  protected get answerBegun(): boolean {
    return this.response !== null;
  }

  run(destination: Destination): void {
    switch (destination.kind) {
      case "refuse":
        return this.fail(destination);
      case "direct":
        noteSelf(this.tap, this.client.conn, this.head.target);
        return this.answer(this.services.self.answer(this.head, null));
      case "connect":
        throw new Error("a CONNECT is a tunnel's business");
      case "forward":
        return this.forward(destination);
    }
  }

  private forward(destination: Destination & { kind: "forward" }): void {
    const { services, client } = this;
    const { route } = destination;
    this.route = route;
    noteRoute(this.tap, route, destination.target ?? this.head.target);
    services.recorder.started(this.tap);
    if (services.self.isNamed(route.host)) return this.answer(services.self.answer(this.head, route.host));
    const maxForwards = maxForwardsOf(this.head);
    if (maxForwards === 0) return this.answer(services.self.lastHop(this.head));
    this.rewrite = rewriteFor(this.head, destination, maxForwards, client.entry.mode.kind === "reverse");
    this.depart();
  }

  /** Everything about the request is decided: on its way. */
  protected depart(): void {
    const { entry } = this.client;
    const route = this.route as Route; // forward() set it
    const pinned = entry.pinned?.route.key === route.key ? entry.takePinned() : null;
    this.ownsUpstream = pinned !== null;
    const idle = pinned ?? entry.services.connector.idle(route);
    if (idle === null) this.connect();
    else this.carry(idle);
  }

  private connect(): void {
    const { services } = this.client.entry;
    this.stopConnecting = services.connector.open(this.route as Route, (failure, upstream, times) => {
      this.stopConnecting = null;
      markConnect(this.tap, times);
      if (upstream === null) return this.fail(failure ?? { code: "connect-failed", message: "" });
      this.carry(upstream);
      if (this.requestEnded) this.awaitAnswer();
      else this.client.resumeRequest();
      this.flushRequest();
    });
  }

  private carry(upstream: Upstream): void {
    this.upstream = upstream;
    const { tap } = this;
    tap.serverConn = upstream.conn.id;
    tap.mark(T_SEND_START, this.services.now());
    upstream.lease(this, this.head.method);
    this.upgradeAsked = this.writeHead(upstream.out);
  }

  /** Puts the request's head out; returns whether an Upgrade goes with it. */
  protected writeHead(out: Outbox): boolean {
    return addRequestHead(out, cleanHead(this.head), this.rewrite);
  }

  // ---- the request, from the client

  onRequestBytes(event: number, buf: Buffer, start: number, end: number): void {
    if (event === CONTENT) {
      this.contentSeen = true;
      this.tap.requestContent(buf, start, end);
    } else if (event === TRAILERS) this.tap.requestTrailers(buf, start, end);
    this.passOn(event, buf, start, end);
  }

  /** Request bytes on their way to the server. */
  protected passOn(_event: number, buf: Buffer, start: number, end: number): void {
    // After an early answer's connection is gone, the rest of the request is only read to its end.
    this.upstream?.out.add(buf, start, end);
  }

  onRequestEnd(): void {
    this.requestEnded = true;
    this.tap.mark(T_SEND_END, this.services.now());
    if (!this.responseEnded) return this.awaitAnswer();
    this.flushRequest();
    this.settleUpstream();
    this.finish();
  }

  /** By default an answer may take as long as it takes: slow servers are what people debug. */
  protected get answerMs(): number {
    return this.services.config.limits.answerMs;
  }

  private awaitAnswer(): void {
    const { answerMs, upstream } = this;
    if (answerMs === 0 || upstream === null || this.response !== null) return;
    upstream.conn.deadline(answerMs, () => this.fail(answerTimeout(upstream.route.authority, answerMs)));
  }

  /** Everything that has been read of the client is told: time to write it on. */
  flushRequest(): void {
    if (this.upstream !== null && !this.upstream.flush()) this.client.pauseRequest();
  }

  /** The request turned out malformed after its head had been accepted: it is never completed for anybody. */
  onRequestFault(fault: WireError): void {
    this.fail(requestFault(fault));
  }

  /** The client ended its side behind its whole request, and may be gone: the server is told by the same. */
  onClientEnded(): void {
    this.clientEnded = true;
    this.upstream?.conn.end();
  }

  /** The client ended its side in the middle of its request, or is gone altogether. */
  onClientGone(error: NodeJS.ErrnoException | null): void {
    if (this.ended) return;
    this.ended = true;
    this.dropUpstream(true);
    const { code, message } = clientGone(error, this.requestEnded, this.response !== null);
    this.tap.error(code, message);
    this.tap.finish("error");
  }

  onClientDrain(): void {
    this.upstream?.conn.resume();
  }

  // ---- the response, from the upstream connection

  onResponseHead(head: ResponseHead, framing: Framing): void {
    const { tap } = this;
    if (head.status === 101) return this.switchProtocols(head);
    if (head.status < 200) {
      const { interimCount } = this.services.config.limits;
      if (++this.interims > interimCount) return this.fail(tooManyInterim(interimCount));
      tap.interim(head.buf, head.start, head.end);
      // RFC 9110 §15.2: an HTTP/1.0 client does not know them.
      if (this.head.version === 11) this.client.sendHead(cleanHead(head), false);
      return;
    }
    if (this.answerMs > 0) this.upstream?.conn.noDeadline();
    tap.mark(T_FIRST_BYTE, this.services.now());
    noteResponse(tap, head);
    tap.changed();
    this.response = head;
    this.responseFraming = framing;
    this.dechunk = framing.kind === CHUNKED && (this.head.version === 10 || this.client.bare);
    this.keep = persistent(this.head, head, framing);
    this.relayHead(head);
  }

  /** The final head on its way to the client. */
  protected relayHead(head: ResponseHead): void {
    this.client.sendHead(cleanHead(head), this.dechunk);
  }

  onResponseBytes(event: number, buf: Buffer, start: number, end: number): void {
    if (event === CONTENT) this.tap.responseContent(buf, start, end);
    else if (event === TRAILERS) this.tap.responseTrailers(buf, start, end);
    this.relay(event, buf, start, end);
  }

  /** Response bytes on their way to the client. */
  protected relay(event: number, buf: Buffer, start: number, end: number): void {
    if (this.dechunk && event !== CONTENT) {
      if (event === TRAILERS) this.client.sendTrailers(buf, start, end);
      return;
    }
    this.client.sendBytes(buf, start, end);
  }

  onResponseFlush(): void {
    if (!this.client.flush()) this.upstream?.conn.pause();
  }

  onResponseEnd(): void {
    this.responseEnded = true;
    this.client.flush();
    if (this.requestEnded) {
      this.settleUpstream();
      return this.finish();
    }
    // An answer before the whole request. Where the client waits to be asked for its content it may never send it, and
    // what comes next could be content or a request: nothing more is taken (RFC 9110 §10.1.1).
    const undecided = !this.contentSeen && this.interims === 0 && this.head.fields.has("expect");
    if (!undecided && this.keep && this.responseFraming?.kind !== CLOSE) return;
    this.keep = false;
    this.requestEnded = true;
    this.dropUpstream(false);
    this.finish();
  }

  onUpstreamDrain(): void {
    if (!this.requestEnded) this.client.resumeRequest();
  }

  onResponseFault(fault: WireError): void {
    this.fail(responseFault(fault));
  }

  onUpstreamGone(error: NodeJS.ErrnoException | null): void {
    const upstream = this.upstream;
    this.upstream = null;
    if (this.responseEnded) {
      // It answered early and will not read the rest of the request.
      this.keep = false;
      return this.finish();
    }
    // Nothing of it is known to have been seen, and the connection may have been dead before.
    const again = upstream?.reused && !upstream.answered && !this.retried && this.requestEnded;
    if (again && mayBeSentAgain(this.head, this.framing)) {
      this.retried = true;
      return this.connect();
    }
    const who = this.route?.authority ?? "the server";
    this.fail(upstreamGone(who, error, this.response !== null, this.clientEnded));
  }

  // ---- endings

  /** Request and response are whole. */
  protected finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.tap.finish("complete");
    const closing = !this.keep || this.dechunk || this.responseFraming?.kind === CLOSE;
    this.client.over(closing ? "close" : "keep");
  }

  /** Gives the connection to the next exchange if it is fit for one. */
  private settleUpstream(): void {
    const upstream = this.upstream;
    if (upstream === null) return;
    this.upstream = null;
    if (upstream.reader.buffered > 0) {
      this.tap.defect("bytes-after-message");
      return upstream.destroy();
    }
    if (!this.keep || this.responseFraming?.kind === CLOSE || this.clientEnded || upstream.conn.closed) {
      return upstream.destroy();
    }
    const { entry } = this.client;
    // NTLM and Negotiate authenticate the connection, not the request: it belongs to this client from now on.
    if (this.ownsUpstream || authenticatesConnection(this.head, this.response)) entry.pin(upstream);
    else entry.services.connector.giveBack(upstream);
  }

  protected dropUpstream(byReset: boolean): void {
    this.stopConnecting?.();
    this.stopConnecting = null;
    const upstream = this.upstream;
    this.upstream = null;
    if (byReset) upstream?.reset();
    else upstream?.destroy();
  }

  protected answer(answer: Answer): void {
    this.ended = true;
    this.tap.tag("answered-by-waylay");
    this.say(answer, !this.mayStayOpen(), "complete");
  }

  /** The last of an exchange: an answer of our own. */
  private say(answer: Answer, close: boolean, state: "complete" | "error"): void {
    const { tap, client, head } = this;
    const sent = client.sendAnswer(answer, head.method === "HEAD", close);
    tap.responseHead(sent, 0, sent.length, answer.status, answer.reason);
    if (head.method !== "HEAD") tap.responseContent(answer.content, 0, answer.content.length);
    tap.finish(state);
    client.over(close ? "close" : "keep");
  }

  /** Ends the exchange in the middle, on purpose, so that the client sees it broken. */
  protected breakOff(message: string, ending: "truncate" | "reset", code = "broken-by-rule"): void {
    if (this.ended) return;
    this.ended = true;
    this.dropUpstream(true);
    this.tap.error(code, message);
    this.client.flush();
    this.tap.finish("error");
    this.client.over(ending);
  }

  /** No answer will come from the origin: say so, as far as the client can still be told. */
  fail(failure: Failure): void {
    if (this.ended) return;
    this.ended = true;
    this.dropUpstream(!this.responseEnded);
    const { tap } = this;
    tap.error(failure.defect ?? failure.code, failure.message);
    if (failure.defect !== undefined) tap.defect(failure.defect);
    if (this.answerBegun) {
      this.client.flush();
      tap.finish("error");
      return this.client.over(this.responseFraming?.kind === CLOSE || this.dechunk ? "reset" : "truncate");
    }
    const close = failureStatus(failure) < 500 || !this.mayStayOpen();
    const answer = explain(failure, this.route?.host ?? "", wantsHtml(this.head));
    this.say(answer, close, "error");
  }

  protected mayStayOpen(): boolean {
    return mayStayOpen(this.head, this.requestEnded || this.framing.kind === NONE);
  }

  private switchProtocols(head: ResponseHead): void {
    const upstream = this.upstream as Upstream; // its reader has just yielded this head
    if (!this.upgradeAsked) return this.fail(UNASKED_UPGRADE);
    this.ended = true;
    this.tap.mark(T_FIRST_BYTE, this.services.now());
    switchProtocols(this.client, upstream, head, this.tap);
  }
}
