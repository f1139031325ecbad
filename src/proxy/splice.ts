import type { FlowTap } from "../flow/tap.ts";
import type { Conn, ConnHandler } from "../net/conn.ts";

/** How a spliced pair came to its end. */
export interface SpliceEnd {
  /** Who ended it: the side that closed or failed first. */
  readonly by: "client" | "server" | "idle";
  readonly error: NodeJS.ErrnoException | null;
  readonly clientBytes: number;
  readonly serverBytes: number;
}

/** Puts the end of a spliced pair into its flow, and ends that. */
export function finishSpliced(tap: FlowTap, end: SpliceEnd): void {
  if (end.by === "idle") tap.error("idle-timeout", "neither side said a word for too long");
  else if (end.error !== null) tap.error(`${SIDES[end.by]}-reset`, `the ${end.by} reset the connection`);
  tap.finish(end.by === "idle" || end.error !== null ? "error" : "complete");
}

const SIDES = { client: "client", server: "upstream" } as const;

/** Told of the bytes that pass, by side. */
export interface SpliceTap {
  clientBytes: number;
  serverBytes: number;
}

/**
 * Carries bytes both ways between two connections until both sides have ended: backpressure, half-close and reset pass
 * through as what they are. `tap` counts.
 */
export function splice(
  client: Conn,
  server: Conn,
  tap: SpliceTap,
  idleMs: number,
  done: (end: SpliceEnd) => void,
): void {
  let ended = false;
  const finish = (by: SpliceEnd["by"], error: NodeJS.ErrnoException | null) => {
    if (ended) return;
    ended = true;
    done({ by, error, clientBytes: tap.clientBytes, serverBytes: tap.serverBytes });
  };
  const idle = () => {
    finish("idle", null);
    client.destroy();
    server.destroy();
  };
  const side = (from: Conn, to: Conn, by: "client" | "server"): ConnHandler => ({
    onData(chunk) {
      if (by === "client") tap.clientBytes += chunk.length;
      else tap.serverBytes += chunk.length;
      client.deadline(idleMs, idle);
      if (!to.write(chunk)) from.pause();
    },
    onEnd: () => to.end(),
    onDrain: () => to.resume(),
    onClose(error) {
      finish(by, error);
      if (error !== null) to.reset();
      // A socket that closed without an error has ended both ways: what was written is still delivered.
      else if (!to.closed) to.linger();
    },
  });
  client.handler = side(client, server, "client");
  server.handler = side(server, client, "server");
  client.deadline(idleMs, idle);
  client.resume();
  server.resume();
}
