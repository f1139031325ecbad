// What is promised, and whether the figures keep it.
import { median } from "./machine.ts";

/** One number a round, by measure and contestant. */
export type Figures = Map<MeasureId, Map<string, number[]>>;

interface MeasureRow {
  id: string;
  title: string;
  unit: string;
  digits: number;
  /** A difference, of which "times squid's" says nothing. */
  absolute?: true;
}

export type MeasureId = (typeof MEASURES)[number]["id"];

export const MEASURES = [
  { id: "keepAlive", title: "keep-alive request of 1 KB, CPU", unit: "µs", digits: 1 },
  { id: "keepAliveRate", title: "the same, requests a second", unit: "/s", digits: 0 },
  { id: "fresh", title: "new TLS connection with one request, CPU", unit: "µs", digits: 0 },
  { id: "download", title: "download of 100 MB, CPU", unit: "ms", digits: 0 },
  { id: "downloadRate", title: "the same, throughput", unit: "MB/s", digits: 0 },
  { id: "latency", title: "sequential request, p50", unit: "ms", digits: 3 },
  { id: "ready", title: "start to ready", unit: "ms", digits: 0 },
  { id: "rss20k", title: "memory after 20,000 flows", unit: "MB", digits: 0 },
  { id: "rss200k", title: "memory after 200,000 flows", unit: "MB", digits: 0 },
  { id: "down1g", title: "memory that a 1 GB download adds", unit: "MB", digits: 0, absolute: true },
  { id: "up1g", title: "memory that a 1 GB upload adds", unit: "MB", digits: 0, absolute: true },
] as const satisfies readonly MeasureRow[];

export interface Verdict {
  goal: string;
  is: string;
  pass: boolean;
}

interface RatioGoal {
  of: MeasureId;
  to: string;
  goal: number;
  /** More is better: the ratio must not be below the goal. */
  more?: true;
}

const RATIOS: readonly RatioGoal[] = [
  { of: "keepAlive", to: "squid", goal: 1.2 },
  { of: "keepAlive", to: "squid", goal: 1.0 },
  { of: "keepAlive", to: "mitmdump", goal: 1 / 8 },
  { of: "keepAlive", to: "mockttp", goal: 1 / 3 },
  { of: "keepAlive", to: "http-mitm-proxy", goal: 1 / 3 },
  { of: "fresh", to: "squid", goal: 1.5 },
  { of: "download", to: "squid", goal: 0.8 },
  { of: "downloadRate", to: "squid", goal: 1.0, more: true },
];

/** waylay's side of the median of a measure against another's, round by round: what drifts drifts for both. */
export function ratio(figures: Figures, id: MeasureId, to: string, who = "waylay"): number | undefined {
  const own = figures.get(id)?.get(who);
  const other = figures.get(id)?.get(to);
  if (!own?.length || !other?.length) return undefined;
  return median(own.slice(0, other.length).map((value, round) => value / other[round]));
}

export function value(figures: Figures, id: MeasureId, name: string): number | undefined {
  const values = figures.get(id)?.get(name);
  return values?.length ? median(values) : undefined;
}

export function verdicts(figures: Figures): Verdict[] {
  const found: Verdict[] = [];
  for (const { of, to, goal, more } of RATIOS) {
    const is = ratio(figures, of, to);
    if (is === undefined) continue;
    const title = MEASURES.find(measure => measure.id === of)?.title;
    found.push({
      goal: `${title}: at ${more ? "least" : "most"} ${goal.toFixed(goal < 0.5 ? 3 : 1)} x ${to}`,
      is: `${is.toFixed(is < 0.5 ? 3 : 2)} x`,
      pass: more ? is >= goal : is <= goal,
    });
  }
  const most = (goal: string, limit: number, unit: string, digits: number, is: number | undefined) => {
    if (is !== undefined)
      found.push({ goal: `${goal}: at most ${limit} ${unit}`, is: `${is.toFixed(digits)} ${unit}`, pass: is <= limit });
  };
  const minus = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a - b;
  const of = (id: MeasureId, name = "waylay") => value(figures, id, name);
  most("latency added to the direct line, p50", 0.25, "ms", 3, minus(of("latency"), of("latency", "direct")));
  most("memory from 20,000 to 200,000 flows", 60, "MB", 0, minus(of("rss200k"), of("rss20k")));
  most("memory for a 1 GB download", 64, "MB", 0, of("down1g"));
  most("memory for a 1 GB upload", 64, "MB", 0, of("up1g"));
  most("start to ready, CA in place", 400, "ms", 0, of("ready"));
  return found;
}
