// Upstream proxies as others run them: they note what they are asked for and join the two sides.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Peer } from "./peer.ts";
import type { Cleaner } from "./raw-client.ts";

export interface TestProxy {
  readonly port: number;
  /** What was asked of it: heads of HTTP, `HOST:PORT as USER` of SOCKS. */
  readonly asked: string[];
}

/** Tunnels for CONNECT; other requests go to their target's port on this machine, as they came. */
export function httpProxy(test: Cleaner, tls?: TlsOptions): Promise<TestProxy> {
  return listen(test, tls, async (client, asked) => {
    const head = await client.head();
    asked.push(head);
    const [method = "", target = ""] = head.split(" ");
    const port = Number(/:(\d+)(?:\/|$)/.exec(target)?.[1]);
    if (method === "CONNECT") join(client, port, () => client.send("HTTP/1.1 200 OK\r\n\r\n"));
    else join(client, port, there => there.write(Buffer.from(head, "latin1")));
  });
}

/** RFC 1928 with RFC 1929 when there is a password. Names lead to this machine. */
export function socksProxy(test: Cleaner, password?: string): Promise<TestProxy> {
  return listen(test, undefined, async (client, asked) => {
    const methods = await client.take((await bytes(client, 2))[1] ?? 0);
    const way = password === undefined ? 0 : 2;
    if (!methods.includes(String.fromCharCode(way))) return void client.send(Buffer.from([5, 0xff])).end();
    client.send(Buffer.from([5, way]));
    let user = "";
    if (password !== undefined) {
      user = await client.take((await bytes(client, 2))[1] ?? 0);
      const said = await client.take((await bytes(client, 1))[0] ?? 0);
      client.send(Buffer.from([1, said === password ? 0 : 1]));
    }
    const [, , , kind] = await bytes(client, 4);
    const length = kind === 3 ? ((await bytes(client, 1))[0] ?? 0) : kind === 4 ? 16 : 4;
    const address = await bytes(client, length);
    const host = kind === 3 ? address.toString("latin1") : [...address].join(".");
    const port = (await bytes(client, 2)).readUInt16BE();
    asked.push(`${host}:${port} as ${user}`);
    join(client, port, () => client.send(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  });
}

async function bytes(client: Peer, count: number): Promise<Buffer> {
  return Buffer.from(await client.take(count), "latin1");
}

function join(client: Peer, port: number, joined: (there: Socket) => void): void {
  const there = connect(port, "127.0.0.1", () => {
    client.socket.removeAllListeners("data");
    joined(there);
    client.socket.pipe(there).pipe(client.socket);
  });
  there.on("error", () => client.close());
}

async function listen(
  test: Cleaner,
  tls: TlsOptions | undefined,
  serve: (client: Peer, asked: string[]) => Promise<void>,
): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    serve(new Peer(socket), asked).catch(() => socket.destroy());
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked }; // a TCP listener has one
}
