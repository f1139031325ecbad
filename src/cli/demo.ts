// `--demo`: the origin with a certificate from our own root, and a first few requests through the proxy to it.

import { join } from "node:path";
import { LeafCache } from "../ca/leaf.ts";
import { loadRoot } from "../ca/root.ts";
import type { Config } from "../config.ts";
import type { ReadyInfo } from "../gateway.ts";
import { runDemo } from "../origin/demo.ts";
import { type Origin, startOrigin } from "../origin/server.ts";

export interface Demo {
  /** Where the origin is. */
  readonly url: string;
  /** Sends the requests; resolves with how many were answered. */
  play(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the origin on a free port. The root is there: the gateway has opened or made it. */
export async function startDemo(config: Config, ready: ReadyInfo): Promise<Demo> {
  const root = loadRoot(join(config.home, "ca"), { passphrase: config.caPassphrase, now: Date.now });
  const proxy = ready.proxy.find(listener => listener.mode.startsWith("regular"));
  if (!root || proxy?.port === undefined) throw new Error("the demo found no root or no listener in regular mode");
  const { host = "127.0.0.1", port } = proxy;
  const proxyHost = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const leaves = new LeafCache(root, { now: Date.now, max: 10 });
  const origin: Origin = await startOrigin({ tls: { contextFor: host => leaves.get(host) } });
  const originUrl = `https://localhost:${origin.port}`;
  return {
    url: originUrl,
    play: async () => (await runDemo({ proxyHost, proxyPort: port, caPem: root.certPem, originUrl })).length,
    close: () => origin.close(),
  };
}
