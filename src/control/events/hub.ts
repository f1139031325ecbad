// Live events to many subscribers. Watches the engine only while somebody watches it, gives every event a number, and keeps nothing for
// those who do not read.
import type { FlowEvent } from "../../flow/feed.ts";
import type { FlowSummary } from "../../flow/model.ts";
import { subjectOf } from "../../flow/subject.ts";
import type { Filter } from "../../match/ast.ts";
import { compileFilter, type Predicate } from "../../match/compile.ts";
import type { Archive } from "../archive/archive.ts";
import type { Engine } from "../engine.ts";
import { pausedFlow } from "../paused-flow.ts";
import { readsMessages } from "./depth.ts";
import { type EventBody, type EventName, HubEvent } from "./event.ts";
import { LateJudge } from "./late-judge.ts";

/** Where a subscription's events go. */
export interface Subscriber {
  /** Takes an event and returns true, or has no room for it. */
  offer(event: HubEvent, subscription: number): boolean;
  /** `missed` events were left out for want of room, and now there is some; null: nobody knows how many. */
  resync(missed: number | null, subscription: number): void;
}

export interface Interest {
  /** null: all flows. */
  readonly filter: Filter | null;
  /** undefined: all events. */
  readonly events?: readonly EventName[] | undefined;
  /** The id of the last event that was heard: what came since is told first, or that it is not known any more. */
  readonly after?: string | undefined;
}

/** Events that are kept for those who come back. */
const KEPT_MAX = 1000;
/** How long events are kept when nobody watches, milliseconds. */
const KEPT_MS = 60_000;

export class EventHub {
  private readonly engine: Engine;
  private readonly archive: Archive;
  private readonly subscriptions = new Map<number, Subscription>();
  private unwatch: (() => void) | null = null;
  private rest: NodeJS.Timeout | null = null;
  private readonly kept: HubEvent[] = [];
  /** Tells the events of this run from those of another. */
  private readonly run: string;
  private lastSeq = 0;
  private lastId = 0;

  constructor(engine: Engine, archive: Archive) {
    this.engine = engine;
    this.archive = archive;
    this.run = Math.round(engine.startedAt).toString(36);
  }

  /** Answers the subscription's number. */
  subscribe(subscriber: Subscriber, interest: Interest): number {
    const id = ++this.lastId;
    const subscription = new Subscription(id, subscriber, interest, this.engine, this.archive);
    this.subscriptions.set(id, subscription);
    if (this.rest !== null) clearTimeout(this.rest);
    this.rest = null;
    this.unwatch ??= this.watch();
    if (interest.after !== undefined) this.resume(subscription, interest.after);
    return id;
  }

  /** False if there was no such subscription of this subscriber. */
  unsubscribe(subscriber: Subscriber, id: number): boolean {
    if (this.subscriptions.get(id)?.subscriber !== subscriber) return false;
    this.drop(id);
    return true;
  }

  /** The subscriber is gone. */
  forget(subscriber: Subscriber): void {
    for (const [id, subscription] of this.subscriptions) if (subscription.subscriber === subscriber) this.drop(id);
  }

  /** The subscriber has room again. */
  drained(subscriber: Subscriber): void {
    for (const subscription of this.subscriptions.values()) {
      if (subscription.subscriber === subscriber) subscription.catchUp();
    }
  }

  get subscribers(): number {
    return this.subscriptions.size;
  }

  tell(body: EventBody): void {
    if (this.unwatch === null) return;
    const event = new HubEvent(this.run, ++this.lastSeq, body);
    this.kept.push(event);
    if (this.kept.length > KEPT_MAX) this.kept.shift();
    for (const subscription of this.subscriptions.values()) subscription.take(event);
  }

  close(): void {
    for (const id of [...this.subscriptions.keys()]) this.drop(id);
    this.stop();
  }

  private drop(id: number): void {
    this.subscriptions.get(id)?.end();
    this.subscriptions.delete(id);
    if (this.subscriptions.size > 0 || this.rest !== null) return;
    // A page that is loaded anew comes back within a moment, and should not have missed anything.
    this.rest = setTimeout(() => this.stop(), KEPT_MS);
    this.rest.unref();
  }

  private stop(): void {
    if (this.rest !== null) clearTimeout(this.rest);
    this.rest = null;
    this.unwatch?.();
    this.unwatch = null;
    this.kept.length = 0;
  }

  private resume(subscription: Subscription, after: string): void {
    const [run, seq] = after.split("-");
    const from = Number(seq);
    const isKnown = run === this.run && from <= this.lastSeq && from + 1 >= (this.kept[0]?.seq ?? this.lastSeq + 1);
    if (!isKnown) return subscription.lose();
    for (const event of this.kept) if (event.seq > from) subscription.take(event);
  }

  private watch(): () => void {
    const offFlows = this.engine.subscribe((event: FlowEvent) => this.tell({ name: event.type, flow: event.flow }));
    const offLog = this.engine.log.subscribe(line => this.tell({ name: "log", line }));
    const offHolds = this.engine.holds.subscribe(paused =>
      this.tell({ name: "intercept.paused", flow: pausedFlow(paused) }),
    );
    return () => {
      offFlows();
      offHolds();
      offLog();
    };
  }
}

/** One subscriber's interest, and what it has missed. */
class Subscription {
  readonly subscriber: Subscriber;
  private readonly id: number;
  private readonly events: ReadonlySet<EventName> | null;
  private readonly matches: Predicate | null;
  private readonly late: LateJudge | null;
  /** Running flows that were told of: they are told of to their end, whatever they turn into. */
  private readonly told = new Set<number>();
  private missed = 0;

  constructor(id: number, subscriber: Subscriber, interest: Interest, engine: Engine, archive: Archive) {
    const { filter, events } = interest;
    this.id = id;
    this.subscriber = subscriber;
    this.events = events === undefined ? null : new Set(events);
    this.matches = filter === null ? null : compileFilter(filter, { nowMs: () => engine.now() });
    this.late =
      filter === null || !readsMessages(filter)
        ? null
        : new LateJudge(engine, archive, filter.text, {
            matched: event => this.offer(event),
            lost: count => this.miss(count),
          });
  }

  take(event: HubEvent): void {
    const { body } = event;
    if (this.events !== null && !this.events.has(body.name)) return;
    if ("flow" in body) {
      if (this.late !== null) {
        if (body.name === "flow.completed") this.late.judge(event, body.flow.id);
        return;
      }
      if (!this.concerns(body.name, body.flow)) return;
    }
    this.offer(event);
  }

  /** What came since the subscriber was last here is not known any more. */
  lose(): void {
    this.subscriber.resync(null, this.id);
  }

  catchUp(): void {
    const { missed } = this;
    if (missed === 0) return;
    this.missed = 0;
    this.subscriber.resync(missed, this.id);
  }

  end(): void {
    this.late?.end();
  }

  private concerns(name: EventName, flow: FlowSummary): boolean {
    if (this.matches === null) return true;
    const wasTold = this.told.has(flow.id);
    const is = wasTold || this.matches(subjectOf(flow));
    if (name === "flow.completed") this.told.delete(flow.id);
    else if (is) this.told.add(flow.id);
    return is;
  }

  private offer(event: HubEvent): void {
    // After a gap nothing comes before the word that there was one.
    if (this.missed > 0 || !this.subscriber.offer(event, this.id)) this.missed++;
  }

  private miss(count: number): void {
    this.missed += count;
    this.catchUp();
  }
}
