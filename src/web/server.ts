// web: the HTTP door to control's table of methods, for the page and for programs that would rather speak HTTP. It owns the UI port, its
// token and its guard; it must not know the engine, nor be reachable through it.
// server.ts: the listener.
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Control } from "../control/control.ts";
import { type AppLimits, webApp } from "./app.ts";

export interface WebDoor {
  readonly host: string;
  readonly port: number;
  /** What a person opens: with the token. */
  readonly url: string;
  close(): Promise<void>;
}

export interface WebOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Random, one a start. */
  readonly token: string;
  readonly limits: AppLimits;
}

/** Listens; rejects with the listener's error (EADDRINUSE, EACCES, …). */
export async function openWebDoor({ host, port, token, limits }: WebOptions, control: Control): Promise<WebDoor> {
  const house = { host, port, token };
  // The port is known once it listens, and nothing is asked before.
  const app = webApp(house, control, limits);
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server; // no TLS, no HTTP/2 asked for
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", () => {}); // running out of descriptors: those that are open live on
  house.port = (server.address() as { port: number }).port; // a TCP listener has one
  return {
    host,
    port: house.port,
    url: `http://${reachable(host)}:${house.port}/?token=${token}`,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve));
      app.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A wildcard address is where it listens, not where one connects to. */
function reachable(host: string): string {
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return address.includes(":") ? `[${address}]` : address;
}
