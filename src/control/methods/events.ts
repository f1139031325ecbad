// Live events for those who stay connected.
import { z } from "zod";
import { unavailable } from "../error.ts";
import { EVENTS, type EventName } from "../events/event.ts";
import { method } from "../method.ts";
import { filter } from "./params.ts";

const eventNames = Object.keys(EVENTS) as [EventName, ...EventName[]]; // a table with entries

export const subscribe = method({
  doc: "Sends notifications from now on. With a filter, flows are told of that match, and those once told of to their end; a filter on headers or bodies is judged by the recording, so that only `flow.completed` comes of it. Over HTTP: GET /api/events with the same parameters, as server-sent events; `Last-Event-ID` is `after`.",
  params: z.strictObject({
    filter: filter.optional(),
    after: z
      .string()
      .optional()
      .describe(
        "`eventId` of the last event heard: what came since comes first, if it is still known (a minute, 1000 events)",
      ),
    events: z.array(z.enum(eventNames)).min(1).optional().describe("only these; all without it"),
  }),
  result: "{subscription}",
  run: ({ filter, ...interest }, { hub, caller }) => {
    if (caller.subscriber === null)
      throw unavailable("events do not come this way; GET /api/events is the one for HTTP");
    const subscription = hub.subscribe(caller.subscriber, { filter: filter ?? null, ...interest });
    return { subscription };
  },
});

export const unsubscribe = method({
  doc: "Ends a subscription of this connection.",
  params: z.strictObject({ subscription: z.int() }),
  result: "{ended: whether there was one}",
  run: ({ subscription }, { hub, caller }) => ({
    ended: caller.subscriber !== null && hub.unsubscribe(caller.subscriber, subscription),
  }),
});
