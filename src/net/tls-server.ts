// TLS towards the client: waylay's own certificates, minted by the host asked for.
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { LRUCache } from "lru-cache";
import { CaError } from "../ca/error.ts";
import type { Leaf, LeafCache } from "../ca/leaf.ts";
import { type Conn, WRITE_AHEAD } from "./conn.ts";

/**
 * TLS 1.2 and 1.3 with forward secrecy and AEAD first; CBC and RSA key exchange stay for old clients, and nothing that
 * RFC 9325 §4.1 forbids (NULL, export, RC4, 3DES, anonymous).
 */
export const CIPHERS = [
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:RSA+AESGCM",
  "!aNULL:!eNULL:!PSK:!SRP:!DSS:!AESCCM",
].join(":");

/** SNI may not name an address, and a name may have at most 253 characters in labels of letters, digits, - and _. */
const SNI_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

/** Is the name that a client hello carries fit to be put into a certificate? */
export function usableServerName(name: string | null): name is string {
  return name !== null && SNI_NAME.test(name) && !/^[\d.]+$/.test(name);
}

export class ServerTls {
  private readonly leaves: LeafCache;
  private readonly contexts: LRUCache<string, { leaf: Leaf; context: SecureContext }>;
  private readonly ticketKeys: Buffer;

  /** `ticketKeys`: 48 random bytes; one set for all hosts, so that a client resumes whatever context answers it. */
  constructor(leaves: LeafCache, maxContexts: number, ticketKeys: Buffer) {
    this.leaves = leaves;
    this.contexts = new LRUCache({ max: maxContexts });
    this.ticketKeys = ticketKeys;
  }

  /** The context whose certificate is for `host`; the reason if there can be none, for a CONNECT may name anything. */
  contextFor(host: string): SecureContext | CaError {
    const leaf = this.leafFor(host);
    if (leaf instanceof CaError) return leaf;
    const known = this.contexts.get(leaf.host);
    if (known?.leaf === leaf) return known.context;
    const context = createSecureContext({
      cert: leaf.certPem,
      key: leaf.keyPem,
      ciphers: CIPHERS,
      minVersion: "TLSv1.2",
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ticketKeys: this.ticketKeys,
      sessionIdContext: "waylay",
    });
    this.contexts.set(leaf.host, { leaf, context });
    return context;
  }

  private leafFor(host: string): Leaf | CaError {
    try {
      return this.leaves.get(host);
    } catch (error) {
      if (error instanceof CaError) return error;
      throw error;
    }
  }
}

/** What went wrong in a handshake with a client. */
export interface ClientTlsFailure {
  /** `alert`: the client said why. `closed`: it went away without a word. `error`: the handshake broke. `timeout`. */
  readonly kind: "alert" | "closed" | "error" | "timeout";
  /** The alert's name (`unknown ca`), or OpenSSL's words. */
  readonly reason: string;
}

/**
 * Speaks TLS on a connection as its server. `rest` holds the bytes already read (the client hello). `done` is called
 * once: with null when the handshake is through, else with what failed, the connection being closed.
 */
export function acceptTls(
  conn: Conn,
  rest: Buffer,
  context: SecureContext,
  alpn: readonly string[],
  handshakeMs: number,
  sni: string | null,
  done: (failure: ClientTlsFailure | null) => void,
): void {
  let settled = false;
  const settle = (failure: ClientTlsFailure | null) => {
    if (settled) return;
    settled = true;
    conn.noDeadline();
    done(failure);
  };
  conn.handler = {
    onData() {},
    onEnd: () => conn.end(),
    onDrain() {},
    onClose: error => settle(failureOf(error)),
  };
  conn.deadline(handshakeMs, () => {
    settle({ kind: "timeout", reason: `the TLS handshake was not finished within ${handshakeMs} ms` });
    conn.destroy();
  });
  const socket = conn.rewrap(
    rest,
    raw =>
      new TLSSocket(raw, {
        isServer: true,
        ...WRITE_AHEAD,
        secureContext: context,
        ...(alpn.length > 0 ? { ALPNProtocols: wireForm(alpn) } : {}),
      }),
  );
  socket.once("secure", () => {
    conn.tls = {
      version: socket.getProtocol() ?? "",
      cipher: socket.getCipher()?.name ?? "",
      alpn: socket.alpnProtocol || null,
      sni,
      resumed: socket.isSessionReused(),
    };
    settle(null);
  });
}

/** Names as the ALPN extension has them: each behind its length (RFC 7301 §3.1). The bare socket takes only this. */
function wireForm(protocols: readonly string[]): Buffer {
  return Buffer.concat(protocols.map(name => Buffer.from(`${String.fromCharCode(name.length)}${name}`, "latin1")));
}

function failureOf(error: NodeJS.ErrnoException | null): ClientTlsFailure {
  if (error === null || error.code === "ECONNRESET" || error.code === "EPIPE") {
    return { kind: "closed", reason: "the client closed the connection during the handshake" };
  }
  const reason = (error as { reason?: string }).reason ?? error.message;
  const alert = /alert (?:certificate )?([a-z ]+)$/i.exec(reason);
  return alert === null ? { kind: "error", reason } : { kind: "alert", reason: reason.replace(/^.*?alert /i, "") };
}
