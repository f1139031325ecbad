// What is measured: each a function from a contestant under way to one number or several.
import { setTimeout as pause } from "node:timers/promises";
import { Client, getRequest, type Target } from "./load.ts";
import { median, treeCpuSeconds, treeRssBytes } from "./machine.ts";

/** A contestant under way: where to send requests, and whose costs to count (none for the direct line). */
export interface Running {
  name: string;
  target: Target;
  pid: number | undefined;
}

const CONNECTIONS = 16;
/** What a proxy puts off (a batch for the disk, a collection) is counted too: until it has been quiet this long. */
const QUIET_MS = 600;
const QUIET_CPU_SECONDS = 0.02;
const SETTLE_TRIES = 50;

export interface Counted {
  count: number;
  seconds: number;
  cpuSeconds: number;
}

/** Keep-alive requests of 1 KB over some connections, for a while. */
export function keepAlive({ target, pid }: Running, seconds: number, size = 1024): Promise<Counted> {
  return counted(pid, async () => {
    const request = getRequest(target.originPort, size);
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => Client.open(target)));
    const until = performance.now() + seconds * 1000;
    const counts = await Promise.all(clients.map(client => repeat(client, request, () => performance.now() < until)));
    for (const client of clients) client.close();
    return counts.reduce((a, b) => a + b, 0);
  });
}

/** The same for an exact number of requests. */
export async function keepAliveCount({ target }: Running, total: number): Promise<void> {
  const request = getRequest(target.originPort, 1024);
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => Client.open(target)));
  let left = total;
  await Promise.all(clients.map(client => repeat(client, request, () => left-- > 0)));
  for (const client of clients) client.close();
}

function repeat(client: Client, request: Buffer, goOn: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const next = (error?: Error) => {
      if (error) return reject(error);
      if (!goOn()) return resolve(count);
      count++;
      client.send(request, next);
    };
    next();
  });
}

/** Connections of one request each: CONNECT, TLS handshake, request, answer, close. */
export function freshConnections({ target, pid }: Running, seconds: number): Promise<Counted> {
  return counted(pid, async () => {
    const request = getRequest(target.originPort, 1024);
    const until = performance.now() + seconds * 1000;
    let count = 0;
    const worker = async () => {
      while (performance.now() < until) {
        const client = await Client.open(target);
        await client.ask(request);
        client.close();
        count++;
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    return count;
  });
}

export function download({ target, pid }: Running, bytes: number): Promise<Counted> {
  return counted(pid, async () => {
    const client = await Client.open(target);
    await client.ask(getRequest(target.originPort, bytes));
    client.close();
    return 1;
  });
}

export async function upload({ target }: Running, bytes: number): Promise<void> {
  const client = await Client.open(target);
  await client.post(target.originPort, bytes);
  client.close();
}

/** p50 of sequential keep-alive requests on one connection, in milliseconds. */
export async function latencyMs({ target }: Running, requests: number): Promise<number> {
  const request = getRequest(target.originPort, 1024);
  const client = await Client.open(target);
  const times: number[] = [];
  for (let i = 0; i < requests; i++) {
    const begun = performance.now();
    await client.ask(request);
    times.push(performance.now() - begun);
  }
  client.close();
  return median(times);
}

async function counted(pid: number | undefined, work: () => Promise<number>): Promise<Counted> {
  const before = pid === undefined ? 0 : treeCpuSeconds(pid);
  const begun = performance.now();
  const count = await work();
  const seconds = (performance.now() - begun) / 1000;
  if (pid === undefined) return { count, seconds, cpuSeconds: 0 };
  return { count, seconds, cpuSeconds: (await quietCpuSeconds(pid)) - before };
}

async function quietCpuSeconds(pid: number): Promise<number> {
  let before = treeCpuSeconds(pid);
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    await pause(QUIET_MS);
    const now = treeCpuSeconds(pid);
    if (now - before <= QUIET_CPU_SECONDS) return now;
    before = now;
  }
  return before;
}

/** The most resident memory that `work` drives a process tree to, in bytes. */
export async function peakRss(pid: number, work: () => Promise<void>): Promise<number> {
  let peak = treeRssBytes(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, treeRssBytes(pid));
  }, 50);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}
