// An origin that answers nothing by itself: every connection is handed to the test, which hears each byte and says each.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import { PATIENCE_MS, Peer } from "./peer.ts";
import type { Cleaner } from "./raw-client.ts";

export interface OriginAt {
  readonly host?: string;
  readonly unix?: string;
  readonly tls?: TlsOptions;
  /** Answers every connection by itself, instead of handing it out. */
  readonly serve?: (peer: Peer) => unknown;
}

export class RawOrigin {
  readonly host: string;
  readonly port: number;
  /** Connections so far, in order. */
  readonly peers: Peer[] = [];
  private handed = 0;
  private wake: () => void = () => undefined;
  private readonly serve: OriginAt["serve"];

  constructor(server: Server, at: OriginAt) {
    this.host = at.host ?? "127.0.0.1";
    this.port = at.unix === undefined ? (server.address() as AddressInfo).port : 0; // a TCP listener has one
    this.serve = at.serve;
  }

  get authority(): string {
    return `${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** A request to this origin as a client puts it to a forward proxy. `fields` are whole lines. */
  request(method: string, path: string, fields = "", content = ""): string {
    return `${method} http://${this.authority}${path} HTTP/1.1\r\nHost: ${this.authority}\r\n${fields}\r\n${content}`;
  }

  get(path: string, fields = ""): string {
    return this.request("GET", path, fields);
  }

  /** The next connection that nobody has been given yet. */
  async connection(withinMs = PATIENCE_MS): Promise<Peer> {
    const peer = this.peers[this.handed];
    if (peer !== undefined) {
      this.handed++;
      return peer;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("nobody connected to the origin")), withinMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.connection(withinMs);
  }

  add(socket: Socket): void {
    const peer = new Peer(socket);
    this.peers.push(peer);
    this.serve?.(peer);
    this.wake();
  }
}

export async function rawOrigin(test: Cleaner, at: OriginAt = {}): Promise<RawOrigin> {
  const sockets = new Set<Socket>();
  let origin: RawOrigin | undefined;
  const add = (socket: Socket) => origin?.add(socket);
  const server =
    at.tls === undefined
      ? createServer({ allowHalfOpen: true, noDelay: true }, add)
      : createTlsServer({ allowHalfOpen: true, ...at.tls }, add);
  server.on("tlsClientError", () => undefined);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.unix === undefined ? { host: at.host ?? "127.0.0.1", port: 0 } : { path: at.unix }, resolve);
  });
  origin = new RawOrigin(server, at);
  test.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  return origin;
}

/** For `serve`: every head that comes is answered with a 200 that says how many it was. Content is not expected. */
export async function answerEach(peer: Peer): Promise<void> {
  for (let count = 1; ; count++) {
    try {
      await peer.head();
    } catch {
      return void peer.end();
    }
    const content = `answer ${count}`;
    peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`);
  }
}

/** Speaks TLS as a server on a connection that stands. */
export async function acceptTls(below: Peer, credentials: { cert: string; key: string }): Promise<Peer> {
  below.socket.removeAllListeners("data");
  const socket = new TLSSocket(below.socket, { isServer: true, secureContext: createSecureContext(credentials) });
  below.inside = new Peer(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("secure", () => resolve());
    socket.once("error", reject);
  });
  return below.inside;
}
