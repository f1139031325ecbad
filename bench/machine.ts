// What a process costs, as the kernel counts it: CPU and memory of a whole process tree, from /proc (Linux only).
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const TICKS_PER_SECOND = 100; // USER_HZ, the unit of /proc/PID/stat on every Linux that people run
const PAGE_BYTES = 4096;

interface Stat {
  pid: number;
  parent: number;
  ticks: number;
  rssBytes: number;
}

/** User and system time of `pid` and all below it, with their threads and the children they have buried, in seconds. */
export function treeCpuSeconds(pid: number): number {
  return sum(tree(pid), stat => stat.ticks) / TICKS_PER_SECOND;
}

/** Resident memory of `pid` and all below it, in bytes; what they share is counted as often as they are. */
export function treeRssBytes(pid: number): number {
  return sum(tree(pid), stat => stat.rssBytes);
}

/** Share of the machine's CPU time that is not idle, 0 to 1, over the coming while. */
export async function busyShare(ms: number): Promise<number> {
  const before = machineTicks();
  await pause(ms);
  const after = machineTicks();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function machineTicks(): { all: number; idle: number } {
  const ticks = /^cpu +(.*)/.exec(readFileSync("/proc/stat", "latin1"))?.[1].split(" ").map(Number) ?? [];
  return { all: ticks.reduce((a, b) => a + b, 0), idle: ticks[3] + ticks[4] }; // idle and iowait, proc_stat(5)
}

function tree(root: number): Stat[] {
  const byParent = new Map<number, Stat[]>();
  let rootStat: Stat | undefined;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat === undefined) continue;
    if (stat.pid === root) rootStat = stat;
    byParent.set(stat.parent, [...(byParent.get(stat.parent) ?? []), stat]);
  }
  if (rootStat === undefined) throw new Error(`process ${root} is gone`);
  const found = [rootStat];
  for (let i = 0; i < found.length; i++) found.push(...(byParent.get(found[i].pid) ?? []));
  return found;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name may hold spaces; field 3 comes first
    const at = (number: number) => Number(fields[number - 3]);
    const ticks = at(14) + at(15) + at(16) + at(17); // utime stime cutime cstime, proc_pid_stat(5)
    return { pid, parent: at(4), ticks, rssBytes: at(24) * PAGE_BYTES };
  } catch {
    return undefined; // it ended between readdir and read
  }
}

function sum(stats: Stat[], of: (stat: Stat) => number): number {
  return stats.reduce((total, stat) => total + of(stat), 0);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
