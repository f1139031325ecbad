// A gateway in this process, an origin behind it, and a client on its control socket.
import type { ControlClient } from "../../src/control/client.ts";
import { connectControl } from "../../src/control/connect.ts";
import { startOrigin } from "../../src/origin/server.ts";
import { type Answer, ask } from "../origin/client.ts";
import { type Engine, type EngineOptions, startEngine } from "../support/engine.ts";
import type { Cleaner } from "../support/raw-client.ts";

export interface Scene {
  readonly engine: Engine;
  readonly client: ControlClient;
  /** `http://127.0.0.1:PORT` of the origin. */
  readonly origin: string;
  readonly socketPath: string;
  /** Sends a request through the proxy to the origin. */
  via(path: string, options?: Parameters<typeof ask>[2], body?: string | Buffer): Promise<Answer>;
  /** Another client. */
  connect(): Promise<ControlClient>;
}

export async function startScene(test: Cleaner, options: EngineOptions = {}): Promise<Scene> {
  const engine = await startEngine(test, options);
  const origin = await startOrigin();
  test.after(() => origin.close());
  const socketPath = engine.gateway.ready.control as string; // it is always there
  const connect = async () => {
    const client = await connectControl(socketPath);
    test.after(() => client.close());
    return client;
  };
  const url = `http://127.0.0.1:${origin.port}`;
  return {
    engine,
    client: await connect(),
    origin: url,
    socketPath,
    via: (path, request, body) => ask(engine.port(), `${url}${path}`, request, body),
    connect,
  };
}
