// What subscribers hear. One table: the API's docs, the subscription's parameter and the types come from it.
import type { FlowSummary } from "../../flow/model.ts";
import type { LogLine } from "../log.ts";

export const EVENTS = {
  "flow.started": "a request's target is known; `flow` is its summary so far",
  "flow.updated": "something worth showing changed: an answer began, a person noted something",
  "flow.completed": "the flow is over; it can be read with all its bytes",
  "intercept.paused":
    "a message waits at a breakpoint; `flow` is its summary, with `paused` {turn, since, until}; the next `flow.updated` or `flow.completed` says that it waits no more",
  "flows.deleted": "flows were deleted: `ids`",
  log: "waylay said something: `level` (info, warn), `message`, `at`",
  resync:
    "`missed` events were left out because this subscriber did not read them in time (null: it asked to go on after one that is not known any more): list anew",
} as const;

export type EventName = keyof typeof EVENTS;

export type EventBody =
  | { readonly name: "flow.started" | "flow.updated" | "flow.completed"; readonly flow: FlowSummary }
  | { readonly name: "intercept.paused"; readonly flow: FlowSummary }
  | { readonly name: "flows.deleted"; readonly ids: readonly number[] }
  | { readonly name: "log"; readonly line: LogLine };

/** An event on its way to many: written as JSON at most once. */
export class HubEvent {
  /** Counts up in this run of waylay. */
  readonly seq: number;
  /** Names the event among all runs, for who wants to go on after it. */
  readonly id: string;
  readonly body: EventBody;
  private json: string | undefined;

  constructor(run: string, seq: number, body: EventBody) {
    this.seq = seq;
    this.id = `${run}-${seq}`;
    this.body = body;
  }

  /** The members of the notification's params, without braces. */
  get members(): string {
    this.json ??= `"eventId":"${this.id}",${membersOf(this.body)}`;
    return this.json;
  }
}

function membersOf(body: EventBody): string {
  switch (body.name) {
    case "flows.deleted":
      return `"ids":${JSON.stringify(body.ids)}`;
    case "log":
      return JSON.stringify(body.line).slice(1, -1);
    default:
      return `"flow":${JSON.stringify(body.flow)}`;
  }
}
