// HTTP/2 clients: what a request of 1 KB costs behind 32 streams on one connection, beside the same over 32 connections of
// HTTP/1.1 and beside mitmdump. Reverse mode, since h2load (nghttp2) knows no proxies; recording on.
//   npm run build && node --import tsx bench/http2.ts [rounds=5] [requests=20000]
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, launch, type Scene, type Started } from "./contestant.ts";
import { median, treeCpuSeconds } from "./machine.ts";
import { setStage } from "./scene.ts";

const [rounds = "5", requests = "20000"] = process.argv.slice(2);
/** What a proxy puts off is counted too. */
const QUIET_MS = 800;
const PROGRAM = fileURLToPath(new URL("../bin/waylay.js", import.meta.url));

type Running = Omit<Started, "caPem">;

async function waylay(scene: Scene, originPort: number): Promise<Running> {
  const port = await freePort();
  const command = [
    ...[process.execPath, PROGRAM, "start", "--no-ui", "--json", "-q", "--http2", "always"],
    ...["--mode", `reverse:https://localhost:${originPort}@${port}`, "--home", join(scene.folder, "waylay")],
    ...["--upstream-ca", scene.ca.certFile],
  ];
  return launch(scene, command, port, child => line(child, '"event":"ready"'));
}

async function mitmdump(scene: Scene, originPort: number): Promise<Running> {
  const port = await freePort();
  const command = [
    ...["mitmdump", "-q", "-w", join(scene.folder, "mitm.flows"), "-p", String(port)],
    ...["--mode", `reverse:https://localhost:${originPort}`, "--set", "ssl_insecure=true"],
    ...["--set", `confdir=${join(scene.folder, "mitm")}`],
  ];
  return launch(scene, command, port, () => pause(3000));
}

function line(child: ChildProcess, text: string): Promise<void> {
  return new Promise(resolve => {
    if (child.stdout === null) throw new Error("launch() pipes the output");
    createInterface({ input: child.stdout }).on("line", said => said.includes(text) && resolve());
  });
}

/** CPU microseconds a request. */
async function load({ port, pid }: Running, count: number, ...how: string[]): Promise<number> {
  const before = treeCpuSeconds(pid);
  const url = `https://localhost:${port}/bytes/1024`;
  // The origin lives in this process and must go on answering: no spawnSync.
  const child = spawn("h2load", ["-n", String(count), ...how, url], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", text => (said += text));
  await new Promise(resolve => child.on("close", resolve));
  const done = Number(/(\d+) 2xx/.exec(said)?.[1]);
  if (done !== count) throw new Error(`${done} of ${count} answers were good:\n${said}`);
  await pause(QUIET_MS);
  return ((treeCpuSeconds(pid) - before) / count) * 1e6;
}

if (spawnSync("h2load", ["--version"]).status !== 0) throw new Error("h2load is missing: apt install nghttp2-client");
const hasMitmdump = spawnSync("mitmdump", ["--version"]).status === 0;
const stage = await setStage();
const own = await waylay(stage.scene, stage.origin.port);
const other = hasMitmdump ? await mitmdump(stage.scene, stage.origin.port) : null;
const H2 = ["-c", "1", "-m", "32"];
const H1 = ["--h1", "-c", "32"];
const figures = { h2: [] as number[], h1: [] as number[], mitmdump: [] as number[] };
await load(own, 5000, ...H2);
await load(own, 5000, ...H1);
for (let round = 0; round < Number(rounds); round++) {
  figures.h2.push(await load(own, Number(requests), ...H2));
  figures.h1.push(await load(own, Number(requests), ...H1));
  if (other !== null) figures.mitmdump.push(await load(other, Math.min(2000, Number(requests)), ...H2));
}
await Promise.all([own.stop(), other?.stop()]);
stage.clear();

const [h2, h1, mitm] = [median(figures.h2), median(figures.h1), median(figures.mitmdump)];
const show = (value: number) => `${value.toFixed(1)} µs`;
console.log(`CPU a request, medians of ${rounds} rounds:`);
console.log(`waylay, h2, 32 streams      ${show(h2)}   ${(h2 / h1).toFixed(2)} x h1 (goal 1.3)`);
console.log(`waylay, h1, 32 connections  ${show(h1)}`);
if (hasMitmdump)
  console.log(`mitmdump, h2, 32 streams    ${show(mitm)}   waylay is 1/${(mitm / h2).toFixed(1)} of it (goal 1/6)`);
