// TLS towards the origin: verified before a byte of a request leaves.
import { constants } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type SecureContext } from "node:tls";
import { LRUCache } from "lru-cache";
import type { Conn } from "./conn.ts";
import { upstreamRoots } from "./roots.ts";
import { CIPHERS } from "./tls-server.ts";
import { type CertCode, certVerdict, checkIdentity } from "./verify.ts";

export type TlsCode = CertCode | "tls-handshake" | "tls-timeout" | "tls-closed";

export class TlsError extends Error {
  readonly code: TlsCode;
  constructor(code: TlsCode, message: string) {
    super(message);
    this.name = "TlsError";
    this.code = code;
  }
}

/** Tickets of origins that are remembered for resumption. */
const SESSIONS_MAX = 2_000;

export interface ClientTlsOptions {
  readonly insecure: boolean;
  /** The name to send; null sends the host's, "" none. */
  readonly sni: string | null;
  readonly alpn: readonly string[];
  readonly handshakeMs: number;
}

export class ClientTls {
  private readonly extraRoots: readonly string[];
  private readonly env: NodeJS.ProcessEnv;
  private readonly sessions = new LRUCache<string, Buffer>({ max: SESSIONS_MAX });
  private context: SecureContext | null = null;

  /** `extraRoots`: PEM texts trusted beside Node's and the system's roots. */
  constructor(extraRoots: readonly string[], env: NodeJS.ProcessEnv) {
    this.extraRoots = extraRoots;
    this.env = env;
  }

  /** Builds the context now (some 60 ms), so that the first request need not wait for it. */
  warm(): void {
    this.context ??= createSecureContext({
      ca: upstreamRoots(this.extraRoots, this.env),
      // Level 2 refuses keys below RSA 2048 and EC 224 and signatures by SHA-1.
      ciphers: `${CIPHERS}:@SECLEVEL=2`,
      minVersion: "TLSv1.2",
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
  }

  /**
   * Speaks TLS on a connection as its client. `done` is called once; on failure the connection is closed. A host that is
   * an address sends no SNI (RFC 6066 §3).
   */
  start(conn: Conn, host: string, options: ClientTlsOptions, done: (failure: TlsError | null) => void): void {
    this.warm();
    const context = this.context as SecureContext; // warm() made it
    const key = `${host}:${conn.port}:${options.insecure ? "i" : "v"}:${options.sni ?? "-"}:${options.alpn.join()}`;
    let settled = false;
    const settle = (failure: TlsError | null) => {
      if (settled) return;
      settled = true;
      conn.noDeadline();
      if (failure !== null) {
        this.sessions.delete(key);
        conn.destroy();
      }
      done(failure);
    };
    conn.handler = {
      onData() {},
      onEnd() {},
      onDrain() {},
      onClose: error => settle(failureOf(error)),
    };
    conn.deadline(options.handshakeMs, () => {
      settle(new TlsError("tls-timeout", `the TLS handshake was not finished within ${options.handshakeMs} ms`));
    });
    const name = options.sni ?? (isIP(host) === 0 ? host : "");
    const socket = conn.rewrap(NO_BYTES, (raw: Socket) =>
      connect({
        socket: raw,
        secureContext: context,
        host,
        ...(name === "" ? {} : { servername: name }),
        ALPNProtocols: options.alpn.length > 0 ? [...options.alpn] : undefined,
        rejectUnauthorized: !options.insecure,
        checkServerIdentity: (_name, certificate) => checkIdentity(host, certificate),
        session: this.sessions.get(key),
      }),
    );
    socket.once("secureConnect", () => {
      conn.tls = {
        version: socket.getProtocol() ?? "",
        cipher: socket.getCipher()?.name ?? "",
        alpn: socket.alpnProtocol || null,
        sni: name === "" ? null : name,
        resumed: socket.isSessionReused(),
        ...(options.insecure ? { insecure: insecureReason(socket.authorizationError) } : {}),
      };
      settle(null);
    });
    socket.on("session", session => this.sessions.set(key, session));
  }
}

const NO_BYTES = Buffer.alloc(0);

function insecureReason(error: unknown): string {
  if (error === null || error === undefined) return "";
  const code = String((error as { code?: string }).code ?? error);
  return certVerdict(code, code)?.text ?? code;
}

function failureOf(error: NodeJS.ErrnoException | null): TlsError {
  if (error === null) return new TlsError("tls-closed", "it closed the connection during the TLS handshake");
  const reason = (error as { reason?: string }).reason ?? error.message;
  const verdict = certVerdict(error.code ?? "", reason);
  if (verdict !== undefined) return new TlsError(verdict.code, verdict.text);
  if (error.code === "ECONNRESET" || error.code === "EPIPE") {
    return new TlsError("tls-closed", "it closed the connection during the TLS handshake");
  }
  if (/wrong version number|packet length too long|http request/i.test(reason)) {
    return new TlsError("tls-handshake", `it does not speak TLS on this port (${reason})`);
  }
  if (/unsupported protocol|version too low|alert protocol version/i.test(reason)) {
    return new TlsError("tls-handshake", `it speaks no TLS version from 1.2 on (${reason})`);
  }
  return new TlsError("tls-handshake", `the TLS handshake failed: ${reason}`);
}
