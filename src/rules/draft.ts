// A plan while it grows: each effect of a rule that matched adds to it. Lives for one decision only.
import type { Answer } from "./answer.ts";
import type { BodyOp } from "./edit/body.ts";
import type { HeadOp } from "./edit/head.ts";
import {
  type ConnectionPlan,
  EMPTY_FLOW_PLAN,
  type FlowPlan,
  type MessagePlan,
  type Route,
  type ScriptCall,
} from "./plan.ts";

export class Draft {
  readonly rules: string[] = [];
  readonly head: HeadOp[] = [];
  readonly body: BodyOp[] = [];
  readonly messages: MessagePlan[] = [];
  readonly scripts: ScriptCall[] = [];
  route: Route | null = null;
  answer: Answer | null = null;
  connection: ConnectionPlan | null = null;
  flow: FlowPlan | null = null;
  /** Set by `tls: pass` and by refusals while a tunnel is decided. */
  intercept: "decrypt" | "pass" | "refuse" = "decrypt";
  /** The request target as the edits so far leave it; edits of path and query build on each other. */
  target = "";
  /** How often the rule at hand has matched, this time included; for answers in turn. */
  hit = 1;
  /** What of the path the rule's own glob left open (`a/b` of `/v2/a/b` under `path:/v2/*`); null if it has none. */
  below: string | null = null;

  edit(ops: readonly HeadOp[]): void {
    this.head.push(...ops);
  }

  rewrite(ops: readonly BodyOp[]): void {
    this.body.push(...ops);
  }

  /** A rule that waits for the response says it twice, in its own phase and at the response. */
  ask(call: ScriptCall): void {
    if (!this.scripts.some(each => each.rule === call.rule && each.file === call.file)) this.scripts.push(call);
  }

  connect(change: ConnectionPlan): void {
    this.connection = { ...this.connection, ...change };
  }

  mark(change: Partial<FlowPlan>): void {
    this.flow = { ...(this.flow ?? EMPTY_FLOW_PLAN), ...change };
  }

  setTarget(target: string): void {
    if (target === this.target) return;
    this.target = target;
    const last = this.head.findIndex(op => op.kind === "target");
    if (last >= 0) this.head.splice(last, 1);
    this.head.push({ kind: "target", value: target });
  }
}
