// What an exchange under rules and breakpoints has in hand: its plans, what is held back, the line it is put on, and how it
// asks rules and people and notes what they said. The turns themselves are in ruled-request.ts and ruled-exchange.ts.
import {
  decideResponse,
  EMPTY_PLAN,
  EMPTY_RESPONSE_PLAN,
  type Plan,
  type Program,
  type RequestFacts,
  type ResponseFacts,
  type ResponsePlan,
} from "../rules/decide.ts";
import { subjectOf } from "../rules/facts.ts";
import type { ConnectionPlan, Fault, FlowPlan, Redaction } from "../rules/plan.ts";
import { redactTarget } from "../rules/redact.ts";
import type { Framing } from "../wire/http1/framing.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../wire/http1/head-parser.ts";
import { CONTENT } from "../wire/http1/reader.ts";
import type { ClientStream } from "./client-stream.ts";
import { Exchange } from "./exchange.ts";
import type { Held } from "./held.ts";
import { type Breakpoint, GO_ON, type Paused, type Turn, type Verdict } from "./hold.ts";
import { Pacer } from "./pacer.ts";
import type { Route } from "./route.ts";
import type { ScriptScene } from "./script-turn.ts";
import { RuleScrubber } from "./scrub.ts";
import { Tamper } from "./tamper.ts";

export abstract class JudgedExchange extends Exchange {
  protected readonly program: Program;
  protected facts: RequestFacts | null = null;
  protected plan: Plan = EMPTY_PLAN;
  protected responsePlan: ResponsePlan = EMPTY_RESPONSE_PLAN;
  /** The request's content, until the plan for it is carried out. */
  protected held: Held | null = null;
  protected whenHeld: (() => void) | null = null;
  protected sentHead: RequestHead;
  /** Replaces the request's content. */
  protected sentContent: Buffer | null = null;
  /** The response's content, until the plan for it is carried out. */
  protected back: Held | null = null;
  protected backHead: ResponseHead | null = null;
  protected backWhole = false;
  protected backBegun = false;
  protected finishWaits = false;
  protected down: Pacer | null = null;
  protected up: Pacer | null = null;
  /** The request has been read to its end, but not all of it has gone up a slow line. */
  protected uploadEnds = false;
  /** A rule keeps the answer back for ever. */
  protected hangs = false;
  protected tamper: Tamper | null = null;
  protected scrubber: RuleScrubber | null = null;
  /** At a breakpoint. */
  protected paused: Paused | null = null;
  /** A person gave the answer: it is not shown to people again. */
  protected answeredByHand = false;

  constructor(client: ClientStream, head: RequestHead, framing: Framing, program: Program) {
    super(client, head, framing);
    this.program = program;
    this.sentHead = head;
  }

  protected override get answerMs(): number {
    return this.plan.connection?.timeouts?.answer ?? super.answerMs;
  }

  protected override get answerBegun(): boolean {
    return super.answerBegun && this.back === null;
  }

  protected reparseRequest(bytes: Buffer): RequestHead {
    // What no client may send, no rule may either: the codec reads it again (wire.md).
    return parseRequestHead(bytes, 0, bytes.length, this.services.httpLimits);
  }

  /** How slow the line is, and how it breaks. */
  protected useLine({ throttle, fault }: ConnectionPlan): void {
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
  protected breaks(fault: Fault): boolean {
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

  /** On to the client, through what a rule put on the line. */
  protected send(event: number, buf: Buffer, start: number, end: number): void {
    if (this.tamper !== null && event === CONTENT) {
      const { bytes, cut } = this.tamper.touch(buf, start, end);
      this.pace(event, bytes, 0, bytes.length);
      if (cut !== null) this.breakOff("a rule broke the answer off", cut);
      return;
    }
    this.pace(event, buf, start, end);
  }

  protected pace(event: number, buf: Buffer, start: number, end: number): void {
    if (this.dechunk && event !== CONTENT) return super.relay(event, buf, start, end);
    if (this.down === null) super.relay(event, buf, start, end);
    else if (!this.down.push(buf, start, end)) this.upstream?.conn.pause();
  }

  protected stopLine(): void {
    this.down?.stop();
    this.up?.stop();
  }

  protected reparseResponse(bytes: Buffer): ResponseHead {
    return parseResponseHead(bytes, 0, bytes.length, this.services.httpLimits);
  }

  protected decideBack(head: ResponseHead, bodyText: string | undefined): ResponsePlan {
    const facts = this.facts as RequestFacts; // depart() made them
    const response = this.responseFacts(head, bodyText);
    return decideResponse(this.program, this.plan, facts, response, this.services.ambient);
  }

  protected responseFacts(head: ResponseHead, bodyText: string | undefined): ResponseFacts {
    const server = this.upstream?.conn;
    return {
      status: head.status,
      fields: head.fields,
      bodyText,
      server: server === undefined ? undefined : [server.address, `${server.address}:${server.port}`, server.name],
    };
  }

  /** Does a rule or a person want to see the message? "content": that depends on its content. */
  protected breaksAt(
    turn: Turn,
    response: ResponseFacts | undefined,
    bodyText?: string,
  ): Breakpoint | "content" | null {
    if (this.answeredByHand) return null;
    const { holds } = this.services;
    if (this.plan.flow?.pause[turn] || (turn === "response" && this.responsePlan.flow?.pause.response))
      return holds.rules;
    if (!holds.isSet) return null;
    const facts = this.facts as RequestFacts; // depart() made them
    const known = response === undefined && bodyText !== undefined ? { ...facts, bodyText } : facts;
    return holds.asks(turn, subjectOf(known, response), bodyText !== undefined);
  }

  protected async pause(
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
  protected endsHere(verdict: Verdict): verdict is Extract<Verdict, { kind: "answer" | "drop" }> {
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

  protected scriptScene(): ScriptScene {
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

  protected noteFlow(flow: FlowPlan): void {
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

  protected redact(redactions: readonly Redaction[]): void {
    const { tap } = this;
    if (this.scrubber === null) {
      this.scrubber = new RuleScrubber(this.services.httpLimits);
      tap.scrubWith(this.scrubber, tap.path);
    }
    this.scrubber.add(redactions);
    tap.path = redactTarget(tap.path, redactions);
  }

  protected note(text: string): void {
    this.tap.note(text);
  }

  protected async readWhole(path: string): Promise<Buffer> {
    return (await this.services.mocks.file(path)).bytes;
  }

  protected factsNow(): RequestFacts {
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
      // Written out: a spread here costs a request more than all else in it (bench/README.md).
      tls: conn.tls === null ? undefined : [conn.tls.version, conn.tls.cipher],
      sni: conn.tls?.sni ?? undefined,
    };
  }

  /** A plan that cannot be carried out fails the exchange and says which rules asked for it. */
  protected carryOut(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const rules = [...this.plan.rules, ...this.responsePlan.rules].join(", ");
      this.back = null;
      this.fail({
        code: "rule-failed",
        message: `${rules}: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
  }

  /** Says the plan's answer instead of asking the server. */
  protected abstract answerInstead(): Promise<void>;

  /** Gives an answer of our own. */
  protected abstract giveAnswer(head: ResponseHead, content: Buffer): void;
}
