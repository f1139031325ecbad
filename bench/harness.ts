// The bench: waylay and whatever else of its kind is installed, side by side in one run. Proxies on core 0, load and
// origin (this process) on core 1, rounds in turn, medians.
//   npm run bench -- [--rounds 5] [--seconds 2] [--measure keepAlive,fresh] [--with squid,waylay] [--with-npm] [--save]
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Contestant, Started } from "./contestant.ts";
import { type Figures, type MeasureId, verdicts } from "./goals.ts";
import { target } from "./load.ts";
import { busyShare, treeRssBytes } from "./machine.ts";
import * as measure from "./measures.ts";
import { mitmdump } from "./proxies/mitmdump.ts";
import { installNpmProxies, npmContestants } from "./proxies/npm.ts";
import { squid } from "./proxies/squid.ts";
import { waylay } from "./proxies/waylay.ts";
import { setStage } from "./scene.ts";
import { figureTable, verdictTable, writeFigures } from "./table.ts";

const MB = 1e6;
const WARM_SECONDS = 3;
const STEP_MS = 180_000;
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
const othersShare = await busyShare(3000);
if (othersShare > 0.05) say(noise());
const stage = await setStage();
const { scene, origin } = stage;
const running: Started[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void clear().then(() => process.exit(130)));
}
try {
  if (groups.has("memory")) for (const contestant of contestants.filter(fastEnough)) await measureMemory(contestant);
  if (groups.has("ready")) await measureReady();
  await measureLoad();
} finally {
  await clear();
}
report();

async function clear(): Promise<void> {
  await Promise.all(running.splice(0).map(started => started.stop()));
  stage.clear();
}

/** One measurement: said aloud, and given up on after a while, since a connection that hangs must not hang the bench. */
async function step<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
  say(`${name}: ${what}`);
  const late = new AbortController();
  const timer = pause(STEP_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${name}: ${what} took over ${STEP_MS / 1000} s`);
  });
  timer.catch(() => {});
  try {
    return await Promise.race([work(), timer]);
  } finally {
    late.abort();
  }
}

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
  for (const one of line) await step(one.name, "warming", () => measure.keepAlive(one, WARM_SECONDS));
  for (let round = 1; round <= rounds; round++) {
    for (const one of line) await step(one.name, `round ${round} of ${rounds}`, () => measureRound(one));
  }
}

async function measureRound(one: measure.Running): Promise<void> {
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

async function measureMemory(contestant: Contestant): Promise<void> {
  const { name } = contestant;
  const one = await start(contestant);
  const pid = one.pid as number; // no contestant is the direct line
  const settledRss = async () => {
    await pause(2000);
    return treeRssBytes(pid);
  };
  await step(name, "20,000 flows", () => measure.keepAliveCount(one, 20_000));
  note("rss20k", name, (await settledRss()) / MB);
  await step(name, "180,000 flows more", () => measure.keepAliveCount(one, 180_000));
  const before = await settledRss();
  note("rss200k", name, before / MB);
  checkRecorded(name, running.at(-1)?.recorded?.(), 200_000);
  const load = async () => void (await measure.download(one, 1000 * MB));
  const down = await step(name, "download of 1 GB", () => measure.peakRss(pid, load));
  note("down1g", name, (down - before) / MB);
  const settled = await settledRss();
  try {
    const up = await step(name, "upload of 1 GB", () => measure.peakRss(pid, () => measure.upload(one, 1000 * MB)));
    note("up1g", name, (up - settled) / MB);
  } catch (error) {
    if (name === "waylay") throw error;
    say(`${name}: no figure, ${String(error)}`); // squid 5.7 resets most uploads under TLS that are faster than its origin
  }
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
    for (const contestant of contestants) {
      const started = await step(contestant.name, `start ${round} of ${rounds}`, () => contestant.start(scene));
      await started.stop();
      if (round > 0) note("ready", contestant.name, started.readyMs); // the first fills the file cache and makes the CA
    }
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

/** What else runs here shows in every figure. */
function noise(): string {
  return `Before the run, others used ${(othersShare * 100).toFixed(0)} % of this machine.`;
}

function report(): void {
  const names = [...contestants.map(({ name }) => name), "direct"];
  const found = verdicts(figures);
  const text = `${figureTable(figures, names)}\n\nIn brackets: times squid's. ${rounds} rounds, medians. ${noise()}\n\n${verdictTable(found)}`;
  console.log(text);
  if (flags.save) writeFigures(fileURLToPath(new URL("README.md", import.meta.url)), text);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
