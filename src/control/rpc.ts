// The door for programs on this machine: JSON-RPC 2.0, a line each, over a Unix socket that only its owner may open.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { makeFolder } from "../config/folder.ts";
import { listen } from "../net/listen.ts";
import type { Control } from "./control.ts";
import { Peer, type PeerLimits } from "./peer.ts";

export interface RpcDoor {
  readonly path: string;
  /** Lets in whoever has connected since the door was opened, and from now on. */
  serve(control: Control): void;
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
}

/** Why there is no control socket; its message is for people. */
export class RpcDoorError extends Error {}

/** Programs connected at once. */
const PEERS_MAX = 256;

/**
 * Opens the socket at `path`. One that nobody answers is replaced; one that is answered is RpcDoorError. That is the first thing a
 * waylay does with its home, so that of two the second notices before it has touched anything.
 */
export async function openRpcDoor(path: string, limits: PeerLimits): Promise<RpcDoor> {
  const folder = dirname(path);
  if (!existsSync(folder)) makeFolder(folder, 0o700);
  const peers = new Set<Peer>();
  const early: Duplex[] = [];
  let enter = (socket: Duplex): void => void early.push(socket);
  try {
    const listener = await listen({ unix: path }, PEERS_MAX, socket => enter(socket));
    return {
      path,
      serve: control => {
        enter = socket => {
          const peer = new Peer(socket, control, limits, () => peers.delete(peer));
          peers.add(peer);
        };
        for (const socket of early.splice(0)) enter(socket);
      },
      close: async () => {
        const closed = listener.close();
        enter = socket => socket.destroy();
        for (const socket of early.splice(0)) socket.destroy();
        await Promise.all([...peers].map(peer => peer.end()));
        await closed;
      },
    };
  } catch (error) {
    throw new RpcDoorError(problem(path, error as NodeJS.ErrnoException));
  }
}

function problem(path: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `another waylay runs and answers at ${path}; give this one a --home of its own, or --control PATH`;
    case "EEXIST":
      return `${path} exists and is no socket; name another with --control PATH`;
    default:
      return `the control socket ${path} cannot be made (${error.code ?? error.message}); name another with --control PATH`;
  }
}
