// What rules cost a request: the real engine with none, with 1,000 of which none matches, and with one that edits a header; side by
// side in one run, as ratios of CPU a request.
//   npm run build && node --import tsx bench/rules.ts [--rounds 7] [--seconds 2] [--with none,hosts,header]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Started } from "./contestant.ts";
import { target } from "./load.ts";
import { median } from "./machine.ts";
import * as measure from "./measures.ts";
import { waylayWith } from "./proxies/waylay.ts";
import { setStage } from "./scene.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    with: { type: "string", default: "" },
  },
});

interface Kind {
  readonly name: string;
  readonly title: string;
  /** At most so many times the cost without rules; null: no promise. */
  readonly goal: number | null;
  /** One rule of a thousand, or the only one. */
  readonly rules: readonly string[];
}

const COUNT = 1000;

function thousand(when: (i: number) => string): string[] {
  const rule = (i: number): string =>
    `  - { name: rule ${i}, when: '${when(i)}', request: { headers: { set: { X-A: b } } } }`;
  return Array.from({ length: COUNT }, (_, i) => rule(i));
}

const KINDS: readonly Kind[] = [
  { name: "none", title: "no rules", goal: null, rules: [] },
  {
    name: "hosts",
    title: "1,000 by host, none matches",
    goal: 1.05,
    rules: thousand(i => `host:h${i}.example.com path:/api/*`),
  },
  {
    name: "mixed",
    title: "1,000 by host, suffix, path, header, query, none matches",
    goal: 1.05,
    rules: thousand(
      i =>
        [`host:*.h${i}.example`, `path:/v${i}/*`, `request.header.x-${i}:*`, `query.q${i}:1`, `host:h${i} method:PUT`][
          i % 5
        ] ?? "",
    ),
  },
  {
    name: "parts",
    title: "1,000 by a part of the host, none matches",
    goal: null,
    rules: thousand(i => `host:*part${i}*`),
  },
  {
    name: "regexes",
    title: "1,000 by a regex on the path, none matches",
    goal: null,
    rules: thousand(i => `path:/\\/x${i}\\/[0-9]+/`),
  },
  {
    name: "header",
    title: "one that sets a header, and matches",
    goal: 1.1,
    rules: ["  - { name: one, when: 'host:localhost', request: { headers: { set: { X-A: b } } } }"],
  },
];

const wanted = flags.with === "" ? KINDS : KINDS.filter(({ name }) => `none,${flags.with}`.split(",").includes(name));
const stage = await setStage();
const { scene, origin } = stage;
const running: Started[] = [];
const costs = new Map<string, number[]>(wanted.map(({ name }) => [name, []]));
try {
  const line: measure.Running[] = [];
  for (const { name, rules } of wanted) {
    const file = join(scene.folder, name, "rules.yaml");
    mkdirSync(join(scene.folder, name)); // apart from the session, as HOME/rules is
    writeFileSync(file, `rules:\n${rules.join("\n")}\n`);
    const started = await waylayWith([], ["-r", file, "--control", join(scene.folder, `${name}.sock`)], name).start(
      scene,
    );
    running.push(started);
    line.push({ name, target: target(started.port, origin.port, started.caPem), pid: started.pid });
  }
  for (const one of line) await measure.keepAlive(one, 3); // warmed
  for (let round = 0; round < Number(flags.rounds); round++) {
    // Each is first once in a while: what warms or slows the machine during a round spreads over all.
    const turn = round % line.length;
    for (const one of [...line.slice(turn), ...line.slice(0, turn)]) {
      const { count, cpuSeconds } = await measure.keepAlive(one, Number(flags.seconds));
      costs.get(one.name)?.push((cpuSeconds / count) * 1e6);
    }
    process.stderr.write(`round ${round + 1} of ${flags.rounds}\n`);
  }
} finally {
  await Promise.all(running.map(started => started.stop()));
  stage.clear();
}

const none = costs.get("none") ?? [];
console.log(
  "| rules | CPU a request, µs | times none | least, times none | goal |\n| --- | ---: | ---: | ---: | --- |",
);
for (const { name, title, goal } of wanted) {
  const cost = costs.get(name) ?? [];
  const ratio = median(cost.map((value, round) => value / (none[round] ?? Number.NaN)));
  // Of the rounds that others on the machine disturbed least: what is left when the medians disagree from run to run.
  const least = Math.min(...cost) / Math.min(...none);
  const verdict = goal === null ? "" : `at most ${goal.toFixed(2)}: ${ratio <= goal ? "kept" : "**missed**"}`;
  console.log(`| ${title} | ${median(cost).toFixed(1)} | ${ratio.toFixed(3)} | ${least.toFixed(3)} | ${verdict} |`);
}
