// The engine under test: a whole gateway in this process, on a free port, with a home of its own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Limits } from "../../src/config/limits.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Flags } from "../../src/config/settings.ts";
import type { FlowSummary, WholeFlow } from "../../src/flow/model.ts";
import { openSession } from "../../src/flow/store/session.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { eventually } from "./peer.ts";
import type { Cleaner } from "./raw-client.ts";

export interface EngineOptions {
  /** Options of the command line, by their long names. */
  readonly flags?: Flags;
  readonly limits?: Partial<Limits>;
}

export class Engine {
  readonly gateway: Gateway;
  readonly home: string;
  /** What it said to the person who runs it. */
  readonly said: string[];
  /** Flows that have ended, in the order in which they did. */
  readonly flows: FlowSummary[] = [];
  private closed: Promise<void> | null = null;

  constructor(gateway: Gateway, home: string, said: string[]) {
    this.gateway = gateway;
    this.home = home;
    this.said = said;
    gateway.feed.subscribe(event => {
      if (event.type === "flow.completed") this.flows.push(event.flow);
    });
  }

  /** The port of a listener, by its place. */
  port(listener = 0): number {
    return this.gateway.ready.proxy[listener]?.port ?? 0;
  }

  get rootPem(): string {
    return readFileSync(this.gateway.ready.ca, "utf8");
  }

  /** The ended flow that is looked for, once there is one. */
  async flow(isIt: (flow: FlowSummary) => boolean): Promise<FlowSummary> {
    let found: FlowSummary | undefined;
    await eventually(() => {
      found = this.flows.find(isIt);
      return found !== undefined;
    }).catch(() => {
      const seen = this.flows.map(flow => `${flow.method} ${flow.url} ${flow.status} ${JSON.stringify(flow.error)}`);
      throw new Error(`no such flow: ${isIt}; there are\n${seen.join("\n")}`);
    });
    return found as FlowSummary; // set when eventually() returned
  }

  /** What the session file has of a flow. */
  async recorded(id: number): Promise<{ flow: WholeFlow; request: Buffer; response: Buffer }> {
    const session = openSession(this.gateway.ready.session);
    try {
      let flow: WholeFlow | undefined;
      await eventually(() => {
        flow = session.get(id);
        return flow !== undefined && flow.state !== "active";
      });
      const content = (side: "request" | "response") => session.body(id, side)?.bytes ?? Buffer.alloc(0);
      return { flow: flow as WholeFlow, request: content("request"), response: content("response") };
    } finally {
      session.close();
    }
  }

  close(): Promise<void> {
    this.closed ??= this.gateway.close();
    return this.closed;
  }
}

/** Starts an engine that is closed, and whose home is gone, after the test. */
export async function startEngine(test: Cleaner, options: EngineOptions = {}): Promise<Engine> {
  const home = mkdtempSync(join(tmpdir(), "waylay-engine-"));
  mkdirSync(join(home, "rules"));
  const ui = options.flags?.["ui-port"] === undefined ? { "no-ui": true } : {};
  const config = await resolveConfig({ port: "0", home, ...ui, ...options.flags }, { env: {}, cwd: home });
  const said: string[] = [];
  const log = { info: (message: string) => said.push(message), warn: (message: string) => said.push(message) };
  const limits = { ...config.limits, shutdownMs: 500, ...options.limits };
  const engine = new Engine(await startGateway({ ...config, limits }, log), home, said);
  test.after(async () => {
    await engine.close();
    rmSync(home, { recursive: true, force: true });
  });
  return engine;
}
