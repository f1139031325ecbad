// Ports to listen on: those that a person named, or the first free one from a default on.
import type { Endpoint } from "../net/listen.ts";
import type { Log } from "./log.ts";

/** A listener that cannot be had; its message names address and port. */
export class ListenError extends Error {}

export interface WantedPort {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Whether a person asked for this port. */
  readonly named: boolean;
}

/** Who listens, for messages: `the proxy`, and the option that names its port. */
export interface Listening {
  readonly who: string;
  readonly option: string;
}

/** How many ports beside a default one are tried when it is taken. */
const PORTS_TRIED = 20;

/** Opens what was asked for, or says why not (ListenError). A default port that is taken moves to the next free one, and says so. */
export async function openPort<T>(
  at: WantedPort | { readonly unix: string },
  { who, option }: Listening,
  log: Log,
  open: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    const endpoint: Endpoint = "unix" in at ? at : { host: at.host, port: at.port === 0 ? 0 : at.port + tried };
    try {
      const opened = await open(endpoint);
      if (tried > 0 && "port" in endpoint && "port" in at) {
        log.warn(`port ${at.port} is taken; ${who} listens on ${endpoint.port} instead`);
      }
      return opened;
    } catch (error) {
      const mayMove = "port" in at && !at.named && at.port !== 0 && tried < PORTS_TRIED;
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE" && mayMove) continue;
      throw new ListenError(problem(endpoint, option, error as NodeJS.ErrnoException));
    }
  }
}

function problem(endpoint: Endpoint, option: string, error: NodeJS.ErrnoException): string {
  const where = "unix" in endpoint ? endpoint.unix : `${endpoint.host}:${endpoint.port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `${where} is taken by another program; choose another port with ${option}, or 0 for a free one`;
    case "EACCES":
      return `${where} may not be listened on by this user; choose a port from 1024 on`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine has no such address`;
    default:
      return `${where} cannot be listened on: ${error.message}`;
  }
}
