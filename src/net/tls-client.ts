// TLS towards the origin: verified before a byte of a request leaves.
import { constants } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type SecureContext } from "node:tls";
import { LRUCache } from "lru-cache";
import { type Conn, WRITE_AHEAD } from "./conn.ts";
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

/** Contexts for terms that rules ask for; each holds the roots anew. */
const CONTEXTS_MAX = 50;

/** A certificate of ours for servers that ask for one. `id` tells it from all others. */
export interface ClientCertificate {
  readonly id: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly passphrase: string | undefined;
}

/** What one server is to be spoken with by, beside what holds for all. */
export interface TlsTerms {
  readonly min: "1.2" | "1.3" | undefined;
  readonly max: "1.2" | "1.3" | undefined;
  readonly certificate: ClientCertificate | null;
}

/** The same for the same terms. */
export function termsKey({ min, max, certificate }: TlsTerms): string {
  return `${min ?? ""}-${max ?? ""}-${certificate?.id ?? ""}`;
}

export interface ClientTlsOptions {
  readonly insecure: boolean;
  /** The name to send; null sends the host's, "" none. */
  readonly sni: string | null;
  readonly alpn: readonly string[];
  readonly handshakeMs: number;
  /** null: the ordinary ones. */
  readonly terms: TlsTerms | null;
}

export class ClientTls {
  private readonly extraRoots: readonly string[];
  private readonly env: NodeJS.ProcessEnv;
  private readonly sessions = new LRUCache<string, Buffer>({ max: SESSIONS_MAX });
  private readonly contexts = new LRUCache<string, SecureContext>({ max: CONTEXTS_MAX });
  private roots: string[] | null = null;
  private context: SecureContext | null = null;

  /** `extraRoots`: PEM texts trusted beside Node's and the system's roots. */
  constructor(extraRoots: readonly string[], env: NodeJS.ProcessEnv) {
    this.extraRoots = extraRoots;
    this.env = env;
  }

  /** Builds the context now (some 60 ms), so that the first request need not wait for it. */
  warm(): void {
    this.context ??= this.build(ORDINARY);
  }

  /** One for each set of terms, never for each connection. Throws what OpenSSL says of a certificate or key. */
  private contextFor(terms: TlsTerms | null): SecureContext {
    this.warm();
    if (terms === null) return this.context as SecureContext; // warm() made it
    const key = termsKey(terms);
    let context = this.contexts.get(key);
    if (context === undefined) {
      context = this.build(terms);
      this.contexts.set(key, context);
    }
    return context;
  }

  private build({ min, max, certificate }: TlsTerms): SecureContext {
    this.roots ??= upstreamRoots(this.extraRoots, this.env);
    return createSecureContext({
      ca: this.roots,
      // Level 2 refuses keys below RSA 2048 and EC 224 and signatures by SHA-1.
      ciphers: `${CIPHERS}:@SECLEVEL=2`,
      minVersion: `TLSv${min ?? "1.2"}`,
      ...(max === undefined ? {} : { maxVersion: `TLSv${max}` }),
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(certificate === null
        ? {}
        : { cert: certificate.certPem, key: certificate.keyPem, passphrase: certificate.passphrase }),
    });
  }

  /**
   * Speaks TLS on a connection as its client. `done` is called once; on failure the connection is closed. A host that is
   * an address sends no SNI (RFC 6066 §3).
   */
  start(conn: Conn, host: string, options: ClientTlsOptions, done: (failure: TlsError | null) => void): void {
    const terms = options.terms === null ? "" : termsKey(options.terms);
    const key = `${host}:${conn.port}:${options.insecure ? "i" : "v"}:${options.sni ?? "-"}:${options.alpn.join()}:${terms}`;
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
    let context: SecureContext;
    try {
      context = this.contextFor(options.terms);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return settle(new TlsError("tls-handshake", `our own certificate or key cannot be used: ${why}`));
    }
    const name = options.sni ?? (isIP(host) === 0 ? host : "");
    const socket = conn.rewrap(NO_BYTES, (raw: Socket) =>
      connect({
        socket: raw,
        ...WRITE_AHEAD,
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
const ORDINARY: TlsTerms = { min: undefined, max: undefined, certificate: null };

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
    return new TlsError(
      "tls-handshake",
      `it speaks none of the TLS versions that are asked for, 1.2 at least (${reason})`,
    );
  }
  return new TlsError("tls-handshake", `the TLS handshake failed: ${reason}`);
}
