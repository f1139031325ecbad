// control: the one table of methods (methods.ts) through which CLI, page, MCP and programs see and steer a running waylay, and the doors
// to it (rpc.ts). It knows engine parts only as this interface says; it owns no traffic and no sockets of the proxy.
// engine.ts: what control may ask of a running waylay. gateway implements it; so may whoever shows a saved session.
import type { Anchor } from "../ca/root.ts";
import type { Config } from "../config.ts";
import type { FlowListener } from "../flow/feed.ts";
import type { FlowSummary } from "../flow/model.ts";
import type { Note } from "../flow/store/edits.ts";
import type { HoldBoard } from "../proxy/hold.ts";
import type { ReplayRequest } from "../proxy/replay.ts";
import type { LogRing } from "./log.ts";

export interface Engine {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly config: Config;
  readonly sessionFile: string;
  readonly root: Anchor;
  readonly log: LogRing;
  /** Epoch milliseconds with fractions. */
  now(): number;
  /** What listens, as far as it does. */
  listening(): Listening;
  /** Live events until the function returned is called. */
  subscribe(listener: FlowListener): () => void;
  /** The flows that run, as they are now, oldest first. */
  running(): readonly FlowSummary[];
  /** Resolves when all flows that are over, and the present state of running flow `id`, can be read from the session. */
  settle(id?: number): Promise<void>;
  /** Notes something on flows; answers the ids of those that there are. Null: the session cannot be written to. */
  annotate(ids: readonly number[], note: Note): Promise<readonly number[] | null>;
  /** Deletes flows that are over; answers as `annotate`. */
  remove(ids: readonly number[]): Promise<readonly number[] | null>;
  /** Sends a request as a client would; resolves with its flow's id when the exchange is over. */
  replay(request: ReplayRequest): Promise<number>;
  /** Breakpoints, and what waits at them. */
  readonly holds: HoldBoard;
  /** Asks the program to end as SIGTERM does. */
  shutdown(): void;
}

export interface Listening {
  readonly proxy: readonly {
    readonly mode: string;
    readonly host?: string;
    readonly port?: number;
    readonly unix?: string;
  }[];
  readonly ui: string | null;
  readonly control: string | null;
}
