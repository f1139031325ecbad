// Plans in words, for `rules explain` and the flow's page.
import type { BodyOp } from "./edit/body.ts";
import { describeFind } from "./edit/find.ts";
import type { HeadOp } from "./edit/head.ts";
import type { ConnectionPlan, FlowPlan, Plan, ResponsePlan, Route } from "./plan.ts";
import type { Conditions } from "./program.ts";

/** What a plan does, one line each. */
export function describePlan(plan: Plan | ResponsePlan): string[] {
  const route = "route" in plan && plan.route !== null ? [describeRoute(plan.route)] : [];
  return [
    ...plan.head.map(describeHeadOp),
    ...plan.body.map(describeBodyOp),
    ...route,
    ...(plan.answer === null
      ? []
      : [
          `answer ${plan.answer.status} (${plan.answer.content.kind})${plan.answer.delayMs > 0 ? ` after ${plan.answer.delayMs} ms` : ""}`,
        ]),
    ...(plan.connection === null ? [] : describeConnection(plan.connection)),
    ...(plan.flow === null ? [] : describeFlow(plan.flow)),
    ...plan.scripts.map(({ file }) => `ask the script ${file}`),
    ...plan.messages.map(
      each => `messages ${each.direction}${each.match === undefined ? "" : ` with ${describeFind(each.match)}`}`,
    ),
  ];
}

function describeRoute({ scheme, host, port }: Route): string {
  const name = host?.includes(":") ? `[${host}]` : (host ?? "the same host");
  return `send to ${scheme === undefined ? "" : `${scheme}://`}${name}${port === undefined ? "" : `:${port}`}`;
}

/** What must hold beside the filter, one line each; empty if nothing must. */
export function describeConditions({ sample, times, between }: Conditions): string[] {
  const said: string[] = [];
  if (sample < 1) said.push(`sample: ${Number((sample * 100).toPrecision(6))}% of matches`);
  if (times !== null) said.push(`times: ${times.kind} ${times.count}`);
  if (between?.kind === "day") said.push(`between: ${dayTime(between.fromMinute)} and ${dayTime(between.toMinute)}`);
  if (between?.kind === "epoch")
    said.push(`between: ${new Date(between.fromMs).toISOString()} and ${new Date(between.toMs).toISOString()}`);
  return said;
}

function dayTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

export function describeHeadOp(op: HeadOp): string {
  switch (op.kind) {
    case "method":
    case "target":
    case "reason":
      return `${op.kind} becomes ${op.value}`;
    case "status":
      return `status becomes ${op.status}`;
    case "set":
    case "add":
    case "append":
      return `${op.kind} ${op.name}: ${op.value}`;
    case "remove":
      return `remove ${op.name}`;
    case "rename":
      return `rename ${op.from} to ${op.to}`;
    case "replace":
      return `in ${op.name} replace ${describeFind(op.find)} by ${JSON.stringify(op.with)}`;
    case "cookie":
      return op.value === null ? `remove cookie ${op.name}` : `set cookie ${op.name}=${op.value}`;
    case "cookie-replace":
      return `in cookie ${op.name} replace ${describeFind(op.find)} by ${JSON.stringify(op.with)}`;
    case "set-cookie-remove":
      return `take Set-Cookie ${op.name} out`;
    case "set-cookie":
      return `change Set-Cookie ${op.name}: ${JSON.stringify({ ...(op.value === undefined ? {} : { value: op.value }), ...op.attributes })}`;
  }
}

export function describeBodyOp(op: BodyOp): string {
  switch (op.kind) {
    case "set":
      return `body becomes ${op.bytes.length} bytes${op.type === undefined ? "" : ` of ${op.type}`}`;
    case "file":
      return `body becomes ${op.file}`;
    case "replace":
      return `in the body replace ${describeFind(op.find)} by ${JSON.stringify(op.with)}`;
    case "json":
      return "path" in op.edit ? `JSON ${op.edit.kind} ${op.edit.path.text}` : `JSON ${op.edit.kind}`;
    case "form":
    case "multipart":
      return `edit ${op.ops.length} ${op.kind} ${op.ops.length === 1 ? "field" : "fields"}`;
    case "insert":
      return `put ${op.what} into the page at ${op.spot}`;
    case "prepend":
    case "append":
      return `${op.kind} ${op.text.length} characters`;
  }
}

function describeConnection(plan: ConnectionPlan): string[] {
  // A passphrase or proxy password is nobody's to read here.
  const hidden = (key: string, value: unknown): unknown =>
    key === "passphrase" && value !== undefined
      ? "***"
      : typeof value === "string"
        ? value.replace(/(:\/\/)[^@/]*@/, "$1***@")
        : value;
  return Object.entries(plan)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value, hidden)}`);
}

function describeFlow(plan: FlowPlan): string[] {
  const said: string[] = [];
  if (plan.tags.length > 0) said.push(`tag ${plan.tags.join(", ")}`);
  if (plan.color !== undefined) said.push(`colour ${plan.color}`);
  if (plan.comment !== undefined) said.push(`comment ${JSON.stringify(plan.comment)}`);
  for (const line of plan.log) said.push(`log ${JSON.stringify(line)}`);
  if (plan.record !== true) said.push(plan.record === "head" ? "record heads only" : "record nothing");
  for (const each of plan.redact)
    said.push(
      `redact ${each.kind === "text" ? describeFind(each.find) : `${each.kind} ${each.kind === "json" ? each.path : each.name}`}`,
    );
  if (plan.pause.request) said.push("pause at the request");
  if (plan.pause.response) said.push("pause at the response");
  if (plan.replay > 0) said.push(`send ${plan.replay} times more`);
  return said;
}
