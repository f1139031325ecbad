import { lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { WRITE_AHEAD } from "./conn.ts";

/** Where a listener is bound. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly unix: string };

export interface Listener {
  /** Where it really listens: the port that 0 became. */
  readonly endpoint: Endpoint;
  /** Stops accepting; open connections go on. */
  close(): Promise<void>;
}

/** How long a Unix socket that exists has to answer before it counts as left behind, in milliseconds. */
const STALE_PROBE_MS = 500;

/**
 * Listens and hands every connection to `accept`. Rejects with the system's error (`EADDRINUSE`, `EACCES` …).
 * A Unix socket is made with mode 0600; one that nobody answers is replaced, a live one is not.
 */
export async function listen(
  endpoint: Endpoint,
  maxConnections: number,
  accept: (socket: Socket) => void,
): Promise<Listener> {
  if ("unix" in endpoint) await removeStale(endpoint.unix);
  const server = createServer({ allowHalfOpen: true, noDelay: true, ...WRITE_AHEAD }, accept);
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // A Unix socket is bound before listen returns: nobody else can connect between that and its mode.
    const umask = "unix" in endpoint ? process.umask(0o177) : undefined;
    server.listen("unix" in endpoint ? { path: endpoint.unix } : { host: endpoint.host, port: endpoint.port }, () => {
      server.off("error", reject);
      resolve();
    });
    if (umask !== undefined) process.umask(umask);
  });
  // Running out of descriptors is an event on the server; the connections that are open must live on.
  server.on("error", () => {});
  return { endpoint: bound(server, endpoint), close: () => new Promise(resolve => server.close(() => resolve())) };
}

function bound(server: Server, asked: Endpoint): Endpoint {
  const address = server.address();
  if (address === null || typeof address === "string" || "unix" in asked) return asked;
  return { host: asked.host, port: address.port };
}

async function removeStale(path: string): Promise<void> {
  let stat: ReturnType<typeof lstatSync>;
  try {
    stat = lstatSync(path);
  } catch {
    return;
  }
  if (!stat.isSocket()) throw Object.assign(new Error(`${path} exists and is no socket`), { code: "EEXIST" });
  const alive = await new Promise<boolean>(resolve => {
    const probe = connect({ path });
    const done = (answer: boolean) => {
      probe.destroy();
      resolve(answer);
    };
    probe.setTimeout(STALE_PROBE_MS, () => done(false));
    probe.once("connect", () => done(true));
    probe.once("error", () => done(false));
  });
  if (alive) throw Object.assign(new Error(`${path} is in use`), { code: "EADDRINUSE" });
  unlinkSync(path);
}
