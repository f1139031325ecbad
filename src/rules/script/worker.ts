// A script's thread: loads the module, runs its turns, and asks the owner for what only the engine has. Nothing that happens here
// reaches the proxy but by message.
import { SourceMap } from "node:module";
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { FlowFacts, Script, ScriptContext, ScriptFlows } from "./api.ts";
import { NOTHING_DONE, type ScriptOutcome, type ScriptTurn } from "./host.ts";
import { answerOf, type Edits, editableRequest, editableResponse } from "./message.ts";
import type { FromThread, StoreQuestion, ThreadData, ToThread } from "./protocol.ts";

const port = parentPort!; // this file is a worker's entry
const { code } = workerData as ThreadData; // given by ScriptThread
const asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
let lastQuestion = 0;

const script = await load();
port.on("message", (message: ToThread) => {
  if (message.kind === "run") void run(message).then(outcome => say({ kind: "done", id: message.id, outcome }));
  else {
    const waiting = asked.get(message.question);
    asked.delete(message.question);
    if (message.error !== null) waiting?.reject(new Error(message.error));
    else waiting?.resolve(message.result);
  }
});
// What a script leaves running and does not await is no reason to end it.
process.on("unhandledRejection", error =>
  console.error(`a promise that nobody awaits was rejected: ${sentence(error)}`),
);
process.on("uncaughtException", error => console.error(`an error outside of its turns: ${sentence(error)}`));

async function load(): Promise<Script> {
  try {
    const module: Record<string, unknown> = await import(
      `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
    );
    const whole = {
      ...(module.default as Script | undefined),
      ...(module.script as Script | undefined),
      ...module,
    } as Script; // looked at below
    const turns = (["request", "response"] as const).filter(turn => typeof whole[turn] === "function");
    if (turns.length === 0) throw new Error("it exports neither a function `request` nor `response`");
    say({ kind: "ready", turns });
    return whole;
  } catch (error) {
    say({ kind: "broken", error: sentence(error) });
    return {};
  }
}

async function run({ rule, input }: Extract<ToThread, { kind: "run" }>): Promise<ScriptOutcome> {
  const edits: Edits = { head: [], url: null, body: null };
  const noted = { tags: [] as string[], comment: null as string | null, log: [] as string[] };
  const context = contextOf({ flow: input.flow, rule, client: input.client }, noted);
  const ignored: Edits = { head: [], url: null, body: null };
  try {
    const returned =
      input.response === null
        ? await script.request?.(editableRequest(input.request, edits), context)
        : await script.response?.(
            editableResponse(input.response, edits),
            editableRequest(input.request, ignored),
            context,
          );
    return { ...noted, ...edits, answer: answerOf(returned), error: null };
  } catch (error) {
    return { ...NOTHING_DONE, ...noted, error: sentence(error) };
  }
}

function contextOf(
  facts: Pick<ScriptContext, "flow" | "rule" | "client">,
  noted: { tags: string[]; comment: string | null; log: string[] },
): ScriptContext {
  return {
    ...facts,
    tag: (...tags) => void noted.tags.push(...tags.map(String)),
    comment: text => {
      noted.comment = String(text);
    },
    log: (...values) =>
      void noted.log.push(values.map(each => (typeof each === "string" ? each : inspect(each))).join(" ")),
    flows: FLOWS,
  };
}

const FLOWS: ScriptFlows = {
  list: (filter, options = {}) =>
    ask({ kind: "list", filter, limit: options.limit ?? 100 }) as Promise<readonly FlowFacts[]>, // the owner's answer to list
  get: flow => ask({ kind: "get", flow }) as Promise<FlowFacts | null>, // … to get
  body: (flow, side: ScriptTurn = "response") => ask({ kind: "body", flow, side }) as Promise<Uint8Array>, // … to body
};

function ask(what: StoreQuestion): Promise<unknown> {
  const question = ++lastQuestion;
  say({ kind: "ask", question, what });
  return new Promise((resolve, reject) => asked.set(question, { resolve, reject }));
}

function say(message: FromThread): void {
  port.postMessage(message);
}

/** `TypeError: x is not a function (x.ts:3:5)`: the innermost place that is the script's own. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${inspect(error)}`;
  const place = placeIn(error.stack ?? "");
  return `${error.name}: ${error.message}${place === null ? "" : ` (${place})`}`;
}

/** Node reads no source map of a module that has no file, so the lines are looked up here. */
function placeIn(stack: string): string | null {
  const at = /data:text\/javascript;base64,[\w+/=]*:(\d+):(\d+)/.exec(stack);
  const written = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(code)?.[1];
  if (at === null || written === undefined) return null;
  const map = new SourceMap(JSON.parse(Buffer.from(written, "base64").toString("utf8")));
  const entry = map.findEntry(Number(at[1]) - 1, Number(at[2]) - 1);
  if (!("originalSource" in entry)) return null;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
