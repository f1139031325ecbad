// The far end of every measurement: raw TLS that answers fixed bytes, so that its own cost stays out of the way.
//   /bytes/N   a body of N bytes       anything with a Content-Length is read to its end first
import { lookup } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

const BLOCK = Buffer.alloc(64 * 1024, "waylay bench ");
const HEAD_END = Buffer.from("\r\n\r\n");

export interface BenchOrigin {
  port: number;
  /** Connections accepted so far: says whether a proxy keeps them alive. */
  connections(): number;
  close(): void;
}

export async function startBenchOrigin(credentials: { certPem: string; keyPem: string }): Promise<BenchOrigin> {
  let connections = 0;
  const open = new Set<TLSSocket>();
  const serve = (socket: TLSSocket) => {
    connections++;
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    new Exchange(socket);
  };
  const options = { cert: credentials.certPem, key: credentials.keyPem, ALPNProtocols: ["http/1.1"] };
  const server = createServer(options, serve).listen(0, "127.0.0.1");
  await new Promise(resolve => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  // Where "localhost" is an IPv6 address too, some try that first; a refusal there would be charged to them.
  const hasIpv6 = await lookup("localhost", { family: 6 }).then(
    () => true,
    () => false,
  );
  const server6 = hasIpv6 ? createServer(options, serve).listen(port, "::1") : undefined;
  return {
    port,
    connections: () => connections,
    close: () => {
      server.close();
      server6?.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The requests of one connection, one after the other. */
class Exchange {
  private readonly socket: TLSSocket;
  private held: Buffer | null = null;
  private contentLeft = 0;
  private answer: () => void = () => {};
  /** Answers by size, ready made: the head is built once. */
  private readonly small = new Map<number, Buffer>();

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", chunk => this.take(chunk));
  }

  private take(chunk: Buffer): void {
    if (this.contentLeft > 0) {
      this.contentLeft -= chunk.length;
      if (this.contentLeft <= 0) this.answer();
      return;
    }
    const bytes = this.held === null ? chunk : Buffer.concat([this.held, chunk]);
    const end = bytes.indexOf(HEAD_END);
    this.held = end < 0 ? bytes : null;
    if (end < 0) return;
    const head = bytes.toString("latin1", 0, end);
    const size = Number(/ \/bytes\/(\d+)/.exec(head)?.[1] ?? 2);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.contentLeft = length - (bytes.length - end - 4);
    this.answer = () => this.send(size);
    if (this.contentLeft <= 0) this.answer();
  }

  private send(size: number): void {
    if (size > 64 * 1024) return this.pour(size);
    let answer = this.small.get(size);
    if (answer === undefined) {
      answer = Buffer.concat([responseHead(size), BLOCK.subarray(0, size)]);
      this.small.set(size, answer);
    }
    this.socket.write(answer);
  }

  private pour(size: number): void {
    this.socket.write(responseHead(size));
    let left = size;
    const more = () => {
      while (left > 0) {
        const piece = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
        left -= piece.length;
        if (!this.socket.write(piece)) {
          this.socket.once("drain", more);
          return;
        }
      }
    };
    more();
  }
}

function responseHead(size: number): Buffer {
  return Buffer.from(
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: bench\r\nContent-Type: application/json; charset=utf-8\r\n" +
      `Cache-Control: no-store\r\nETag: "33a64df5"\r\nContent-Length: ${size}\r\n\r\n`,
  );
}
