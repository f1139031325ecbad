// An exchange while rules are loaded or a breakpoint is set: the same story, with the plans of src/rules and the verdicts of people
// carried out at its turns. What a rule or a person must see whole is held back up to a limit; everything else streams as it would
// without them.
import { setTimeout as sleep } from "node:timers/promises";
import { readClientCertificate } from "../net/client-certificate.ts";
import {
  decideRequest,
  decideResponse,
  EMPTY_PLAN,
  EMPTY_RESPONSE_PLAN,
  type Plan,
  type Program,
  type RequestFacts,
  type ResponseFacts,
  type ResponsePlan,
} from "../rules/decide.ts";
import { withFiles } from "../rules/edit/body.ts";
import { editHead, type HeadOp } from "../rules/edit/head.ts";
import { hasEditableContent } from "../rules/edit/settle.ts";
import { subjectOf } from "../rules/facts.ts";
import type { ConnectionPlan, Fault, FlowPlan, Redaction } from "../rules/plan.ts";
import { redactTarget } from "../rules/redact.ts";
import { renderAnswer } from "../rules/render.ts";
import { cleanHead } from "../wire/http1/clean.ts";
import { type Framing, LENGTH, NONE } from "../wire/http1/framing.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../wire/http1/head-parser.ts";
import { persistent } from "../wire/http1/lifecycle.ts";
import { CONTENT } from "../wire/http1/reader.ts";
import type { ClientStream } from "./client-stream.ts";
import { editContent, textForRules } from "./content-edit.ts";
import { reroute } from "./detour.ts";
import { Exchange } from "./exchange.ts";
import { addRequestHead } from "./forward.ts";
import { Held } from "./held.ts";
import { type Breakpoint, GO_ON, type Paused, type Turn, type Verdict } from "./hold.ts";
import type { EditedMessage } from "./message-edit.ts";
import type { Outbox } from "./outbox.ts";
import { Pacer } from "./pacer.ts";
import { isAskedThroughProxy, proxyAuthorization, type Route } from "./route.ts";
import { RuleScrubber } from "./scrub.ts";
import { askAtRequest, askAtResponse, type ScriptScene, urlUnder, wantContent } from "./script-turn.ts";
import { Tamper } from "./tamper.ts";

export class RuledExchange extends Exchange {
  private readonly program: Program;
  private facts: RequestFacts | null = null;
  private plan: Plan = EMPTY_PLAN;
  private responsePlan: ResponsePlan = EMPTY_RESPONSE_PLAN;
  /** The request's content, until the plan for it is carried out. */
  private held: Held | null = null;
  private whenHeld: (() => void) | null = null;
  private sentHead: RequestHead;
  /** Replaces the request's content. */
  private sentContent: Buffer | null = null;
  /** The response's content, until the plan for it is carried out. */
  private back: Held | null = null;
  private backHead: ResponseHead | null = null;
  private backWhole = false;
  private backBegun = false;
  private finishWaits = false;
  private down: Pacer | null = null;
  private up: Pacer | null = null;
  /** The request has been read to its end, but not all of it has gone up a slow line. */
  private uploadEnds = false;
  /** A rule keeps the answer back for ever. */
  private hangs = false;
  private tamper: Tamper | null = null;
  private scrubber: RuleScrubber | null = null;
  /** At a breakpoint. */
  private paused: Paused | null = null;
  /** A person gave the answer: it is not shown to people again. */
  private answeredByHand = false;

  constructor(client: ClientStream, head: RequestHead, framing: Framing, program: Program) {
    super(client, head, framing);
    this.program = program;
    this.sentHead = head;
  }

  override get ready(): boolean {
    if (this.uploadEnds) return false;
    return this.held === null ? super.ready : this.held.open && !this.requestEnded;
  }

  protected override get answerMs(): number {
    return this.plan.connection?.timeouts?.answer ?? super.answerMs;
  }

  protected override get answerBegun(): boolean {
    return super.answerBegun && this.back === null;
  }

  // ---- the request

  protected override depart(): void {
    const facts = this.factsNow();
    this.facts = facts;
    const plan = decideRequest(this.program, facts, this.services.ambient);
    if (plan === EMPTY_PLAN && this.breaksAt("request", undefined) === null) return super.depart();
    this.plan = plan;
    if (plan.needsBody > 0) {
      // Until the rules have seen the content, one of them may still want it redacted.
      this.scrubber = new RuleScrubber(this.services.httpLimits);
      this.tap.scrubWith(this.scrubber, this.tap.path);
      return this.hold(plan.needsBody, () => this.decideWithBody());
    }
    this.decided();
  }

  /** Keeps the request's content back until it is whole or too long; at once where there is none. */
  private hold(limitBytes: number, then: () => void): void {
    if (this.framing.kind === NONE) return then();
    this.held = new Held(limitBytes);
    this.whenHeld = then;
  }

  private decideWithBody(): void {
    const held = this.held;
    const known = held !== null && !held.overflowed;
    if (held?.overflowed)
      this.note(`body terms saw nothing: the request's content is longer than ${this.plan.needsBody} bytes`);
    const bodyText = known ? textForRules(this.head.fields, held.content(), this.program.bodyLimit) : "";
    this.plan = decideRequest(this.program, { ...(this.facts as RequestFacts), bodyText }, this.services.ambient);
    this.decided();
  }

  private decided(): void {
    const { plan } = this;
    for (const name of plan.rules) this.tap.rule(name);
    if (plan.flow !== null) this.noteFlow(plan.flow);
    const wantsContent =
      plan.body.length > 0 ||
      plan.answer?.content.kind === "echo" ||
      this.breaksAt("request", undefined) !== null ||
      wantContent(plan.scripts, "request", this.services.scripts);
    if (wantsContent && this.held === null) {
      return this.hold(this.program.bodyLimit, () => this.carryOut(this.actOnRequest()));
    }
    this.carryOut(this.actOnRequest());
  }

  private async actOnRequest(): Promise<void> {
    if (this.plan.scripts.length > 0 && this.plan.answer === null) {
      const { held } = this;
      const content = this.framing.kind === NONE ? NO_BYTES : held === null || held.overflowed ? null : held.content();
      this.plan = await askAtRequest(this.scriptScene(), this.plan, this.head, content);
      if (this.ended) return;
    }
    const { plan } = this;
    const { connection } = plan;
    if (connection?.delayMs) await sleep(connection.delayMs);
    if (this.ended) return;
    if (connection?.fault !== undefined && this.breaks(connection.fault)) return;
    if (plan.answer === null && connection !== null) await this.takeDetour(connection);
    if (this.ended) return;
    if (connection !== null) this.useLine(connection);
    if (plan.answer !== null) return this.answerInstead();
    const { rewrite, route } = this;
    await this.editRequest();
    if (this.ended) return;
    const verdict = await this.pauseRequest();
    if (this.ended || this.endsHere(verdict)) return;
    if (verdict.kind === "undo") {
      Object.assign(this, { rewrite, route });
      this.sentHead = this.head;
      this.sentContent = null;
    } else if (verdict.edited !== null) this.useEdited(verdict.edited);
    this.tellSentRequest();
    super.depart();
    if (this.upstream === null) return; // on its way: connect() goes on from there
    if (!this.requestEnded) this.client.resumeRequest();
    this.flushRequest();
  }

  private async editRequest(): Promise<void> {
    const { plan, head, held } = this;
    let ops: readonly HeadOp[] = plan.head;
    if (ops.length > 0) this.sentHead = this.reparseRequest(editHead(head, ops));
    if (plan.body.length > 0 && held?.overflowed) {
      this.note(`the request's content was not edited: it is longer than ${this.program.bodyLimit} bytes`);
    } else if (plan.body.length > 0) {
      const content = held?.content() ?? NO_BYTES;
      const bodyOps = await withFiles(plan.body, path => this.readWhole(path));
      const edited = editContent(this.sentHead, content, bodyOps, this.program.bodyLimit);
      for (const note of edited.notes) this.note(note);
      if (edited.content !== null) {
        this.sentContent = edited.content;
        ops = [...ops, ...edited.head];
        this.sentHead = this.reparseRequest(editHead(head, ops));
      }
    }
    this.useWay(ops);
  }

  /** For the record: what goes on instead of what was received. */
  private tellSentRequest(): void {
    const { sentHead, sentContent } = this;
    if (sentContent !== null) this.tap.sent("request").content(sentContent, 0, sentContent.length);
    if (sentHead !== this.head) this.tap.sent("request").head(sentHead.buf, sentHead.start, sentHead.end);
  }

  private reparseRequest(bytes: Buffer): RequestHead {
    // What no client may send, no rule may either: the codec reads it again (wire.md).
    return parseRequestHead(bytes, 0, bytes.length, this.services.httpLimits);
  }

  private useWay(ops: readonly HeadOp[]): void {
    if (this.plan.route !== null) this.route = reroute(this.route as Route, this.client.entry, this.plan.route);
    const target = ops.findLast((op): op is HeadOp & { kind: "target" } => op.kind === "target");
    const host = ops.some(op => (op.kind === "set" || op.kind === "add") && op.name.toLowerCase() === "host");
    this.readdress(target?.value ?? null, host);
  }

  /** What start line and Host must say of where it goes now. An edited target or Host stands in the head already. */
  private readdress(target: string | null, hostEdited: boolean): void {
    const route = this.route as Route; // depart() is called with one
    const asked = isAskedThroughProxy(route);
    const received = (this.facts as RequestFacts).target; // depart() made them
    const routed = target === null && received !== this.head.target ? received : null;
    this.rewrite = {
      target: asked ? `http://${route.authority}${target ?? received}` : routed,
      host: hostEdited ? null : this.rewrite.host,
      maxForwards: this.rewrite.maxForwards,
      dropProxyAuthorization: this.rewrite.dropProxyAuthorization,
      proxyAuthorization: asked ? proxyAuthorization(route.via) : "",
    };
  }

  /** How the server is reached, as far as a rule says. */
  private async takeDetour(plan: ConnectionPlan): Promise<void> {
    const { dial, sni, upstream, insecure, clientCertificate, tlsMin, tlsMax, timeouts } = plan;
    const certificate = clientCertificate === undefined ? null : await readClientCertificate(clientCertificate);
    const plain = certificate === null && tlsMin === undefined && tlsMax === undefined;
    const terms = plain ? undefined : { min: tlsMin, max: tlsMax, certificate };
    const detour = { dial, sni, upstream, insecure, terms, connectMs: timeouts?.connect };
    this.route = reroute(this.route as Route, this.client.entry, detour);
  }

  /** How slow the line is, and how it breaks. */
  private useLine({ throttle, fault }: ConnectionPlan): void {
    if (throttle !== undefined && this.down === null) {
      const { random } = this.services.ambient;
      this.down = new Pacer(throttle.downPerSecond, throttle.latencyMs + throttle.jitterMs * random(), {
        send: (buf, start, end) => super.relay(CONTENT, buf, start, end),
        flush: () => this.client.flush(),
        room: () => this.upstream?.conn.resume(),
      });
      if (throttle.upPerSecond > 0 && this.upstream === null) {
        this.up = new Pacer(throttle.upPerSecond, 0, {
          send: (buf, start, end) => super.passOn(CONTENT, buf, start, end),
          flush: () => this.upstream?.flush() ?? true,
          room: () => this.client.resumeRequest(),
        });
      }
    }
    if (fault !== undefined && ("afterBytes" in fault || "everyBytes" in fault)) this.tamper = new Tamper(fault);
  }

  /** Plays a fault that keeps the request from the server. */
  private breaks(fault: Fault): boolean {
    const host = this.route?.authority ?? "the server";
    switch (fault.kind) {
      case "refuse":
        this.fail({ code: "connect-refused", message: `a rule refuses ${host}` });
        return true;
      case "dns":
        this.fail({ code: "dns-not-found", message: `a rule says that ${host} does not exist` });
        return true;
      case "tls":
        this.fail({ code: "tls-handshake", message: `a rule breaks TLS with ${host}` });
        return true;
      case "reset":
        this.breakOff("a rule reset the connection", "reset");
        return true;
      case "hang":
        // Until the client gives up.
        this.hangs = true;
        return true;
      default:
        return false;
    }
  }

  protected override writeHead(out: Outbox): boolean {
    const upgrade = addRequestHead(out, cleanHead(this.sentHead), this.rewrite);
    const { held } = this;
    this.held = null;
    const put = (_event: number, buf: Buffer, start: number, end: number): void => {
      if (this.up === null) out.add(buf, start, end);
      else this.up.push(buf, start, end);
    };
    if (this.sentContent !== null) put(CONTENT, this.sentContent, 0, this.sentContent.length);
    else held?.release(put);
    return upgrade;
  }

  protected override passOn(event: number, buf: Buffer, start: number, end: number): void {
    if (this.held === null && this.up !== null) {
      if (!this.up.push(buf, start, end)) this.client.pauseRequest();
      return;
    }
    if (this.held === null) return super.passOn(event, buf, start, end);
    if (this.held.add(event, buf, start, end)) this.heldEnough();
  }

  override onRequestEnd(): void {
    if (this.up !== null && !this.up.idle) {
      // It is not over before its last byte has left.
      this.uploadEnds = true;
      return this.up.whenIdle(() => {
        this.uploadEnds = false;
        super.onRequestEnd();
      });
    }
    super.onRequestEnd();
    if (this.held?.open) {
      this.held.open = false;
      this.heldEnough();
    }
  }

  private heldEnough(): void {
    const then = this.whenHeld;
    this.whenHeld = null;
    then?.();
  }

  // ---- answers of our own

  private async answerInstead(): Promise<void> {
    const answer = this.plan.answer as NonNullable<Plan["answer"]>; // the caller looked
    if (answer.delayMs > 0) await sleep(answer.delayMs);
    if (this.ended) return;
    const facts = this.facts as RequestFacts; // depart() made them
    const content = this.held?.content() ?? NO_BYTES;
    this.held = null;
    const rendered = await renderAnswer(answer, facts, content, this.services.mocks, this.services.now());
    if (this.ended) return;
    this.tap.tag("answered-by-rule");
    this.giveAnswer(parseResponseHead(rendered.head, 0, rendered.head.length, this.services.httpLimits), rendered.body);
  }

  private giveAnswer(head: ResponseHead, content: Buffer): void {
    this.responseEnded = true;
    this.keep = this.mayStayOpen();
    this.tookAnswer(head);
    this.relayHead(head);
    if (content.length > 0) {
      this.tap.responseContent(content, 0, content.length);
      this.relay(CONTENT, content, 0, content.length);
    }
    this.client.flush();
    this.finish();
  }

  private tookAnswer(head: ResponseHead): void {
    this.response = head;
    this.responseFraming = BY_LENGTH;
    this.tap.responseHead(head.buf, head.start, head.end, head.status, head.reason);
    this.tap.contentType = head.fields.get("content-type") ?? "";
  }

  // ---- the response

  protected override relayHead(head: ResponseHead): void {
    const plan = this.plan.judgesResponse ? this.decideBack(head, undefined) : EMPTY_RESPONSE_PLAN;
    this.responsePlan = plan;
    const breaks = this.breaksAt("response", this.responseFacts(head, undefined)) !== null;
    if (plan === EMPTY_RESPONSE_PLAN && !breaks) return super.relayHead(head);
    const hasContent = this.responseFraming?.kind !== NONE && hasEditableContent(this.head.method, head.status);
    // The content of an event stream is never whole.
    const canBeWhole = !/^text\/event-stream\b/i.test(head.fields.get("content-type") ?? "");
    const scripted = wantContent(plan.scripts, "response", this.services.scripts);
    this.backWhole = hasContent && (plan.needsBody > 0 || plan.body.length > 0 || ((breaks || scripted) && canBeWhole));
    this.backHead = head;
    this.back = new Held(this.backWhole ? Math.max(plan.needsBody, this.program.bodyLimit) : Number.MAX_SAFE_INTEGER);
    if (!this.backWhole) this.beginBack();
  }

  protected override relay(event: number, buf: Buffer, start: number, end: number): void {
    if (this.back !== null) {
      if (this.back.add(event, buf, start, end)) this.beginBack();
      return;
    }
    this.send(event, buf, start, end);
  }

  /** On to the client, through what a rule put on the line. */
  private send(event: number, buf: Buffer, start: number, end: number): void {
    if (this.tamper !== null && event === CONTENT) {
      const { bytes, cut } = this.tamper.touch(buf, start, end);
      this.pace(event, bytes, 0, bytes.length);
      if (cut !== null) this.breakOff("a rule broke the answer off", cut);
      return;
    }
    this.pace(event, buf, start, end);
  }

  private pace(event: number, buf: Buffer, start: number, end: number): void {
    if (this.dechunk && event !== CONTENT) return super.relay(event, buf, start, end);
    if (this.down === null) super.relay(event, buf, start, end);
    else if (!this.down.push(buf, start, end)) this.upstream?.conn.pause();
  }

  override onClientDrain(): void {
    if (this.down === null) super.onClientDrain();
    else this.down.resume();
  }

  override onUpstreamDrain(): void {
    if (this.up === null) super.onUpstreamDrain();
    else this.up.resume();
  }

  // ---- silence

  override onResponseHead(head: ResponseHead, framing: Framing): void {
    super.onResponseHead(head, framing);
    if (head.status >= 200) this.watchSilence();
  }

  override onResponseBytes(event: number, buf: Buffer, start: number, end: number): void {
    super.onResponseBytes(event, buf, start, end);
    this.watchSilence();
  }

  private watchSilence(): void {
    const idleMs = this.plan.connection?.timeouts?.idle;
    const conn = this.upstream?.conn;
    if (idleMs === undefined || conn === undefined || this.ended) return;
    conn.deadline(idleMs, () => {
      // A server that we do not read from is not the one that is silent.
      if (this.down?.idle === false || this.client.conn.needsDrain) return this.watchSilence();
      const host = this.route?.authority ?? "the server";
      this.fail({
        code: "server-silent",
        message: `${host} said nothing for ${idleMs} ms in the middle of its answer`,
      });
    });
  }

  override onResponseFlush(): void {
    if (this.back === null) return super.onResponseFlush();
    // Nothing to write yet; a response that is too long to be held whole waits in the kernel.
    if (this.backBegun) this.upstream?.conn.pause();
  }

  protected override finish(): void {
    if (this.ended) return;
    if (this.back !== null) {
      this.finishWaits = true;
      return this.beginBack();
    }
    if (this.down !== null) return this.down.whenIdle(() => super.finish());
    super.finish();
  }

  override fail(failure: Parameters<Exchange["fail"]>[0]): void {
    this.stopLine();
    super.fail(failure);
    this.paused?.withdraw();
  }

  override onClientEnded(): void {
    if (this.hangs) this.breakOff("the client gave up on an answer that a rule keeps back", "truncate");
    else super.onClientEnded();
  }

  override onClientGone(error: NodeJS.ErrnoException | null): void {
    this.stopLine();
    super.onClientGone(error);
    this.paused?.withdraw();
  }

  private stopLine(): void {
    this.down?.stop();
    this.up?.stop();
  }

  private beginBack(): void {
    if (this.backBegun) return;
    this.backBegun = true;
    this.carryOut(this.actOnResponse());
  }

  private async actOnResponse(): Promise<void> {
    const received = this.backHead as ResponseHead; // relayHead() set both
    const back = this.back as Held;
    let plan = this.responsePlan;
    if (plan.needsBody > 0) {
      const text = back.overflowed ? "" : textForRules(received.fields, back.content(), this.program.bodyLimit);
      if (back.overflowed) this.note("body terms saw nothing: the response's content is too long to be held");
      plan = this.decideBack(received, text);
    }
    for (const name of plan.rules) this.tap.rule(name);
    if (plan.flow !== null) this.noteFlow(plan.flow);
    if (plan.scripts.length > 0 && plan.answer === null) {
      const isHeld = this.backWhole && !back.overflowed && received.status !== 206;
      const sent = { head: this.sentHead, url: urlUnder(this.plan, this.facts as RequestFacts) }; // depart() made them
      plan = await askAtResponse(this.scriptScene(), plan, sent, received, isHeld ? back.content() : null);
      if (this.ended) return;
    }
    if (plan.connection?.delayMs) await sleep(plan.connection.delayMs);
    if (this.ended) return;
    if (plan.connection !== null) this.useLine(plan.connection);
    if (plan.connection?.fault !== undefined && this.breaks(plan.connection.fault)) return;
    if (plan.answer !== null) return this.answerAfterAll(plan);
    await this.editResponse(plan, received, back);
  }

  private async editResponse(plan: ResponsePlan, received: ResponseHead, back: Held): Promise<void> {
    let content: Buffer | null = null;
    let head = plan.head.length > 0 ? this.reparseResponse(editHead(received, plan.head)) : received;
    if (plan.body.length > 0 && this.backWhole) {
      if (back.overflowed) this.note("the response's content was not edited: it is too long to be held");
      else if (received.status === 206) this.note("the response's content was not edited: it is a part (206)");
      else {
        const ops = await withFiles(plan.body, path => this.readWhole(path));
        const edited = editContent(head, back.content(), ops, this.program.bodyLimit);
        for (const note of edited.notes) this.note(note);
        content = edited.content;
        if (content !== null) head = this.reparseResponse(editHead(received, [...plan.head, ...edited.head]));
      }
    }
    if (this.ended) return;
    const verdict = await this.pauseResponse(head, content);
    if (this.ended || this.endsHere(verdict)) return;
    if (verdict.kind === "undo") [head, content] = [received, null];
    else if (verdict.edited !== null) {
      head = verdict.edited.head as ResponseHead; // an answer's edits make an answer
      content = verdict.edited.content ?? content;
    }
    if (head !== received) this.sentResponse(head, content);
    this.back = null;
    super.relayHead(head);
    if (content === null) back.release((event, buf, start, end) => this.send(event, buf, start, end));
    else this.send(CONTENT, content, 0, content.length);
    this.afterBack();
  }

  private sentResponse(head: ResponseHead, content: Buffer | null): void {
    const sent = this.tap.sent("response");
    sent.head(head.buf, head.start, head.end);
    if (content !== null) {
      sent.content(content, 0, content.length);
      this.responseFraming = BY_LENGTH;
      this.dechunk = false;
    }
    this.tap.status = head.status;
    this.tap.reason = head.reason;
    this.tap.contentType = head.fields.get("content-type") ?? "";
    this.keep &&= persistent(this.head, head, this.responseFraming ?? BY_LENGTH);
  }

  private afterBack(): void {
    if (this.ended) return;
    this.client.flush();
    if (this.finishWaits) this.finish();
    else this.upstream?.conn.resume();
  }

  /** An answer that came is thrown away for one of ours. */
  private async answerAfterAll(plan: ResponsePlan): Promise<void> {
    this.back = null;
    this.plan = { ...this.plan, answer: plan.answer, judgesResponse: false };
    this.dropUpstream(false);
    this.requestEnded = true;
    await this.answerInstead();
  }

  private reparseResponse(bytes: Buffer): ResponseHead {
    return parseResponseHead(bytes, 0, bytes.length, this.services.httpLimits);
  }

  private decideBack(head: ResponseHead, bodyText: string | undefined): ResponsePlan {
    const facts = this.facts as RequestFacts; // depart() made them
    const response = this.responseFacts(head, bodyText);
    return decideResponse(this.program, this.plan, facts, response, this.services.ambient);
  }

  private responseFacts(head: ResponseHead, bodyText: string | undefined): ResponseFacts {
    const server = this.upstream?.conn;
    return {
      status: head.status,
      fields: head.fields,
      ...(bodyText === undefined ? {} : { bodyText }),
      ...(server === undefined ? {} : { server: [server.address, `${server.address}:${server.port}`, server.name] }),
    };
  }

  // ---- breakpoints

  /** Does a rule or a person want to see the message? "content": that depends on its content. */
  private breaksAt(turn: Turn, response: ResponseFacts | undefined, bodyText?: string): Breakpoint | "content" | null {
    if (this.answeredByHand) return null;
    const { holds } = this.services;
    if (this.plan.flow?.pause[turn] || (turn === "response" && this.responsePlan.flow?.pause.response))
      return holds.rules;
    if (!holds.isSet) return null;
    const facts = this.facts as RequestFacts; // depart() made them
    const known = response === undefined && bodyText !== undefined ? { ...facts, bodyText } : facts;
    return holds.asks(turn, subjectOf(known, response), bodyText !== undefined);
  }

  private pauseRequest(): Promise<Verdict> {
    const { sentHead, held } = this;
    const received = held === null ? NO_BYTES : held.overflowed ? null : held.content();
    let breakpoint = this.breaksAt("request", undefined);
    if (breakpoint === "content") {
      const text = received === null ? "" : textForRules(this.head.fields, received, this.program.bodyLimit);
      breakpoint = this.breaksAt("request", undefined, text);
    }
    return this.pause("request", breakpoint, sentHead, this.sentContent ?? received);
  }

  private pauseResponse(head: ResponseHead, edited: Buffer | null): Promise<Verdict> {
    const received = this.backHead as ResponseHead; // relayHead() set both
    const back = this.back as Held;
    const isHeld = (this.backWhole && !back.overflowed) || this.responseFraming?.kind === NONE;
    let breakpoint = this.breaksAt("response", this.responseFacts(received, undefined));
    if (breakpoint === "content") {
      const text = isHeld ? textForRules(received.fields, back.content(), this.program.bodyLimit) : "";
      breakpoint = this.breaksAt("response", this.responseFacts(received, text), text);
    }
    return this.pause("response", breakpoint, head, edited ?? (isHeld ? back.content() : null));
  }

  private async pause(
    turn: Turn,
    breakpoint: Breakpoint | "content" | null,
    head: RequestHead | ResponseHead,
    content: Buffer | null,
  ): Promise<Verdict> {
    if (breakpoint === null || breakpoint === "content") return GO_ON;
    const { tap } = this;
    this.paused = this.services.holds.pause({ tap, turn, head, content, method: this.head.method }, breakpoint);
    const verdict = (await this.paused?.verdict) ?? GO_ON;
    this.paused = null;
    return verdict;
  }

  /** Carries out a verdict that is the end of the exchange. */
  private endsHere(verdict: Verdict): verdict is Extract<Verdict, { kind: "answer" | "drop" }> {
    if (verdict.kind === "drop") this.breakOff(verdict.why, "reset", "dropped");
    if (verdict.kind === "answer") {
      this.back = null;
      this.held = null;
      this.answeredByHand = true;
      this.plan = { ...this.plan, judgesResponse: false };
      this.dropUpstream(false);
      this.tap.tag("answered-by-hand");
      this.giveAnswer(verdict.head, verdict.content);
    }
    return verdict.kind === "drop" || verdict.kind === "answer";
  }

  private useEdited({ head, content, to }: EditedMessage): void {
    const edited = head as RequestHead; // a request's edits make a request
    const hostEdited = edited.fields.get("host") !== this.sentHead.fields.get("host");
    if (to !== null) this.route = reroute(this.route as Route, this.client.entry, to);
    this.readdress(edited.target, hostEdited);
    this.sentHead = edited;
    this.sentContent = content ?? this.sentContent;
  }

  private scriptScene(): ScriptScene {
    const { services, tap, program } = this;
    const facts = this.facts as RequestFacts; // depart() made them
    return {
      host: services.scripts,
      limits: services.httpLimits,
      contentLimit: program.bodyLimit,
      facts,
      tap,
      say: services.say,
    };
  }

  // ---- what the flow says of it

  private noteFlow(flow: FlowPlan): void {
    const { tap } = this;
    for (const tag of flow.tags) tap.tag(tag);
    const extra = tap.extraNotes();
    if (flow.color !== undefined) extra.color = flow.color;
    if (flow.comment !== undefined) extra.comment = flow.comment;
    for (const line of flow.log) this.services.say(line);
    if (flow.redact.length > 0) this.redact(flow.redact);
    if (flow.record === "head") tap.withoutContent();
    else if (flow.record === false) tap.forget();
  }

  private redact(redactions: readonly Redaction[]): void {
    const { tap } = this;
    if (this.scrubber === null) {
      this.scrubber = new RuleScrubber(this.services.httpLimits);
      tap.scrubWith(this.scrubber, tap.path);
    }
    this.scrubber.add(redactions);
    tap.path = redactTarget(tap.path, redactions);
  }

  private note(text: string): void {
    this.tap.note(text);
  }

  private async readWhole(path: string): Promise<Buffer> {
    return (await this.services.mocks.file(path)).bytes;
  }

  private factsNow(): RequestFacts {
    const { head, client } = this;
    const { entry, conn } = client;
    const route = this.route as Route; // forward() set it
    return {
      method: head.method,
      scheme: route.secure ? "https" : "http",
      host: route.host,
      port: route.port,
      target: this.tap.path,
      version: head.version === 10 ? "1.0" : "1.1",
      fields: head.fields,
      client: { address: conn.address, port: conn.port },
      mode: entry.mode.text,
      startedAt: this.tap.startedAt,
      ...(conn.tls === null ? {} : { tls: [conn.tls.version, conn.tls.cipher], sni: conn.tls.sni ?? undefined }),
    };
  }

  /** A plan that cannot be carried out fails the exchange and says which rules asked for it. */
  private carryOut(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const rules = [...this.plan.rules, ...this.responsePlan.rules].join(", ");
      this.back = null;
      this.fail({
        code: "rule-failed",
        message: `${rules}: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
  }
}

const NO_BYTES = Buffer.alloc(0);

/** How everything of our own is framed. */
const BY_LENGTH: Framing = { kind: LENGTH, length: 0, bodiless: false, defects: [] };
