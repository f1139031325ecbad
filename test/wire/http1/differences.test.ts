// The second and third opinion: Node's own parser and http-parser-js read the same bytes, and every disagreement has its
// row, with a reason, in docs/http1-differences.md.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Role } from "../../../src/wire/http1/head.ts";
import { almostHttp, corpusBytes } from "../../support/http1-mutate.ts";
import { jsOpinion, type Message, nodesOpinion, type Opinion, ourOpinion } from "../../support/http1-oracles.ts";

const MUTATIONS = 20_000;
const SEED = 1;

/** A row of a table of the page, its cells without backticks. */
type Row = readonly string[];

const [weRefuse, theyRefuse, readDifferently] = tables(join(import.meta.dirname, "../../../docs/http1-differences.md"));

const oracles = [
  { name: "node", opinion: nodesOpinion },
  { name: "http-parser-js", opinion: jsOpinion },
] as const;

for (const oracle of oracles) {
  describe(`against ${oracle.name}`, () => {
    const used = new Set<Row>();
    for (const role of ["request", "response"] as const) {
      it(`${role}s`, () => {
        for (const bytes of inputs(role)) {
          const ours = ourOpinion(role, bytes);
          const theirs = oracle.opinion(role, bytes);
          for (const row of explain(oracle.name, ours, theirs, bytes)) used.add(row);
        }
      });
    }

    // Another major of Node brings another llhttp; its rows are those of the Node that we build for.
    const skip = oracle.name === "node" && !process.version.startsWith("v20.");
    it("has no row that explains nothing", { skip }, () => {
      const rows = [
        ...weRefuse.filter(row => takers(row).includes(oracle.name)),
        ...[...theyRefuse, ...readDifferently].filter(row => row[0] === oracle.name),
      ];
      assert.deepEqual(
        rows.filter(row => !used.has(row)),
        [],
      );
    });
  });
}

function* inputs(role: Role): Generator<Buffer> {
  yield* corpusBytes(role);
  yield* fc.sample(almostHttp(role), { numRuns: MUTATIONS, seed: SEED });
}

/** The rows that explain why two opinions differ; none when they agree. Fails when there is no such row. */
function explain(who: string, ours: Opinion, theirs: Opinion, bytes: Buffer): Row[] {
  const taken = ours.messages.filter(message => message.complete);
  const takenThere = theirs.messages.filter(message => message.complete);
  for (let i = 0; i < Math.min(taken.length, takenThere.length); i++) {
    const aspects = differingAspects(taken[i], takenThere[i]);
    if (aspects.length > 0) return aspects.map(aspect => rowForDifference(who, aspect, taken[i], bytes));
  }
  const both = ours.refused !== null && theirs.refused !== null;
  if (taken.length === takenThere.length && (both || ours.refused === theirs.refused)) return [];
  // Whoever got less far, or refused what was left, is the one that refused.
  const weDid = taken.length < takenThere.length || (taken.length === takenThere.length && ours.refused !== null);
  return [weDid ? rowForOurs(who, ours, bytes) : rowForTheirs(who, theirs, bytes)];
}

const ASPECTS = ["start", "fields", "content", "trailers"] as const;

function differingAspects(a: Message, b: Message): (typeof ASPECTS)[number][] {
  return ASPECTS.filter(aspect => JSON.stringify(a[aspect]) !== JSON.stringify(b[aspect]));
}

function rowForOurs(who: string, ours: Opinion, bytes: Buffer): Row {
  const row = weRefuse.find(row => row[0] === ours.refused && takers(row).includes(who));
  return row ?? assert.fail(`we refuse with ${ours.refused} what ${who} takes: ${show(bytes)}`);
}

function rowForTheirs(who: string, theirs: Opinion, bytes: Buffer): Row {
  const row = theyRefuse.find(row => row[0] === who && row[1] === theirs.refused);
  return row ?? assert.fail(`${who} refuses with ${theirs.refused} what we take: ${show(bytes)}`);
}

function rowForDifference(who: string, aspect: string, ours: Message, bytes: Buffer): Row {
  const text = [...ours.defects.map(defect => `! ${defect}`), ...ours.fields].join("\n");
  const fits = (row: Row) => row[0] === who && row[1] === aspect && new RegExp(row[2], "im").test(text);
  return readDifferently.find(fits) ?? assert.fail(`${aspect} differs from ${who}'s: ${show(bytes)}`);
}

function takers(row: Row): string[] {
  return row[1].split(", ");
}

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1"));
}

/** The body rows of each Markdown table of a page. */
function tables(file: string): Row[][] {
  return readFileSync(file, "utf8")
    .split("\n## ")
    .slice(1)
    .map(section =>
      section
        .split("\n")
        .filter(line => line.startsWith("| "))
        .slice(2)
        .map(cells),
    );
}

function cells(line: string): Row {
  return line
    .slice(2, -2)
    .split(/ (?<!\\)\| /)
    .map(cell => cell.replaceAll("\\|", "|").replace(/^`(.*)`$/, "$1"));
}
