// The golden files of test/corpus/rules: rules, a request, perhaps a response, and what must come out, byte for byte.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { decideRequest, decideResponse } from "../../src/rules/decide.ts";
import { describePlan } from "../../src/rules/describe.ts";
import { formatDiagnostic } from "../../src/rules/diagnostics.ts";
import { type BodyOp, editBody } from "../../src/rules/edit/body.ts";
import { editHead, type HeadOp } from "../../src/rules/edit/head.ts";
import { hasEditableContent, settleHead } from "../../src/rules/edit/settle.ts";
import { DISK_MOCKS } from "../../src/rules/mock-files.ts";
import { parseRules } from "../../src/rules/parse.ts";
import { renderAnswer } from "../../src/rules/render.ts";
import type { RequestHead, ResponseHead } from "../../src/wire/http1/head.ts";
import { ambientOf, programOf, requestFacts, requestHead, responseFacts, responseHead } from "./support.ts";

const FOLDER = join(import.meta.dirname, "..", "corpus", "rules");

for (const file of readdirSync(FOLDER).sort()) {
  const sections = readFileSync(join(FOLDER, file), "utf8").split(/^## /m).slice(1);
  describe(file, () => {
    for (const section of sections) {
      const title = section.slice(0, section.indexOf("\n"));
      const blocks = new Map([...section.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(match => [match[1]!, match[2]!]));
      it(title, () => runCase(blocks));
    }
  });
}

async function runCase(blocks: ReadonlyMap<string, string>): Promise<void> {
  const yaml = blocks.get("yaml");
  assert.ok(yaml !== undefined, "a case needs rules");
  const refused = blocks.get("refused");
  if (refused !== undefined) {
    const { diagnostics } = parseRules("rules.yaml", yaml);
    assert.equal(`${diagnostics.map(each => formatDiagnostic(each, yaml)).join("\n")}\n`, refused);
    return;
  }
  const program = programOf(yaml, { env: name => `env-${name}` });
  const ambient = ambientOf();
  const request = message(blocks.get("request")!);
  const head = requestHead(request.head);
  let facts = requestFacts(head);
  let plan = decideRequest(program, facts, ambient);
  if (plan.needsBody > 0) {
    facts = { ...facts, bodyText: request.body.toString() };
    plan = decideRequest(program, facts, ambient);
  }
  compare(blocks.get("does"), () => `${describePlan(plan).join("\n")}\n`);
  compare(blocks.get("request after"), () => after(head, request.body, plan.head, plan.body, true));
  const answered =
    plan.answer === null ? null : await renderAnswer(plan.answer, facts, request.body, DISK_MOCKS, ambient.nowMs);
  if (answered !== null && !blocks.has("response"))
    compare(blocks.get("response after"), () => shown(Buffer.concat([answered.head, answered.body])));
  const given = blocks.get("response");
  if (given === undefined) return;
  const response = message(given);
  const responded = responseHead(response.head);
  let answer = responseFacts(responded);
  let decided = decideResponse(program, plan, facts, answer, ambient);
  if (decided.needsBody > 0) {
    answer = { ...answer, bodyText: response.body.toString() };
    decided = decideResponse(program, plan, facts, answer, ambient);
  }
  compare(blocks.get("response does"), () => `${describePlan(decided).join("\n")}\n`);
  compare(blocks.get("response after"), () =>
    after(responded, response.body, decided.head, decided.body, hasEditableContent(facts.method, answer.status)),
  );
}

/** As the engine does it: head edits, body edits, then framing put right. */
function after(
  head: RequestHead | ResponseHead,
  body: Buffer,
  ops: readonly HeadOp[],
  bodyOps: readonly BodyOp[],
  editable: boolean,
): string {
  if (bodyOps.length === 0 || !editable) return shown(Buffer.concat([editHead(head, ops), body]));
  const edited = editBody(body, head.fields.get("content-type"), bodyOps);
  const settled = settleHead(head, { length: edited.bytes.length, contentType: edited.contentType, coding: "" });
  return shown(Buffer.concat([editHead(head, [...ops, ...settled]), edited.bytes]));
}

function message(text: string): { head: Buffer; body: Buffer } {
  const blank = text.indexOf("\n\n");
  const lines = (blank < 0 ? text.trimEnd() : text.slice(0, blank)).split("\n");
  return {
    head: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"),
    body: Buffer.from(blank < 0 ? "" : text.slice(blank + 2).replace(/\n$/, "")),
  };
}

function shown(bytes: Buffer): string {
  return `${bytes.toString("utf8").replaceAll("\r\n", "\n").trimEnd()}\n`;
}

function compare(expected: string | undefined, actual: () => string): void {
  if (expected !== undefined) assert.equal(actual(), expected);
}
