// An exchange while rules are loaded: the same story, with the plans of src/rules carried out at its turns. What a rule
// must see whole is held back up to a limit; everything else streams as it would without rules.
import { setTimeout as sleep } from "node:timers/promises";
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
import { DISK_MOCKS } from "../rules/mock-files.ts";
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
import { Exchange } from "./exchange.ts";
import { addRequestHead } from "./forward.ts";
import { Held } from "./held.ts";
import type { Outbox } from "./outbox.ts";
import { Pacer } from "./pacer.ts";
import { type Route, reroute } from "./route.ts";
import { RuleScrubber } from "./scrub.ts";
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
  private tamper: Tamper | null = null;
  private scrubber: RuleScrubber | null = null;

  constructor(client: ClientStream, head: RequestHead, framing: Framing, program: Program) {
    super(client, head, framing);
    this.program = program;
    this.sentHead = head;
  }

  override get ready(): boolean {
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
    if (plan === EMPTY_PLAN) return super.depart();
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
    const wantsContent = plan.body.length > 0 || plan.answer?.content.kind === "echo";
    if (wantsContent && this.held === null) {
      return this.hold(this.program.bodyLimit, () => this.carryOut(this.actOnRequest()));
    }
    this.carryOut(this.actOnRequest());
  }

  private async actOnRequest(): Promise<void> {
    const { plan } = this;
    const { connection } = plan;
    if (connection?.delayMs) await sleep(connection.delayMs);
    if (this.ended) return;
    if (connection?.fault !== undefined && this.breaks(connection.fault)) return;
    if (connection !== null) this.useConnection(connection);
    if (plan.answer !== null) return this.answerInstead();
    await this.editRequest();
    if (this.ended) return;
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
      const bodyOps = await withFiles(plan.body, readWhole);
      const edited = editContent(this.sentHead, content, bodyOps, this.program.bodyLimit);
      for (const note of edited.notes) this.note(note);
      if (edited.content !== null) {
        this.sentContent = edited.content;
        ops = [...ops, ...edited.head];
        this.sentHead = this.reparseRequest(editHead(head, ops));
        this.tap.sent("request").content(edited.content, 0, edited.content.length);
      }
    }
    if (this.sentHead !== head) {
      const { buf, start, end } = this.sentHead;
      this.tap.sent("request").head(buf, start, end);
    }
    this.useTarget(ops);
    if (plan.route !== null) this.useRoute(plan.route);
  }

  private reparseRequest(bytes: Buffer): RequestHead {
    // What no client may send, no rule may either: the codec reads it again (wire.md).
    return parseRequestHead(bytes, 0, bytes.length, this.services.httpLimits);
  }

  /** An edit of the target or of Host takes the place of what routing would have put there. */
  private useTarget(ops: readonly HeadOp[]): void {
    const target = ops.findLast((op): op is HeadOp & { kind: "target" } => op.kind === "target");
    const host = ops.some(op => (op.kind === "set" || op.kind === "add") && op.name.toLowerCase() === "host");
    if (target === undefined && !host) return;
    const route = this.route as Route; // depart() is called with one
    const absolute = route.via !== null && !route.secure && target !== undefined;
    this.rewrite = {
      ...this.rewrite,
      ...(target === undefined ? {} : { target: absolute ? `http://${route.authority}${target.value}` : null }),
      ...(host ? { host: null } : {}),
    };
  }

  private useRoute(to: NonNullable<Plan["route"]>): void {
    const route = this.route as Route; // depart() is called with one
    this.route = reroute(route, this.client.entry, to);
  }

  private useConnection(plan: ConnectionPlan): void {
    const { throttle, fault } = plan;
    if (throttle !== undefined && this.down === null) {
      this.down = new Pacer(
        throttle.downPerSecond,
        throttle,
        this.services.ambient.random,
        (buf, start, end) => super.relay(CONTENT, buf, start, end),
        () => this.flushClient(),
      );
      this.down.whenRoom(() => this.upstream?.conn.resume());
    }
    if (fault !== undefined && ("afterBytes" in fault || "everyBytes" in fault)) this.tamper = new Tamper(fault);
    this.route = reroute(this.route as Route, this.client.entry, plan);
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
        return true;
      default:
        return false;
    }
  }

  protected override writeHead(out: Outbox): boolean {
    const upgrade = addRequestHead(out, cleanHead(this.sentHead), this.rewrite);
    const { held } = this;
    this.held = null;
    if (this.sentContent !== null) out.addAll(this.sentContent);
    else held?.releaseTo(out);
    return upgrade;
  }

  protected override passOn(event: number, buf: Buffer, start: number, end: number): void {
    if (this.held === null) return super.passOn(event, buf, start, end);
    if (this.held.add(event, buf, start, end)) this.heldEnough();
  }

  override onRequestEnd(): void {
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
    const rendered = await renderAnswer(answer, facts, content, DISK_MOCKS, this.services.now());
    if (this.ended) return;
    this.tap.tag("answered-by-rule");
    const head = parseResponseHead(rendered.head, 0, rendered.head.length, this.services.httpLimits);
    this.responseEnded = true;
    this.keep = this.mayStayOpen();
    this.tookAnswer(head);
    this.relayHead(head);
    if (rendered.body.length > 0) {
      this.tap.responseContent(rendered.body, 0, rendered.body.length);
      this.relay(CONTENT, rendered.body, 0, rendered.body.length);
    }
    this.flushClient();
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
    if (plan === EMPTY_RESPONSE_PLAN) return super.relayHead(head);
    this.responsePlan = plan;
    const hasContent = this.responseFraming?.kind !== NONE && hasEditableContent(this.head.method, head.status);
    this.backWhole = hasContent && (plan.needsBody > 0 || plan.body.length > 0);
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
    this.down?.stop();
    super.fail(failure);
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
    if (plan.connection?.delayMs) await sleep(plan.connection.delayMs);
    if (this.ended) return;
    if (plan.connection !== null) this.useConnection(plan.connection);
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
        const ops = await withFiles(plan.body, readWhole);
        const edited = editContent(head, back.content(), ops, this.program.bodyLimit);
        for (const note of edited.notes) this.note(note);
        content = edited.content;
        if (content !== null) head = this.reparseResponse(editHead(received, [...plan.head, ...edited.head]));
      }
    }
    if (this.ended) return;
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
    this.flushClient();
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
    const server = this.upstream?.conn;
    const response: ResponseFacts = {
      status: head.status,
      fields: head.fields,
      ...(bodyText === undefined ? {} : { bodyText }),
      ...(server === undefined ? {} : { server: [server.address, `${server.address}:${server.port}`, server.name] }),
    };
    const facts = this.facts as RequestFacts; // depart() made them
    return decideResponse(this.program, this.plan, facts, response, this.services.ambient);
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

async function readWhole(path: string): Promise<Buffer> {
  return (await DISK_MOCKS.file(path)).bytes;
}
