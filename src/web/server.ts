// web: the HTTP door to control's table of methods, for the page and for programs that would rather speak HTTP. It owns the UI port, its
// token and its guard; it must not know the engine, nor be reachable through it.
// server.ts: the listener. What answers is loaded for the first visitor, not for every start: Hono takes 50 ms.
import { createServer, type RequestListener } from "node:http";
import type { Control } from "../control/control.ts";
import type { App, AppLimits } from "./app.ts";
import type { House } from "./guard.ts";

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
  let loaded: Promise<Reception> | null = null;
  const server = createServer((request, response) => {
    loaded ??= loadReception(house, control, limits);
    loaded.then(
      ({ listener }) => listener(request, response),
      (error: unknown) => {
        control.report(error);
        response.writeHead(500).end();
      },
    );
  });
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
      (await loaded?.catch(() => null))?.app.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reception {
  readonly app: App;
  readonly listener: RequestListener;
}

async function loadReception(house: House, control: Control, limits: AppLimits): Promise<Reception> {
  const { getRequestListener } = await import("@hono/node-server");
  const { webApp } = await import("./app.ts");
  const app = webApp(house, control, limits);
  return { app, listener: getRequestListener(app.fetch, { overrideGlobalObjects: false }) };
}

/** A wildcard address is where it listens, not where one connects to. */
function reachable(host: string): string {
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return address.includes(":") ? `[${address}]` : address;
}
