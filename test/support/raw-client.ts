// Clients that say exactly what a test wants said, plainly or under TLS, to the proxy's port.
import { connect, isIP, type NetConnectOpts } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Peer } from "./peer.ts";

export interface Cleaner {
  after(cleanUp: () => unknown): void;
}

/** A plain connection; half-open is allowed, so that an end is only an end. */
export async function rawClient(test: Cleaner, to: number | string | NetConnectOpts): Promise<Peer> {
  const where = typeof to === "number" ? { port: to, host: "127.0.0.1" } : typeof to === "string" ? { path: to } : to;
  const socket = connect({ ...where, allowHalfOpen: true, noDelay: true } as NetConnectOpts);
  const peer = new Peer(socket);
  test.after(() => peer.close());
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return peer;
}

/** A client behind a CONNECT that was granted. */
export async function tunnelClient(test: Cleaner, proxyPort: number, authority: string): Promise<Peer> {
  const client = await rawClient(test, proxyPort);
  client.send(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const head = await client.head();
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`CONNECT ${authority}: ${head}`);
  return client;
}

/** A client that speaks TLS inside a tunnel. Rejects with what the handshake failed of. */
export async function tlsClient(
  test: Cleaner,
  proxyPort: number,
  authority: string,
  options: ConnectionOptions = {},
): Promise<Peer> {
  const host = authority.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const named = isIP(host) === 0 ? { servername: host } : { host };
  return speakTls(await tunnelClient(test, proxyPort, authority), { ...named, ...options });
}

/** Speaks TLS on a connection that stands. */
export async function speakTls(below: Peer, options: ConnectionOptions): Promise<Peer> {
  below.socket.removeAllListeners("data");
  const socket = connectTls({ socket: below.socket, ...options });
  below.inside = new Peer(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed during the handshake")));
  });
  return below.inside;
}
