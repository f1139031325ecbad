// What many flows come to: by host, type and status, how long and how much, and the extremes. Pure; one pass.
import { mediaType } from "./decode/charset.ts";
import type { FlowSummary } from "./model.ts";
import { quantile } from "./quantile.ts";

export interface FlowStats extends Sums {
  /** Most flows first; `name` is the host with its port. */
  readonly hosts: readonly Group[];
  /** By media type of the answer, "" where it names none. */
  readonly types: readonly Group[];
  /** By status; `error` where there was no answer. */
  readonly statuses: readonly Group[];
  /** The slowest and biggest first. */
  readonly slowest: readonly Extreme[];
  readonly biggest: readonly Extreme[];
}

export interface Sums {
  readonly flows: number;
  readonly errors: number;
  /** Content as on the wire. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Of the durations, milliseconds; null if none ended. */
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface Group extends Sums {
  readonly name: string;
}

export interface Extreme {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly duration: number | null;
  readonly responseBytes: number;
}

/** `extremes`: how many of the slowest and the biggest. */
export function statsOf(flows: Iterable<FlowSummary>, extremes: number): FlowStats {
  const all = new Tally();
  const hosts = new Tallies();
  const types = new Tallies();
  const statuses = new Tallies();
  const slowest = new Top(extremes, flow => flow.duration ?? -1);
  const biggest = new Top(extremes, flow => flow.responseBytes);
  for (const flow of flows) {
    all.add(flow);
    hosts.add(flow.authority, flow);
    if (flow.status !== null) types.add(mediaType(flow.contentType), flow);
    statuses.add(flow.status === null ? (flow.error === null ? "none" : "error") : String(flow.status), flow);
    slowest.offer(flow);
    biggest.offer(flow);
  }
  return {
    ...all.sums(),
    hosts: hosts.groups(),
    types: types.groups(),
    statuses: statuses.groups(),
    slowest: slowest.extremes(),
    biggest: biggest.extremes(),
  };
}

class Tally {
  private flows = 0;
  private errors = 0;
  private requestBytes = 0;
  private responseBytes = 0;
  private readonly durations: number[] = [];

  add(flow: FlowSummary): void {
    this.flows++;
    if (flow.error !== null) this.errors++;
    this.requestBytes += flow.requestBytes;
    this.responseBytes += flow.responseBytes;
    // How long a tunnel stood says nothing of how fast anything is.
    if (flow.duration !== null && !flow.tunnel) this.durations.push(flow.duration);
  }

  sums(): Sums {
    const sorted = Float64Array.from(this.durations).sort();
    const { flows, errors, requestBytes, responseBytes } = this;
    return { flows, errors, requestBytes, responseBytes, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
  }
}

class Tallies {
  private readonly byName = new Map<string, Tally>();

  add(name: string, flow: FlowSummary): void {
    let tally = this.byName.get(name);
    if (tally === undefined) {
      tally = new Tally();
      this.byName.set(name, tally);
    }
    tally.add(flow);
  }

  groups(): Group[] {
    const groups = Array.from(this.byName, ([name, tally]) => ({ name, ...tally.sums() }));
    return groups.sort((a, b) => b.flows - a.flows || (a.name < b.name ? -1 : 1));
  }
}

/** The few greatest of many. */
class Top {
  private readonly max: number;
  private readonly measure: (flow: FlowSummary) => number;
  private readonly flows: FlowSummary[] = [];

  constructor(max: number, measure: (flow: FlowSummary) => number) {
    this.max = max;
    this.measure = measure;
  }

  offer(flow: FlowSummary): void {
    const { flows, measure } = this;
    const size = measure(flow);
    if (size <= 0 || flow.tunnel) return;
    if (flows.length === this.max && size <= measure(flows.at(-1)!)) return; // a full list has a last
    const at = flows.findIndex(other => measure(other) < size);
    flows.splice(at < 0 ? flows.length : at, 0, flow);
    if (flows.length > this.max) flows.pop();
  }

  extremes(): Extreme[] {
    return this.flows.map(({ id, method, url, status, duration, responseBytes }) => {
      return { id, method, url, status, duration, responseBytes };
    });
  }
}
