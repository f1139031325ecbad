// Replays test/corpus/http1/*.md: what the reader says of each case, whole and cut in every way, is what stands there.
// Run with WAYLAY_UPDATE_CORPUS=1 to write down what it says now; then read the diff, line by line.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Role } from "../../../src/wire/http1/head.ts";
import { blockBytes, type CorpusBlock, type CorpusCase, readCorpus } from "../../support/corpus.ts";
import { cuts, type ReplayOptions, replay } from "../../support/http1-replay.ts";

const folder = join(import.meta.dirname, "../../corpus/http1");
const update = process.env.WAYLAY_UPDATE_CORPUS === "1";
const pages = readdirSync(folder).filter(file => file.endsWith(".md"));

let count = 0;
for (const page of pages) {
  describe(`corpus ${page}`, () => {
    for (const entry of readCorpus(join(folder, page))) {
      count++;
      it(entry.name, () => (update ? rewrite(join(folder, page), entry) : check(entry)));
    }
  });
}

it("found the corpus", () => assert.ok(count >= 150, `only ${count} cases`));

function check(entry: CorpusCase): void {
  const bytes = blockBytes(block(entry, "http").text);
  const options = optionsOf(block(entry, "http"));
  const whole = replay([bytes], options);
  assert.equal(`${whole.events.join("\n")}\n`, block(entry, "events").text);
  assert.deepEqual(
    whole.clean,
    entry.blocks.has("clean") ? [blockBytes(block(entry, "clean").text).toString("latin1")] : [],
  );
  for (const cut of cuts(bytes)) {
    assert.deepEqual(replay(cut, options).events, whole.events, `cut into ${cut.map(piece => piece.length)}`);
  }
}

/** Words behind ```http: request|response, then eof, obs-fold, LIMIT=N, and methods of the requests answered. */
function optionsOf(http: CorpusBlock): ReplayOptions {
  const [role, ...rest] = http.words;
  assert.ok(role === "request" || role === "response");
  const limits = rest.filter(word => word.includes("=")).map(word => word.split("="));
  return {
    role: role satisfies Role,
    eof: rest.includes("eof"),
    leniency: { obsFoldInRequests: rest.includes("obs-fold") },
    limits: Object.fromEntries(limits.map(([name, value]) => [name, Number(value)])),
    methods: rest.filter(word => /^[A-Z]+$/.test(word)),
  };
}

function block(entry: CorpusCase, language: string): CorpusBlock {
  const found = entry.blocks.get(language);
  assert.ok(found !== undefined, `no \`\`\`${language} block`);
  return found;
}

function rewrite(file: string, entry: CorpusCase): void {
  const said = replay([blockBytes(block(entry, "http").text)], optionsOf(block(entry, "http")));
  const clean = said.clean.map(text => `\n\`\`\`clean\n${asBlock(text)}\`\`\`\n`).join("");
  const old = readFileSync(file, "utf8");
  const start = old.indexOf(`## ${entry.name}\n`);
  const next = old.indexOf("\n## ", start + 1);
  const section = next < 0 ? old.slice(start) : old.slice(start, next + 1);
  const kept = section
    .replace(/\n*```events\n[\s\S]*?^```\n/m, "")
    .replace(/\n*```clean\n[\s\S]*?^```\n/m, "")
    .trimEnd();
  const written = `${kept}\n\n\`\`\`events\n${said.events.join("\n")}\n\`\`\`\n${clean}${next < 0 ? "" : "\n"}`;
  writeFileSync(file, old.slice(0, start) + written + old.slice(start + section.length));
}

function asBlock(text: string): string {
  const lines = text.split("\r\n");
  assert.equal(lines.pop(), "");
  return lines
    .map(
      line =>
        `${line.replaceAll("\\", "\\\\").replace(/[^\x20-\x7e]/g, byte => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`)}\n`,
    )
    .join("");
}
