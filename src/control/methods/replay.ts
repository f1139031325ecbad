// Requests sent again.
import { z } from "zod";
import { type RequestEdits, replayRequest } from "../../proxy/replay-request.ts";
import { badParam, failed, noFlow, unavailable } from "../error.ts";
import { method, type Scope } from "../method.ts";
import { content, contentOf, fields } from "./edits.ts";
import { flowId } from "./params.ts";

const TIMES_MAX = 1000;
/** What is held of a body while it is sent again. */
const BODY_MAX = 64 << 20;

const edits = z
  .strictObject({
    method: z.string().min(1).max(100).optional(),
    url: z.string().min(1).optional(),
    headers: fields.optional(),
    head: z.base64().optional().describe("the whole head, raw; base64"),
    body: content.optional(),
  })
  .describe("what is left out stays");

export const replay = method({
  doc: "Sends a recorded request again, through rules and recording like any other; the answers are new flows. Several times: one after another.",
  params: z.strictObject({ id: flowId, edits: edits.optional(), times: z.int().min(1).max(TIMES_MAX).default(1) }),
  result: "{ids: [the new flows]}",
  run: async ({ id, edits = {}, times }, scope) => {
    const { engine } = scope;
    const request = await compose(id, edits, scope);
    const ids: number[] = [];
    for (let i = 0; i < times; i++) ids.push(await engine.replay(request));
    return { ids };
  },
});

async function compose(id: number, edited: z.output<typeof edits>, { engine, archive }: Scope) {
  await engine.settle(id);
  const flow = await archive.run("get", { id });
  if (flow === null) throw noFlow(id);
  if (flow.method === "CONNECT") throw unavailable(`flow ${id} is a tunnel: there is no request to send again`);
  const { body } = flow.request;
  if (edited.body === undefined && body.truncated) {
    throw failed(
      `the body of flow ${id} was recorded in part (${body.recorded} of ${body.size} bytes): give one in edits.body`,
    );
  }
  const part = await archive.run("body", {
    id,
    side: "request",
    decoded: false,
    version: "received",
    from: 0,
    length: BODY_MAX,
  });
  const changes = await editsOf(edited);
  try {
    return replayRequest(flow, Buffer.from(part?.bytes ?? []), changes, engine.config.limits);
  } catch (error) {
    throw badParam("edits", error instanceof Error ? error.message : String(error));
  }
}

async function editsOf({ method, url, headers, head, body }: z.output<typeof edits>): Promise<RequestEdits> {
  const given = await contentOf(body, "edits.body");
  return {
    method,
    url,
    headers,
    ...(head === undefined ? {} : { head: Buffer.from(head, "base64") }),
    ...(given === undefined ? {} : { content: "text" in given ? Buffer.from(given.text) : given.bytes }),
  };
}
