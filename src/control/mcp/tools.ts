// What a model can do with a running waylay. Names are verbs, as tools' names are; results are sized for a context window.
import type { Tool } from "./tool.ts";
import { explainFlow } from "./tools/explain.ts";
import { annotateFlows, getFlow, listFlows, readBody, status } from "./tools/flows.ts";
import { diffFlows, replayFlow } from "./tools/replay.ts";
import { waitForFlow } from "./tools/wait.ts";

export const TOOLS = {
  status,
  list_flows: listFlows,
  get_flow: getFlow,
  read_body: readBody,
  explain_flow: explainFlow,
  wait_for_flow: waitForFlow,
  replay_flow: replayFlow,
  diff_flows: diffFlows,
  annotate_flows: annotateFlows,
} as const satisfies Readonly<Record<string, Tool>>;
