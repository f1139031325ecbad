// The bench: waylay and whatever else of its kind is installed, side by side in one run. Proxies on core 0, load and
// origin (this process) on core 1, rounds in turn, medians.
//   npm run bench -- [--rounds 5] [--seconds 2] [--measure keepAlive,fresh] [--with squid,waylay] [--with-npm] [--save]
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Contestant, Started } from "./contestant.ts";
import { type Figures, type MeasureId, verdicts } from "./goals.ts";
import { target } from "./load.ts";
import { treeRssBytes } from "./machine.ts";
import * as measure from "./measures.ts";
import { mitmdump } from "./proxies/mitmdump.ts";
import { installNpmProxies, npmContestants } from "./proxies/npm.ts";
import { squid } from "./proxies/squid.ts";
import { waylay } from "./proxies/waylay.ts";
import { setStage } from "./scene.ts";
import { figureTable, verdictTable, writeFigures } from "./table.ts";

const MB = 1e6;
const GROUPS = ["keepAlive", "fresh", "download", "latency", "ready", "memory"] as const;
type Group = (typeof GROUPS)[number];

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    measure: { type: "string", default: GROUPS.join(",") },
    with: { type: "string", default: "" },
    "with-npm": { type: "boolean", default: false },
    save: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const groups = new Set(flags.measure.split(","));
for (const group of groups) {
  if (!GROUPS.includes(group as Group)) throw new Error(`--measure knows ${GROUPS.join(", ")}; not ${group}`);
}

if (flags["with-npm"]) installNpmProxies();
const figures: Figures = new Map();
const contestants = chosen();
const stage = await setStage();
const { scene, origin } = stage;
const running: Started[] = [];
try {
  if (groups.has("memory")) await inTurn("memory", contestants.filter(fastEnough), measureMemory);
  if (groups.has("ready")) await measureReady();
  await measureLoad();
} finally {
  await Promise.all(running.map(started => started.stop()));
  stage.clear();
}
report();

function chosen(): Contestant[] {
  const wanted = flags.with === "" ? [] : flags.with.split(",");
  return [waylay, squid, mitmdump, ...npmContestants].filter(contestant => {
    if (wanted.length > 0 && !wanted.includes(contestant.name)) return false;
    const missing = contestant.missing();
    if (missing !== undefined) say(`without ${contestant.name}: ${missing}`);
    return missing === undefined;
  });
}

/** Everything but memory and ready: all contestants are up, one at a time is under load. */
async function measureLoad(): Promise<void> {
  const line: measure.Running[] = [
    { name: "direct", target: target(undefined, origin.port, scene.ca.certPem), pid: undefined },
  ];
  for (const contestant of contestants) line.push(await start(contestant));
  for (const one of line) {
    say(`warming ${one.name}`);
    await measure.keepAlive(one, 3);
  }
  for (let round = 1; round <= rounds; round++) {
    for (const one of line) {
      say(`round ${round} of ${rounds}: ${one.name}`);
      const isDirect = one.pid === undefined;
      if (groups.has("keepAlive") && !isDirect) {
        const { count, cpuSeconds, seconds: took } = await measure.keepAlive(one, seconds);
        note("keepAlive", one.name, (cpuSeconds / count) * 1e6);
        note("keepAliveRate", one.name, count / took);
      }
      if (groups.has("fresh") && !isDirect) {
        const { count, cpuSeconds } = await measure.freshConnections(one, seconds);
        note("fresh", one.name, (cpuSeconds / count) * 1e6);
      }
      if (groups.has("download")) {
        const { cpuSeconds, seconds: took } = await measure.download(one, 100 * MB);
        if (!isDirect) note("download", one.name, cpuSeconds * 1e3);
        note("downloadRate", one.name, 100 / took);
      }
      if (groups.has("latency")) note("latency", one.name, await measure.latencyMs(one, 1000));
    }
  }
}

async function measureMemory(contestant: Contestant): Promise<void> {
  const one = await start(contestant);
  const pid = one.pid as number; // no contestant is the direct line
  const settledRss = async () => {
    await new Promise(resolve => setTimeout(resolve, 2000));
    return treeRssBytes(pid);
  };
  await measure.keepAliveCount(one, 20_000);
  note("rss20k", contestant.name, (await settledRss()) / MB);
  await measure.keepAliveCount(one, 180_000);
  const before = await settledRss();
  note("rss200k", contestant.name, before / MB);
  checkRecorded(contestant.name, running.at(-1)?.recorded?.(), 200_000);
  const down = await measure.peakRss(pid, async () => void (await measure.download(one, 1000 * MB)));
  note("down1g", contestant.name, (down - before) / MB);
  const settled = await settledRss();
  const up = await measure.peakRss(pid, () => measure.upload(one, 1000 * MB));
  note("up1g", contestant.name, (up - settled) / MB);
  await running.pop()?.stop();
}

/** Figures of a recorder that lost flows would be worth nothing. */
function checkRecorded(name: string, recorded: number | undefined, sent: number): void {
  if (recorded === undefined) return;
  say(`${name}: ${recorded} of ${sent} flows on disk`);
  if (recorded !== sent) throw new Error(`${name} recorded ${recorded} flows of ${sent}`);
}

/** 200,000 flows at mitmdump's and the npm proxies' pace would be most of the run, and no goal asks for them. */
function fastEnough({ name }: Contestant): boolean {
  return name === "waylay" || name === "squid";
}

async function measureReady(): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    await inTurn(`ready ${round}`, contestants, async contestant => {
      const started = await contestant.start(scene);
      await started.stop();
      if (round > 0) note("ready", contestant.name, started.readyMs); // the first one fills the file cache and makes the CA
    });
  }
}

async function inTurn(
  what: string,
  each: readonly Contestant[],
  work: (contestant: Contestant) => Promise<void>,
): Promise<void> {
  for (const contestant of each) {
    say(`${what}: ${contestant.name}`);
    await work(contestant);
  }
}

async function start(contestant: Contestant): Promise<measure.Running> {
  const started = await contestant.start(scene);
  running.push(started);
  return { name: contestant.name, target: target(started.port, origin.port, started.caPem), pid: started.pid };
}

function note(id: MeasureId, name: string, value: number): void {
  const byName = figures.get(id) ?? new Map<string, number[]>();
  figures.set(id, byName);
  byName.set(name, [...(byName.get(name) ?? []), value]);
}

function report(): void {
  const names = [...contestants.map(({ name }) => name), "direct"];
  const found = verdicts(figures);
  const text = `${figureTable(figures, names)}\n\nIn brackets: times squid's. ${rounds} rounds, medians.\n\n${verdictTable(found)}`;
  console.log(text);
  if (flags.save) writeFigures(fileURLToPath(new URL("README.md", import.meta.url)), text);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
