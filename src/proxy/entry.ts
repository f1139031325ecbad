import type { Mode } from "../config/modes.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { RouteSettings, Tunnel, Via } from "./route.ts";
import type { Services } from "./services.ts";
import type { Upstream } from "./upstream.ts";

/** The way by which a client's bytes came in: what every request of the connection has in common. */
export class Entry implements RouteSettings {
  readonly services: Services;
  readonly mode: Mode;
  readonly via: Via | null;
  readonly tunnel: Tunnel | null;
  readonly secure: boolean;
  /** An upstream connection that was authenticated for this client and serves nobody else. */
  pinned: Upstream | null = null;

  /** Hears of every flow that begins on this way. */
  readonly onFlow: ((tap: FlowTap) => void) | null;

  constructor(
    services: Services,
    mode: Mode,
    via: Via | null,
    tunnel: Tunnel | null,
    secure: boolean,
    onFlow: ((tap: FlowTap) => void) | null = null,
  ) {
    this.onFlow = onFlow;
    this.services = services;
    this.mode = mode;
    this.via = via;
    this.tunnel = tunnel;
    this.secure = secure;
  }

  /** The same way, one layer further in. */
  inside(tunnel: Tunnel | null, secure: boolean): Entry {
    return new Entry(this.services, this.mode, this.via, tunnel, secure);
  }

  get keepHost(): boolean {
    return this.services.config.keepHost;
  }

  /** The one host that everything of the connection is for, as far as it is known before a request is read. */
  get onlyHost(): string | null {
    if (this.tunnel !== null) return this.tunnel.host;
    return this.mode.kind === "reverse" ? this.mode.target.host : null;
  }

  insecure(host: string): boolean {
    return this.services.isInsecure(host);
  }

  pin(upstream: Upstream): void {
    if (this.pinned !== null && this.pinned !== upstream) this.pinned.destroy();
    upstream.release();
    this.pinned = upstream;
  }

  takePinned(): Upstream | null {
    const { pinned } = this;
    this.pinned = null;
    return pinned?.conn.closed ? null : pinned;
  }

  /** The client is gone. */
  close(): void {
    this.pinned?.destroy();
    this.pinned = null;
  }
}
