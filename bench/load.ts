// The near end: a lean client on raw sockets (CONNECT, TLS, fixed requests, answers counted by their length), so that
// one core of load keeps one core of proxy busy.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";

const HOST = "localhost";
const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const BLOCK = Buffer.alloc(64 * 1024, "waylay bench ");

export interface Target {
  /** Where to CONNECT; undefined goes to the origin at once. */
  proxyPort: number | undefined;
  originPort: number;
  /** Made once: parsing roots for each connection would be the client's main work. */
  trust: SecureContext;
}

export function target(proxyPort: number | undefined, originPort: number, caPem: string): Target {
  return { proxyPort, originPort, trust: createSecureContext({ ca: caPem }) };
}

/** A GET like a program's; `size` is the body that the origin answers with. */
export function getRequest(originPort: number, size: number): Buffer {
  return Buffer.from(
    `GET /bytes/${size} HTTP/1.1\r\nHost: ${HOST}:${originPort}\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\n` +
      "Accept-Encoding: identity\r\nAccept-Language: en\r\n\r\n",
  );
}

/** One connection through the proxy, TLS done. Sends when told and calls back once per whole answer. */
export class Client {
  private readonly socket: TLSSocket;
  private held: Buffer | null = null;
  private left = -1; // of the current body; -1 before its head, -2 chunked
  private tail: Buffer = Buffer.alloc(0);
  private done: (error?: Error) => void = () => {};

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", chunk => this.take(chunk));
    socket.on("error", error => this.done(error));
    socket.on("close", () => this.done(new Error("the connection was closed")));
  }

  static async open({ proxyPort, originPort, trust }: Target): Promise<Client> {
    const tcp = await opened(connectTcp({ port: proxyPort ?? originPort, host: "127.0.0.1", noDelay: true }));
    tcp.on("error", () => {}); // TLS above reports it
    if (proxyPort !== undefined) await tunnel(tcp, originPort);
    return new Promise((resolve, reject) => {
      const socket = connectTls({ socket: tcp, servername: HOST, secureContext: trust, ALPNProtocols: ["http/1.1"] });
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        socket.off("error", reject);
        resolve(new Client(socket));
      });
    });
  }

  send(request: Buffer, done: (error?: Error) => void): void {
    this.done = done;
    this.socket.write(request);
  }

  /** One request, awaited. */
  ask(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => this.send(request, error => (error ? reject(error) : resolve())));
  }

  /** Sends a POST with a body of `size` bytes and waits for its answer. */
  async post(originPort: number, size: number): Promise<void> {
    const answered = this.ask(
      Buffer.from(
        `POST /bytes/2 HTTP/1.1\r\nHost: ${HOST}:${originPort}\r\nUser-Agent: bench/1.0\r\nContent-Type: application/octet-stream\r\n` +
          `Content-Length: ${size}\r\n\r\n`,
      ),
    );
    answered.catch(() => {}); // seen below; here it only must not count as unhandled
    for (let left = size; left > 0 && !this.socket.destroyed; left -= BLOCK.length) {
      const piece = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      if (!this.socket.write(piece)) await Promise.race([this.drained(), answered]);
    }
    await answered;
  }

  private drained(): Promise<void> {
    return new Promise(resolve => this.socket.once("drain", resolve));
  }

  close(): void {
    this.done = () => {};
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    if (this.left === -1) this.takeHead(chunk);
    else if (this.left === -2) this.takeChunked(chunk);
    else this.takeContent(chunk.length);
  }

  private takeHead(chunk: Buffer): void {
    const bytes = this.held === null ? chunk : Buffer.concat([this.held, chunk]);
    const end = bytes.indexOf(HEAD_END);
    this.held = end < 0 ? bytes : null;
    if (end < 0) return;
    const head = bytes.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 200")) {
      this.done(new Error(`answered with ${head.split("\r\n")[0]}: ${bytes.toString("latin1", end + 4, end + 400)}`));
      return;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    const rest = bytes.subarray(end + 4);
    if (length === null) {
      this.left = -2;
      this.takeChunked(rest);
    } else {
      this.left = Number(length[1]);
      this.takeContent(rest.length);
    }
  }

  private takeContent(bytes: number): void {
    this.left -= bytes;
    if (this.left > 0) return;
    this.left = -1;
    this.done();
  }

  /** Bodies here never hold the last chunk's bytes, so their end is found by these. */
  private takeChunked(chunk: Buffer): void {
    const end = chunk.length >= LAST_CHUNK.length ? chunk : Buffer.concat([this.tail, chunk]);
    this.tail = end.subarray(-LAST_CHUNK.length);
    if (!this.tail.equals(LAST_CHUNK)) return;
    this.tail = Buffer.alloc(0);
    this.left = -1;
    this.done();
  }
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function tunnel(socket: Socket, originPort: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const authority = `${HOST}:${originPort}`;
    let head = "";
    const take = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      socket.off("data", take);
      socket.pause();
      if (/^HTTP\/1\.[01] 200/.test(head)) resolve();
      else reject(new Error(`CONNECT answered with ${head.split("\r\n")[0]}`));
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error("the proxy closed the connection during CONNECT")));
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  });
}
