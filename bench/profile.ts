// Where waylay's time goes: starts it under --cpu-prof, puts it under one kind of load, prints the busiest functions.
//   node --import tsx bench/profile.ts [keepAlive|fresh|download] [seconds=8] [rows=30] [--keep FOLDER]
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { target } from "./load.ts";
import * as measure from "./measures.ts";
import { waylayWith } from "./proxies/waylay.ts";
import { setStage } from "./scene.ts";

/** The part of V8's profile format that is read here. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const [kind = "keepAlive", seconds = "8", rows = "30"] = process.argv.slice(2);
const stage = await setStage();
const folder = process.argv[process.argv.indexOf("--keep") + 1 || -1] ?? join(stage.scene.folder, "profiles");
mkdirSync(folder, { recursive: true });
try {
  const waylay = waylayWith(["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=250"]);
  const started = await waylay.start(stage.scene);
  const running = { name: "waylay", pid: started.pid, target: target(started.port, stage.origin.port, started.caPem) };
  const { count, cpuSeconds } = await load(running);
  await started.stop();
  console.log(`${kind}: ${count} done, ${((cpuSeconds / count) * 1e6).toFixed(1)} µs CPU each under the profiler`);
  for (const file of readdirSync(folder)) print(file, JSON.parse(readFileSync(join(folder, file), "utf8")));
} finally {
  stage.clear();
}

async function load(running: measure.Running): Promise<measure.Counted> {
  if (kind === "fresh") return measure.freshConnections(running, Number(seconds));
  if (kind !== "download") return measure.keepAlive(running, Number(seconds));
  return measure.download(running, 1e9);
}

/** Self time by function, the thread's idle time left out. */
function print(file: string, { nodes, samples, timeDeltas }: Profile): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const self = new Map<string, number>();
  let busyUs = 0;
  samples.forEach((id, i) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)") return;
    const where = frame.url.replace(/^.*\/(dist|node_modules)\//, "").replace(/\?.*$/, "");
    const name = `${frame.functionName || "(anonymous)"}  ${where}${where ? `:${frame.lineNumber + 1}` : ""}`;
    self.set(name, (self.get(name) ?? 0) + timeDeltas[i]);
    busyUs += timeDeltas[i];
  });
  console.log(`\n${file}: busy ${(busyUs / 1e6).toFixed(2)} s`);
  const top = [...self].sort((a, b) => b[1] - a[1]).slice(0, Number(rows));
  for (const [name, us] of top) console.log(`${((us / busyUs) * 100).toFixed(1).padStart(5)} %  ${name}`);
}
