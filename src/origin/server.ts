// The local origin: a small httpbin of our own for tests, the demo and whoever wants to see HTTP at work.
// Owns its listeners and the dispatch to lessons. Knows nothing of the proxy: it is the far end, and uses Node's own
// HTTP on purpose, so that the codec is never tested against itself.
import { randomBytes } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext } from "node:tls";
import type { OriginFacts } from "./lesson.ts";
import { LESSONS } from "./lessons.ts";
import { serve } from "./serve.ts";
import { echoWebSocket } from "./websocket.ts";

export interface OriginCredentials {
  certPem: string;
  keyPem: string;
}

export interface OriginOptions {
  /** Address to bind; default 127.0.0.1. */
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** With it the same port speaks TLS as well: one certificate for all, or one a host name (SNI, else the address). */
  tls?: OriginCredentials | { contextFor(host: string): OriginCredentials };
  /** Told of every request when its answer is done, or its connection lost. */
  onAnswer?: (answered: Answered) => void;
}

export interface Answered {
  method: string;
  url: string;
  status: number;
  durationMs: number;
  /** False when the connection went before the answer was out. */
  complete: boolean;
}

export interface Origin {
  host: string;
  port: number;
  /** The same port, undefined when only plain HTTP is spoken. */
  tlsPort: number | undefined;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

const MAX_HEAD_BYTES = 1024 * 1024; // heads that the proxy lets through are meant to arrive
const TLS_HANDSHAKE = 0x16; // first byte of a TLS record of that type; no HTTP method starts so

/** Starts listening; rejects with the listener's error (EADDRINUSE, EACCES, …). */
export async function startOrigin(options: OriginOptions = {}): Promise<Origin> {
  const host = options.host ?? "127.0.0.1";
  const facts: OriginFacts = { secret: randomBytes(32), startedAtMs: Date.now(), now: Date.now };
  const table = new Map(LESSONS.map(lesson => [lesson.name, lesson]));
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (options.onAnswer !== undefined) tellWhenDone(request, response, options.onAnswer);
    void serve(table, facts, request, response);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, first: Buffer) => {
    if (/^\/ws(?:[/?]|$)/.test(request.url ?? "")) echoWebSocket(request, socket, first);
    else ignoreUpgrade(request, socket, onRequest);
  };

  const http = createHttpServer(
    { maxHeaderSize: MAX_HEAD_BYTES, requestTimeout: 0, keepAliveTimeout: 60_000 },
    onRequest,
  );
  http.on("upgrade", onUpgrade);
  const https = options.tls === undefined ? undefined : createTlsSide(options.tls, host, onRequest);
  https?.on("upgrade", onUpgrade);

  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (https === undefined) return void http.emit("connection", socket);
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (first === null) return; // ended without a byte
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? https : http).emit("connection", socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(options.port ?? 0, host, resolve);
  });
  const { port } = listener.address() as AddressInfo; // a TCP listener has one
  return {
    host,
    port,
    tlsPort: https === undefined ? undefined : port,
    close: () =>
      new Promise(resolve => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createTlsSide(
  tls: NonNullable<OriginOptions["tls"]>,
  host: string,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const credentialsFor = "contextFor" in tls ? (name: string) => tls.contextFor(name) : () => tls;
  const plain = credentialsFor(host === "0.0.0.0" || host === "::" ? "localhost" : host);
  return createHttpsServer(
    {
      cert: plain.certPem,
      key: plain.keyPem,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => {
        try {
          const { certPem, keyPem } = credentialsFor(name);
          done(null, createSecureContext({ cert: certPem, key: keyPem }));
        } catch (error) {
          done(error as Error); // what contextFor throws: a name that no certificate can carry
        }
      },
      maxHeaderSize: MAX_HEAD_BYTES,
      requestTimeout: 0,
      keepAliveTimeout: 60_000,
    },
    onRequest,
  ).on("tlsClientError", (_error, socket) => socket.destroy());
}

function tellWhenDone(
  { method = "", url = "" }: IncomingMessage,
  response: ServerResponse,
  tell: (answered: Answered) => void,
): void {
  const started = performance.now();
  response.once("close", () => {
    const { statusCode: status, writableFinished: complete } = response;
    tell({ method, url, status, durationMs: performance.now() - started, complete });
  });
}

/** An upgrade to something we do not speak (h2c, say) may be ignored: the request is answered as it is, RFC 9110 §7.8. */
function ignoreUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false; // Node has let go of the socket, so nobody would read a next request
  response.assignSocket(socket as Socket); // an http server's upgrade hands over the connection itself
  response.on("finish", () => socket.end());
  onRequest(request, response);
}
