// An exchange while rules are loaded or a breakpoint is set: the same story, with the plans of src/rules and the verdicts of people
// carried out at its turns. What a rule or a person must see whole is held back up to a limit; everything else streams as it would
// without them. Here: answers of our own and the response's turn.
import { setTimeout as sleep } from "node:timers/promises";
import { EMPTY_RESPONSE_PLAN, type Plan, type RequestFacts, type ResponsePlan } from "../rules/decide.ts";
import { withFiles } from "../rules/edit/body.ts";
import { editHead } from "../rules/edit/head.ts";
import { hasEditableContent } from "../rules/edit/settle.ts";
import { renderAnswer } from "../rules/render.ts";
import { type Framing, LENGTH, NONE } from "../wire/http1/framing.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import { parseResponseHead } from "../wire/http1/head-parser.ts";
import { persistent } from "../wire/http1/lifecycle.ts";
import { CONTENT } from "../wire/http1/reader.ts";
import { editContent, textForRules } from "./content-edit.ts";
import type { Exchange } from "./exchange.ts";
import { Held } from "./held.ts";
import type { Verdict } from "./hold.ts";
import { RuledRequest } from "./ruled-request.ts";
import { askAtResponse, urlUnder, wantContent } from "./script-turn.ts";

export class RuledExchange extends RuledRequest {
  protected async answerInstead(): Promise<void> {
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

  protected giveAnswer(head: ResponseHead, content: Buffer): void {
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

  protected tookAnswer(head: ResponseHead): void {
    this.response = head;
    this.responseFraming = BY_LENGTH;
    this.tap.responseHead(head.buf, head.start, head.end, head.status, head.reason);
    this.tap.contentType = head.fields.get("content-type") ?? "";
  }

  protected override relayHead(head: ResponseHead): void {
    const plan = this.plan.judgesResponse ? this.decideBack(head, undefined) : EMPTY_RESPONSE_PLAN;
    this.responsePlan = plan;
    const watched = this.services.holds.isSet || this.plan.flow !== null || plan.flow !== null;
    const breaks = watched && this.breaksAt("response", this.responseFacts(head, undefined)) !== null;
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

  override onClientDrain(): void {
    if (this.down === null) super.onClientDrain();
    else this.down.resume();
  }

  override onUpstreamDrain(): void {
    if (this.up === null) super.onUpstreamDrain();
    else this.up.resume();
  }

  override onResponseHead(head: ResponseHead, framing: Framing): void {
    super.onResponseHead(head, framing);
    if (head.status >= 200) this.watchSilence();
  }

  override onResponseBytes(event: number, buf: Buffer, start: number, end: number): void {
    super.onResponseBytes(event, buf, start, end);
    this.watchSilence();
  }

  protected watchSilence(): void {
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

  protected beginBack(): void {
    if (this.backBegun) return;
    this.backBegun = true;
    this.carryOut(this.actOnResponse());
  }

  protected async actOnResponse(): Promise<void> {
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

  protected async editResponse(plan: ResponsePlan, received: ResponseHead, back: Held): Promise<void> {
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

  protected sentResponse(head: ResponseHead, content: Buffer | null): void {
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

  protected afterBack(): void {
    if (this.ended) return;
    this.client.flush();
    if (this.finishWaits) this.finish();
    else this.upstream?.conn.resume();
  }

  /** An answer that came is thrown away for one of ours. */
  protected async answerAfterAll(plan: ResponsePlan): Promise<void> {
    this.back = null;
    this.plan = { ...this.plan, answer: plan.answer, judgesResponse: false };
    this.dropUpstream(false);
    this.requestEnded = true;
    await this.answerInstead();
  }

  protected pauseResponse(head: ResponseHead, edited: Buffer | null): Promise<Verdict> {
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
}

const NO_BYTES = Buffer.alloc(0);

/** How everything of our own is framed. */
const BY_LENGTH: Framing = { kind: LENGTH, length: 0, bodiless: false, defects: [] };
