// Each client may ask three times a minute; what it gets says how many times it has asked. Variables stay between requests.
import type { Script } from "waylay";

const MINUTE_MS = 60_000;
const asked = new Map<string, number[]>();

export const request: Script["request"] = async (request, context) => {
  const now = Date.now();
  const times = [...(asked.get(context.client) ?? []).filter(at => now - at < MINUTE_MS), now];
  asked.set(context.client, times);
  if (times.length > 3) {
    context.tag("over-quota");
    return { status: 429, headers: { "Retry-After": "60" }, json: { error: "too many requests", asked: times.length } };
  }
  // A path is enough: the rest of the URL stays.
  request.url = new URL(request.url).pathname.replace("/script/", "/");
  request.headers.set("X-Asked", String(times.length));
  return undefined;
};

export const response: Script["response"] = async (response, request, context) => {
  const before = await context.flows.list(`url:"${request.url}" status:2xx`, { limit: 10 });
  response.headers.set("X-Seen-Before", String(before.length));
  if (response.headers.get("content-type")?.includes("json") && response.body.isKnown) {
    response.body.json = { seenBefore: before.length, answer: response.body.json };
  }
};
