// A turn of scripts: what they see of an exchange, and their outcomes as parts of its plan, carried out as any rule's.
import { decodeContent } from "../flow/decode/content.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { Answer } from "../rules/answer.ts";
import { editHead, type HeadOp } from "../rules/edit/head.ts";
import { type RequestFacts, urlOf } from "../rules/facts.ts";
import type { Plan, ResponsePlan, Route, ScriptCall } from "../rules/plan.ts";
import type { ScriptHost, ScriptInput, ScriptOutcome, ScriptTurn } from "../rules/script/host.ts";
import type { Fields } from "../wire/http1/fields.ts";
import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";
import { parseRequestHead, parseResponseHead } from "../wire/http1/head-parser.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";

/** What a turn needs of the exchange around it. */
export interface ScriptScene {
  readonly host: ScriptHost;
  readonly limits: Http1Limits;
  readonly contentLimit: number;
  readonly facts: RequestFacts;
  readonly tap: FlowTap;
  say(line: string): void;
}

/** Must the content be held for them? */
export function wantContent(scripts: readonly ScriptCall[], turn: ScriptTurn, host: ScriptHost): boolean {
  return scripts.some(each => each.body && host.takes(each.file, turn));
}

/**
 * Asks the scripts of a request's plan, each after the edits of all rules and of the scripts before it. `content` as received; null
 * if it was not held. Throws where a script fails that must not.
 */
export async function askAtRequest(
  scene: ScriptScene,
  asked: Plan,
  received: RequestHead,
  content: Buffer | null,
): Promise<Plan> {
  let plan = asked;
  let body: Uint8Array | null = decoded(received.fields, content, scene.contentLimit);
  for (const call of asked.scripts) {
    const request = requestInput(received, plan, body, scene);
    const outcome = await ask(scene, call, { turn: "request", request, response: null });
    body = outcome.body ?? body;
    const moved = outcome.url === null ? null : wayTo(outcome.url, request.url);
    plan = {
      ...withOutcome(plan, outcome, call),
      head: [...plan.head, ...outcome.head, ...(moved?.head ?? [])],
      route: moved === null ? plan.route : { ...plan.route, ...moved.route },
    };
    if (plan.answer !== null) break;
  }
  return plan;
}

/** The same at the response. `sent`: the request as it went on, and its content as it was received. */
export async function askAtResponse(
  scene: ScriptScene,
  asked: ResponsePlan,
  sent: { readonly head: RequestHead; readonly url: string },
  received: ResponseHead,
  content: Buffer | null,
): Promise<ResponsePlan> {
  let plan = asked;
  let body: Uint8Array | null = decoded(received.fields, content, scene.contentLimit);
  const request = { method: sent.head.method, url: sent.url, headers: pairsOf(sent.head.fields), body: null };
  for (const call of asked.scripts) {
    const head = plan.head.length === 0 ? received : parsedResponse(editHead(received, plan.head), scene.limits);
    const { status, reason, fields } = head;
    const response = { status, reason, headers: pairsOf(fields), body };
    const outcome = await ask(scene, call, { turn: "response", request, response });
    if (outcome.body !== null && content === null)
      scene.tap.note(`${nameOf(call)}: the response's content was not changed, since it was not held`);
    body = outcome.body ?? body;
    plan = { ...withOutcome(plan, outcome, call), head: [...plan.head, ...outcome.head] };
    if (plan.answer !== null) break;
  }
  return plan;
}

/** Where a request goes under a plan. */
export function urlUnder(plan: Plan, facts: RequestFacts): string {
  const target = plan.head.findLast((op): op is HeadOp & { kind: "target" } => op.kind === "target");
  const { scheme = facts.scheme, host = facts.host, port = facts.port } = plan.route ?? {};
  return urlOf(scheme, host, port, target?.value ?? facts.target);
}

async function ask(
  { host, facts, tap, say }: ScriptScene,
  call: ScriptCall,
  input: Pick<ScriptInput, "turn" | "request" | "response">,
): Promise<ScriptOutcome> {
  const outcome = await host.run(call, { ...input, flow: tap.id, client: facts.client.address });
  for (const line of outcome.log) say(line);
  for (const tag of outcome.tags) tap.tag(tag);
  if (outcome.comment !== null) tap.extraNotes().comment = outcome.comment;
  if (outcome.error !== null) {
    const line = `${nameOf(call)}: ${outcome.error}`;
    say(line);
    if (call.onError === "fail") throw new Error(line);
    tap.tag("script-error");
    tap.note(line);
  }
  return outcome;
}

function nameOf({ file }: ScriptCall): string {
  return `script ${file.slice(file.lastIndexOf("/") + 1)}`;
}

function withOutcome<P extends Plan | ResponsePlan>(plan: P, { body, answer }: ScriptOutcome, { rule }: ScriptCall): P {
  return {
    ...plan,
    body: body === null ? plan.body : [...plan.body, { kind: "set", bytes: Buffer.from(body), type: undefined }],
    answer: answer === null ? plan.answer : asAnswer(answer, rule),
  };
}

function asAnswer({ status, headers, bytes, type }: NonNullable<ScriptOutcome["answer"]>, rule: string): Answer {
  const empty = bytes.length === 0 && type === null;
  const content: Answer["content"] = empty ? { kind: "none" } : { kind: "bytes", bytes, type: type ?? undefined };
  return { rule, status, reason: undefined, headers, delayMs: 0, content };
}

function requestInput(received: RequestHead, plan: Plan, body: Uint8Array | null, { limits, facts }: ScriptScene) {
  const bytes = plan.head.length === 0 ? null : editHead(received, plan.head);
  const { method, fields } = bytes === null ? received : parseRequestHead(bytes, 0, bytes.length, limits);
  return { method, url: urlUnder(plan, facts), headers: pairsOf(fields), body };
}

/** What of a URL is new, as route and edits of the head. */
function wayTo(url: string, before: string): { readonly route: Route; readonly head: readonly HeadOp[] } {
  const [to, from] = [new URL(url), new URL(before)];
  const target: HeadOp = { kind: "target", value: `${to.pathname}${to.search}` };
  if (to.origin === from.origin) return { route: {}, head: [target] };
  const scheme = to.protocol === "https:" ? "https" : "http";
  const port = to.port === "" ? (scheme === "https" ? 443 : 80) : Number(to.port);
  const host = to.hostname.replace(/^\[(.*)\]$/, "$1");
  return { route: { scheme, host, port }, head: [target, { kind: "set", name: "Host", value: to.host }] };
}

function pairsOf(fields: Fields): [string, string][] {
  return Array.from({ length: fields.count }, (_, i) => [fields.name(i), fields.value(i)]);
}

function parsedResponse(bytes: Buffer, limits: Http1Limits): ResponseHead {
  return parseResponseHead(bytes, 0, bytes.length, limits);
}

/** What cannot be decoded is not known. */
function decoded(fields: Fields, content: Buffer | null, limitBytes: number): Buffer | null {
  if (content === null) return null;
  const { bytes, problem } = decodeContent(content, fields.getAll("content-encoding").join(","), limitBytes);
  return problem === undefined ? bytes : null;
}
