// Waiting for something to happen.
import { z } from "zod";
import type { FlowSummary } from "../../../flow/model.ts";
import { tool } from "../tool.ts";

export const waitForFlow = tool({
  title: "Wait for a flow",
  doc: "Waits until an exchange that matches the filter is over, and shows its line. For flows that begin from now on, so call it before or while the request is made.",
  params: z.strictObject({
    filter: z.string(),
    seconds: z.number().min(0.1).max(300).default(30),
  }),
  readOnly: true,
  run: async ({ filter, seconds }, { client, shower, signal }) => {
    const heard = new Promise<FlowSummary>(resolve => {
      client.listen(({ method, params }) => {
        if (method === "flow.completed") resolve(params.flow as FlowSummary); // the event's own params
      });
    });
    await client.call("events.subscribe", { filter, events: ["flow.completed"] });
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<null>(resolve => {
      timer = setTimeout(resolve, seconds * 1000, null);
      signal.addEventListener("abort", () => resolve(null), { once: true });
    });
    const flow = await Promise.race([heard, over]);
    clearTimeout(timer);
    return flow === null ? `no flow matched within ${seconds} s` : shower.line(flow);
  },
});
