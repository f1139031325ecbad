import type { Route } from "./route.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Idle upstream connections by route, shared between clients. Last in, first out: the warmest is used, the others age
 * out.
 */
export class Pool {
  private readonly idle = new Map<string, Upstream[]>();
  private readonly perRoute: number;
  private readonly total: number;
  private count = 0;

  constructor(perRoute: number, total: number) {
    this.perRoute = perRoute;
    this.total = total;
  }

  /** A connection that is free, or null. */
  take(route: Route): Upstream | null {
    const list = this.idle.get(route.key);
    if (list === undefined) return null;
    const upstream = list.pop() ?? null;
    if (upstream !== null) this.count--;
    if (list.length === 0) this.idle.delete(route.key);
    return upstream;
  }

  /** Keeps a connection for the next request; false when there is no room. */
  put(upstream: Upstream): boolean {
    const { key } = upstream.route;
    const list = this.idle.get(key);
    if (list === undefined) {
      if (this.count >= this.total) this.dropOldest();
      this.idle.set(key, [upstream]);
    } else {
      if (list.length >= this.perRoute) return false;
      list.push(upstream);
    }
    this.count++;
    return true;
  }

  /** Forgets a connection that died while it was idle. */
  remove(upstream: Upstream): void {
    const list = this.idle.get(upstream.route.key);
    const at = list?.indexOf(upstream) ?? -1;
    if (list === undefined || at < 0) return;
    list.splice(at, 1);
    this.count--;
    if (list.length === 0) this.idle.delete(upstream.route.key);
  }

  clear(): void {
    for (const list of [...this.idle.values()]) for (const upstream of [...list]) upstream.destroy();
    this.idle.clear();
    this.count = 0;
  }

  /** The route that has been known longest gives way. */
  private dropOldest(): void {
    for (const [, list] of this.idle) {
      const oldest = list[0];
      if (oldest === undefined) continue;
      oldest.destroy();
      this.remove(oldest);
      return;
    }
  }
}
