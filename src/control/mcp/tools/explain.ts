// Why a flow ended as it did: what is known, put together, and what to look at next.
import { z } from "zod";
import type { WholeFlow } from "../../../flow/model.ts";
import { FAILURES, type FailureSpec } from "../../../proxy/failures.ts";
import { tool } from "../tool.ts";

export const explainFlow = tool({
  title: "Explain a flow",
  doc: "Why an exchange failed, was slow or was changed: error, whose fault, defects, rules, where the time went, and what to look at next.",
  params: z.strictObject({ id: z.int().min(1) }),
  readOnly: true,
  run: async ({ id }, { client, shower }) => {
    const { flow } = await client.call("flows.get", { id });
    return [shower.line(flow), ...outcome(flow), ...changes(flow), timing(flow)].join("\n");
  },
});

function outcome(flow: WholeFlow): string[] {
  const { error, status, defects } = flow;
  const said: string[] = [];
  if (error !== null) {
    said.push(
      `It failed (${error.code}${error.side === undefined ? "" : `, on the ${error.side}'s side`}): ${error.message}.`,
    );
    const known: Readonly<Record<string, FailureSpec>> = FAILURES;
    const failure = Object.hasOwn(known, error.code) ? known[error.code] : undefined;
    if (failure !== undefined) said.push(`${failure.title}. ${failure.hint.replaceAll("{host}", flow.host)}`.trimEnd());
  } else if (flow.state === "active") {
    said.push("It still runs.");
  } else if (status !== null && status >= 400) {
    const whose = status >= 500 ? "the server's answer, not waylay's" : "the server refused this request";
    said.push(`It was carried without fault; ${status} is ${whose}. read_body shows what the server says about it.`);
  } else {
    said.push("It was carried without fault.");
  }
  if (flow.tls.server?.insecure !== undefined) said.push("The server's certificate was NOT verified.");
  if (defects.length > 0) said.push(`Malformed, and taken all the same: ${defects.join(", ")}.`);
  const cut = [flow.request, flow.response].some(message => message?.body.truncated);
  if (cut) said.push("A body was recorded in part only (--body-limit), though all of it was carried.");
  return said;
}

function changes(flow: WholeFlow): string[] {
  const said: string[] = [];
  if (flow.rules.length > 0) said.push(`Rules that applied: ${flow.rules.join(", ")}.`);
  if (flow.request.original !== undefined) said.push("The request was changed on the way.");
  if (flow.response?.original !== undefined) said.push("The response was changed on the way.");
  return said;
}

function timing({ timings, duration }: WholeFlow): string {
  const parts = Object.entries(timings).filter(([, ms]) => ms >= 0.05);
  if (duration === null || parts.length === 0) return "Where the time went is not known.";
  const [longest] = parts.reduce((most, part) => (part[1] > most[1] ? part : most));
  const list = parts.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(", ");
  return `Time: ${duration.toFixed(1)} ms in all; ${list}. Most went into ${longest} (${MEANINGS[longest] ?? longest}).`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  blocked: "waiting for a connection",
  dns: "finding the server's address",
  connect: "connecting",
  tls: "the TLS handshake",
  send: "sending the request",
  wait: "the server's thinking",
  receive: "receiving the response",
};
