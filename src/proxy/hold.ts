// Breakpoints: which messages wait for a person, and what the person says of them. The board knows flows and messages; how an exchange
// carries a verdict out is its own affair (ruled-exchange.ts), and what a person's edits make of a message stands in message-edit.ts.
import type { FlowSummary } from "../flow/model.ts";
import { FLAG_INTERCEPTED, summaryOf } from "../flow/row.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { Filter } from "../match/ast.ts";
import type { Moment } from "../match/compile.ts";
import { compileAtStage, type StagedPredicate, stageOf } from "../match/stage.ts";
import type { Subject } from "../match/subject.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import type { EditedMessage } from "./message-edit.ts";

export const TURNS = ["request", "response"] as const;
export type Turn = (typeof TURNS)[number];

/** A message that waits. */
export interface HeldMessage {
  readonly tap: FlowTap;
  readonly turn: Turn;
  /** As it would go on. */
  readonly head: RequestHead | ResponseHead;
  /** The content as on the wire, without framing; null: too long or too slow to be held, it streams behind the head as it is. */
  readonly content: Buffer | null;
  /** The request's, which says whether the answer has content. */
  readonly method: string;
}

export type Verdict =
  /** edited null: as it is. */
  | { readonly kind: "resume"; readonly edited: EditedMessage | null }
  /** As it was received, whatever rules made of it. */
  | { readonly kind: "undo" }
  | { readonly kind: "answer"; readonly head: ResponseHead; readonly content: Buffer }
  | { readonly kind: "drop"; readonly why: string };

export const GO_ON: Verdict = { kind: "resume", edited: null };

export interface BreakpointSettings {
  /** Null: whoever stops here says so by itself. */
  readonly filter: Filter | null;
  readonly on: readonly Turn[];
  /** How long a message waits, milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  readonly onTimeout: "resume" | "drop";
}

export interface BoardOptions {
  /** Messages that may wait at once; more go through. */
  readonly max: number;
  /** How long what a rule pauses waits, milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Whose breakpoint it is. Nobody in particular: null. */
export type Owner = object | null;

export class HoldBoard {
  private readonly options: BoardOptions;
  private readonly breakpoints = new Map<Owner, Breakpoint>();
  private readonly paused = new Map<number, Paused>();
  private readonly ofRules: Breakpoint;
  private listeners: ((paused: Paused) => void)[] = [];

  constructor(options: BoardOptions) {
    this.options = options;
    const settings = { filter: null, on: [], timeoutMs: options.timeoutMs, onTimeout: "resume" } as const;
    this.ofRules = new Breakpoint(this, settings, { nowMs: options.now });
  }

  /** Whether any breakpoint is set. */
  get isSet(): boolean {
    return this.breakpoints.size > 0;
  }

  /** Sets the owner's breakpoint; it has one. What waits already goes on waiting. */
  set(owner: Owner, settings: BreakpointSettings): void {
    this.breakpoints.set(owner, new Breakpoint(owner, settings, { nowMs: this.options.now }));
  }

  /** Takes the owner's breakpoint off. Nobody is left to decide on what waits at one: that goes on as it is. */
  clear(owner: Owner): void {
    if (this.breakpoints.delete(owner)) this.releaseAll(paused => paused.breakpoint.owner === owner);
  }

  /** Is a message to wait? `whole`: its content is known; without it, "content" asks for it. */
  asks(turn: Turn, subject: Subject, whole: boolean): Breakpoint | "content" | null {
    let undecided = false;
    for (const breakpoint of this.breakpoints.values()) {
      const asked = breakpoint.asks(turn, subject, whole);
      if (asked === "yes") return breakpoint;
      undecided ||= asked === "content";
    }
    return undecided ? "content" : null;
  }

  /** The breakpoint that rules (`pause`) stop at. */
  get rules(): Breakpoint {
    return this.ofRules;
  }

  /** Puts a message on the board; null if there is no room. */
  pause(message: HeldMessage, breakpoint: Breakpoint): Paused | null {
    const { tap } = message;
    if (this.paused.size >= this.options.max) {
      tap.note(`not paused: ${this.paused.size} messages wait already (--limit paused=…)`);
      return null;
    }
    const paused = new Paused(message, breakpoint, this.options.now(), () => this.paused.delete(tap.id));
    this.paused.set(tap.id, paused);
    for (const listener of this.listeners) listener(paused);
    return paused;
  }

  /** What waits, the longest first. */
  list(): Paused[] {
    return [...this.paused.values()];
  }

  find(id: number): Paused | undefined {
    return this.paused.get(id);
  }

  /** Hears of every message that begins to wait, until the function returned is called. */
  subscribe(listener: (paused: Paused) => void): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter(other => other !== listener);
    };
  }

  /** No breakpoint is left, and nothing waits. */
  close(): void {
    this.breakpoints.clear();
    this.releaseAll(() => true);
  }

  private releaseAll(isConcerned: (paused: Paused) => boolean): void {
    for (const paused of this.list()) if (isConcerned(paused)) paused.decide(GO_ON);
  }
}

/** One filter, at one or both turns. */
export class Breakpoint {
  readonly owner: Owner;
  readonly timeoutMs: number;
  readonly onTimeout: "resume" | "drop";
  private readonly turns = new Map<Turn, TurnFilter>();

  constructor(owner: Owner, { filter, on, timeoutMs, onTimeout }: BreakpointSettings, moment: Moment) {
    this.owner = owner;
    this.timeoutMs = timeoutMs;
    this.onTimeout = onTimeout;
    if (filter !== null) for (const turn of on) this.turns.set(turn, turnFilter(filter, turn, moment));
  }

  asks(turn: Turn, subject: Subject, whole: boolean): "yes" | "no" | "content" {
    const filter = this.turns.get(turn);
    if (filter === undefined) return "no";
    if (whole) return filter.whole.certain(subject) ? "yes" : "no";
    if (filter.head.certain(subject)) return "yes";
    return filter.readsContent && filter.head.possible(subject) ? "content" : "no";
  }
}

interface TurnFilter {
  readonly head: StagedPredicate;
  readonly whole: StagedPredicate;
  readonly readsContent: boolean;
}

function turnFilter(filter: Filter, turn: Turn, moment: Moment): TurnFilter {
  const body = turn === "request" ? "requestBody" : "responseBody";
  return {
    head: compileAtStage(filter, turn, moment),
    whole: compileAtStage(filter, body, moment),
    // A filter on what comes later still ("done") is never certain here.
    readsContent: stageOf(filter) === body,
  };
}

/** A message that waits, until it is decided on. */
export class Paused {
  readonly message: HeldMessage;
  readonly breakpoint: Breakpoint;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly verdict: Promise<Verdict>;
  private settle: (verdict: Verdict) => void = () => {};
  private readonly onOver: () => void;
  private readonly timer: NodeJS.Timeout | null;

  constructor(message: HeldMessage, breakpoint: Breakpoint, since: number, onOver: () => void) {
    this.message = message;
    this.breakpoint = breakpoint;
    this.since = since;
    this.onOver = onOver;
    this.verdict = new Promise(resolve => {
      this.settle = resolve;
    });
    const { timeoutMs } = breakpoint;
    this.timer = timeoutMs === 0 ? null : setTimeout(() => this.timeOut(), timeoutMs);
    const { tap } = message;
    tap.state = "intercepted";
    tap.flags |= FLAG_INTERCEPTED;
    tap.changed();
  }

  /** Epoch milliseconds; null if it waits for ever. */
  get until(): number | null {
    const { timeoutMs } = this.breakpoint;
    return timeoutMs === 0 ? null : this.since + timeoutMs;
  }

  get flow(): FlowSummary {
    const { tap } = this.message;
    return summaryOf(tap, tap.client, tap.server);
  }

  decide(verdict: Verdict): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.onOver();
    const { tap } = this.message;
    // A flow that ended meanwhile keeps the state that it ended in.
    if (tap.state === "intercepted") {
      tap.state = "active";
      tap.changed();
    }
    this.settle(verdict);
  }

  /** Its exchange has ended by itself. */
  withdraw(): void {
    this.decide(GO_ON);
  }

  private timeOut(): void {
    const { timeoutMs, onTimeout } = this.breakpoint;
    const waited = `nobody decided on the ${this.message.turn} within ${timeoutMs / 1000} s`;
    this.message.tap.note(`${waited}: ${onTimeout === "drop" ? "dropped" : "it went on as it was"}`);
    this.decide(onTimeout === "drop" ? { kind: "drop", why: waited } : GO_ON);
  }
}
