// Live events for whoever watches. Nothing is built as long as nobody does, and a summary only once somebody reads it.
import type { ConnFacts, FlowSummary } from "./model.ts";
import { type FlowRow, summaryOf } from "./row.ts";

export type FlowEventType = "flow.started" | "flow.updated" | "flow.completed";

export interface FlowEvent {
  readonly type: FlowEventType;
  /** The flow as it was when the event was told. Read it before returning: a running flow goes on changing. */
  readonly flow: FlowSummary;
}

export type FlowListener = (event: FlowEvent) => void;

export class Feed {
  private listeners: FlowListener[] = [];
  private readonly onFault: (error: unknown) => void;

  /** `onFault` hears of a listener that threw; the listener is dropped, the flow goes on. */
  constructor(onFault: (error: unknown) => void) {
    this.onFault = onFault;
  }

  /** Calls `listener` for every event, at once and in order, until the function returned is called. */
  subscribe(listener: FlowListener): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter(other => other !== listener);
    };
  }

  /** Asked before telling: without a listener an event costs one comparison. */
  get watched(): boolean {
    return this.listeners.length > 0;
  }

  tell(type: FlowEventType, row: FlowRow, client: ConnFacts | undefined, server: ConnFacts | undefined): void {
    const event = new LazyEvent(type, row, client, server);
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.listeners = this.listeners.filter(other => other !== listener);
        this.onFault(error);
      }
    }
  }
}

class LazyEvent implements FlowEvent {
  readonly type: FlowEventType;
  private readonly row: FlowRow;
  private readonly client: ConnFacts | undefined;
  private readonly server: ConnFacts | undefined;
  private summary: FlowSummary | undefined;

  constructor(type: FlowEventType, row: FlowRow, client: ConnFacts | undefined, server: ConnFacts | undefined) {
    this.type = type;
    this.row = row;
    this.client = client;
    this.server = server;
  }

  get flow(): FlowSummary {
    this.summary ??= summaryOf(this.row, this.client, this.server);
    return this.summary;
  }
}
