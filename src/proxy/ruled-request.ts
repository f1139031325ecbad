// The request's turn of an exchange under rules: decided, held where it must be seen whole, edited, sent another way.
import { setTimeout as sleep } from "node:timers/promises";
import { readClientCertificate } from "../net/client-certificate.ts";
import { decideRequest, EMPTY_PLAN, type RequestFacts } from "../rules/decide.ts";
import { withFiles } from "../rules/edit/body.ts";
import { editHead, type HeadOp } from "../rules/edit/head.ts";
import type { ConnectionPlan } from "../rules/plan.ts";
import { cleanHead } from "../wire/http1/clean.ts";
import { NONE } from "../wire/http1/framing.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import { CONTENT } from "../wire/http1/reader.ts";
import { editContent, textForRules } from "./content-edit.ts";
import { reroute } from "./detour.ts";
import { addRequestHead } from "./forward.ts";
import { Held } from "./held.ts";
import type { Verdict } from "./hold.ts";
import { JudgedExchange } from "./judged-exchange.ts";
import type { EditedMessage } from "./message-edit.ts";
import type { Outbox } from "./outbox.ts";
import { isAskedThroughProxy, proxyAuthorization, type Route } from "./route.ts";
import { askAtRequest, wantContent } from "./script-turn.ts";
import { RuleScrubber } from "./scrub.ts";

export abstract class RuledRequest extends JudgedExchange {
  override get ready(): boolean {
    if (this.uploadEnds) return false;
    return this.held === null ? super.ready : this.held.open && !this.requestEnded;
  }

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
  protected hold(limitBytes: number, then: () => void): void {
    if (this.framing.kind === NONE) return then();
    this.held = new Held(limitBytes);
    this.whenHeld = then;
  }

  protected decideWithBody(): void {
    const held = this.held;
    const known = held !== null && !held.overflowed;
    if (held?.overflowed)
      this.note(`body terms saw nothing: the request's content is longer than ${this.plan.needsBody} bytes`);
    const bodyText = known ? textForRules(this.head.fields, held.content(), this.program.bodyLimit) : "";
    this.plan = decideRequest(this.program, { ...(this.facts as RequestFacts), bodyText }, this.services.ambient);
    this.decided();
  }

  protected decided(): void {
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
    if (this.isHeadEdit()) this.carryOutAtOnce();
    else this.carryOut(this.actOnRequest());
  }

  /** The plan changes the head and nothing else, and nobody waits for the request: the common case, for which no promise is made. */
  private isHeadEdit(): boolean {
    const { answer, body, connection, scripts, flow } = this.plan;
    if (answer !== null || body.length > 0 || connection !== null || scripts.length > 0) return false;
    return !flow?.pause.request && !this.services.holds.isSet;
  }

  private carryOutAtOnce(): void {
    const { head, plan, held } = this;
    try {
      if (plan.head.length > 0) this.sentHead = this.reparseRequest(editHead(head, plan.head));
      this.useWay(plan.head);
      this.tellSentRequest();
      super.depart();
    } catch (error) {
      return this.carryOut(Promise.reject(error));
    }
    // What was held to be judged goes on with the connection that was free, if one was.
    if (held === null || this.upstream === null) return;
    if (!this.requestEnded) this.client.resumeRequest();
    this.flushRequest();
  }

  protected async actOnRequest(): Promise<void> {
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

  protected async editRequest(): Promise<void> {
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
  protected tellSentRequest(): void {
    const { sentHead, sentContent } = this;
    if (sentContent !== null) this.tap.sent("request").content(sentContent, 0, sentContent.length);
    if (sentHead !== this.head) this.tap.sent("request").head(sentHead.buf, sentHead.start, sentHead.end);
  }

  protected useWay(ops: readonly HeadOp[]): void {
    if (this.plan.route !== null) this.route = reroute(this.route as Route, this.client.entry, this.plan.route);
    const target = ops.findLast((op): op is HeadOp & { kind: "target" } => op.kind === "target");
    const host = ops.some(op => (op.kind === "set" || op.kind === "add") && op.name.toLowerCase() === "host");
    this.readdress(target?.value ?? null, host);
  }

  /** What start line and Host must say of where it goes now. An edited target or Host stands in the head already. */
  protected readdress(target: string | null, hostEdited: boolean): void {
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
  protected async takeDetour(plan: ConnectionPlan): Promise<void> {
    const { dial, sni, upstream, insecure, clientCertificate, tlsMin, tlsMax, timeouts } = plan;
    const certificate = clientCertificate === undefined ? null : await readClientCertificate(clientCertificate);
    const plain = certificate === null && tlsMin === undefined && tlsMax === undefined;
    const terms = plain ? undefined : { min: tlsMin, max: tlsMax, certificate };
    const detour = { dial, sni, upstream, insecure, terms, connectMs: timeouts?.connect };
    this.route = reroute(this.route as Route, this.client.entry, detour);
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

  protected heldEnough(): void {
    const then = this.whenHeld;
    this.whenHeld = null;
    then?.();
  }

  protected pauseRequest(): Promise<Verdict> {
    const { sentHead, held } = this;
    const received = held === null ? NO_BYTES : held.overflowed ? null : held.content();
    let breakpoint = this.breaksAt("request", undefined);
    if (breakpoint === "content") {
      const text = received === null ? "" : textForRules(this.head.fields, received, this.program.bodyLimit);
      breakpoint = this.breaksAt("request", undefined, text);
    }
    return this.pause("request", breakpoint, sentHead, this.sentContent ?? received);
  }

  protected useEdited({ head, content, to }: EditedMessage): void {
    const edited = head as RequestHead; // a request's edits make a request
    const hostEdited = edited.fields.get("host") !== this.sentHead.fields.get("host");
    if (to !== null) this.route = reroute(this.route as Route, this.client.entry, to);
    this.readdress(edited.target, hostEdited);
    this.sentHead = edited;
    this.sentContent = content ?? this.sentContent;
  }
}

const NO_BYTES = Buffer.alloc(0);
