// `waylay flows replay`: a recorded request once more, and how its answer compares with the one that was recorded.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { parseCount } from "../../config/units.ts";
import { RemoteError } from "../../control/client.ts";
import type { ParamsOf } from "../../control/methods.ts";
import type { FlowDiff } from "../../flow/diff/flows.ts";
import { diffLines } from "../../flow/diff/text.ts";
import type { Field } from "../../flow/model.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { configFlags } from "../options.ts";
import { flowLine } from "../render/flow-line.ts";
import { printable } from "../render/printable.ts";
import { runningWaylay } from "../running.ts";
import { parseFlowId } from "../session.ts";
import { coloured } from "./flows-diff.ts";

interface Options {
  readonly times?: string;
  readonly edit?: readonly string[];
  readonly json?: boolean;
}

type Edits = NonNullable<ParamsOf<"flows.replay">["edits"]>;

export async function replay(idText: string, command: Command, io: Io): Promise<void> {
  const { times = "1", edit = [], json = false } = command.opts<Options>();
  const id = parseFlowId(idText);
  const count = parseCount(times);
  if (count === undefined || count < 1) throw new CommandError(`--times: "${times}" is no number`, 2);
  const client = await runningWaylay(configFlags(command), io);
  try {
    const { flow } = await client.call("flows.get", { id });
    const edits = parseEdits(edit, flow.request.headers, io.cwd);
    let failures = 0;
    for (let i = 0; i < count; i++) {
      const { ids } = await client.call("flows.replay", { id, edits });
      const again = (await client.call("flows.get", { id: ids[0]! })).flow; // one was asked for
      const { request: _request, response: _response, interim: _interim, ...summary } = again;
      const diff = await client.call("flows.diff", { a: id, b: again.id });
      if (again.error !== null) failures++;
      if (json) io.out(`${JSON.stringify({ flow: summary, diff })}\n`);
      else io.out(`${flowLine(again, io.width, io.paint)}\n${answersText(diff, io)}`);
    }
    if (failures > 0) io.exitCode = 1;
  } catch (error) {
    throw error instanceof RemoteError ? new CommandError(error.message, 1, { cause: error }) : error;
  } finally {
    client.close();
  }
}

/** What the person edited in the request is no news: the answers are compared. */
function answersText(diff: FlowDiff, io: Io): string {
  const facts = diff.facts.filter(({ name }) => name !== "method" && name !== "url");
  const answers: FlowDiff = { ...diff, facts, request: { headers: [], trailers: [], body: { kind: "same" } } };
  const lines = diffLines(answers, { redact: false }).flatMap(line => line.split("\n"));
  if (lines.length === 0) return `  ${io.paint.dim("the same answer")}\n`;
  return lines.map(line => `  ${coloured(printable(line), io)}\n`).join("");
}

/** Edits as typed. Fields are edited one by one, so the recorded ones are needed. */
function parseEdits(texts: readonly string[], recorded: readonly Field[], cwd: string): Edits {
  const edits: Edits = {};
  let fields: [string, string][] = recorded.map(([name, value]) => [name, value]);
  for (const text of texts) {
    const [, key = "", value = ""] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (key === "method" || key === "url") edits[key] = value;
    else if (key === "body") edits.body = value.startsWith("@") ? fileContent(value.slice(1), cwd) : { text: value };
    else if (key === "header") edits.headers = fields = withField(fields, value);
    else throw new CommandError(`--edit: "${text}" is none of method=…, url=…, header=NAME:VALUE, body=…`, 2);
  }
  return edits;
}

function withField(fields: readonly [string, string][], text: string): [string, string][] {
  const colon = text.indexOf(":");
  if (colon < 1) throw new CommandError(`--edit: header=${text} wants NAME:VALUE`, 2);
  const name = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  const at = fields.findIndex(field => field[0].toLowerCase() === name.toLowerCase());
  const others = fields.filter(field => field[0].toLowerCase() !== name.toLowerCase());
  if (value !== "") others.splice(at < 0 ? others.length : at, 0, [name, value]);
  return others;
}

function fileContent(file: string, cwd: string): { base64: string } {
  try {
    return { base64: readFileSync(resolve(cwd, file)).toString("base64") };
  } catch (error) {
    throw new CommandError(`--edit: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 2);
  }
}
