// Two sessions compared: their flows gathered by method and URL pattern, then what is new, gone, changed or slower. Pure.
import { mediaType } from "../decode/charset.ts";
import type { FlowSummary } from "../model.ts";
import { quantile } from "../quantile.ts";
import { urlPattern } from "../url-pattern.ts";

/** What was asked of one place, in one session. */
export interface Place {
  readonly method: string;
  /** The URL with `*` for what looks like an id, and the names of its query. */
  readonly pattern: string;
  readonly count: number;
  /** In ascending order; `error` where there was no answer. */
  readonly statuses: readonly string[];
  /** Media types of the answers. */
  readonly types: readonly string[];
  /** Median of the durations, milliseconds; null if none ended. */
  readonly duration: number | null;
}

export interface ChangedPlace {
  readonly method: string;
  readonly pattern: string;
  readonly a: Place;
  readonly b: Place;
}

export interface SessionDiff {
  readonly new: readonly Place[];
  readonly gone: readonly Place[];
  /** Other statuses or types. */
  readonly changed: readonly ChangedPlace[];
  readonly slower: readonly ChangedPlace[];
  /** Places in both with nothing to say of them. */
  readonly same: number;
}

/** A median must have grown by both to count as slower: small ones double by chance. */
const SLOWER_BY_MS = 20;
const SLOWER_TIMES = 1.5;

export function diffSessions(a: Iterable<FlowSummary>, b: Iterable<FlowSummary>): SessionDiff {
  const before = placesOf(a);
  const after = placesOf(b);
  const both = [...after].flatMap(([key, place]) => {
    const was = before.get(key);
    return was === undefined ? [] : [{ method: place.method, pattern: place.pattern, a: was, b: place }];
  });
  const changed = both.filter(isChanged);
  const slower = both.filter(isSlower);
  return {
    new: [...after].flatMap(([key, place]) => (before.has(key) ? [] : [place])),
    gone: [...before].flatMap(([key, place]) => (after.has(key) ? [] : [place])),
    changed,
    slower,
    same: both.filter(each => !isChanged(each) && !isSlower(each)).length,
  };
}

function isChanged({ a, b }: ChangedPlace): boolean {
  return a.statuses.join() !== b.statuses.join() || a.types.join() !== b.types.join();
}

function isSlower({ a, b }: ChangedPlace): boolean {
  if (a.duration === null || b.duration === null) return false;
  return b.duration - a.duration >= SLOWER_BY_MS && b.duration >= a.duration * SLOWER_TIMES;
}

interface Gathered {
  readonly method: string;
  readonly pattern: string;
  count: number;
  readonly statuses: Set<string>;
  readonly types: Set<string>;
  readonly durations: number[];
}

function placesOf(flows: Iterable<FlowSummary>): Map<string, Place> {
  const gathered = new Map<string, Gathered>();
  for (const flow of flows) {
    if (flow.tunnel || flow.method === "") continue;
    const pattern = urlPattern(flow.url);
    const key = `${flow.method} ${pattern}`;
    let place = gathered.get(key);
    if (place === undefined) {
      place = { method: flow.method, pattern, count: 0, statuses: new Set(), types: new Set(), durations: [] };
      gathered.set(key, place);
    }
    place.count++;
    place.statuses.add(flow.error === null && flow.status !== null ? String(flow.status) : "error");
    if (flow.status !== null && flow.contentType !== null) place.types.add(mediaType(flow.contentType));
    if (flow.duration !== null) place.durations.push(flow.duration);
  }
  const ordered = [...gathered].sort(([x], [y]) => (x < y ? -1 : 1));
  return new Map(ordered.map(([key, place]) => [key, placeOf(place)]));
}

function placeOf({ method, pattern, count, statuses, types, durations }: Gathered): Place {
  const duration = quantile(
    durations.sort((x, y) => x - y),
    0.5,
  );
  return { method, pattern, count, statuses: [...statuses].sort(), types: [...types].sort(), duration };
}
