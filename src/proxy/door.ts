// Where a connection's first bytes are looked at: which protocol is it, and which stage takes it from here?
import { CaError } from "../ca/error.ts";
import type { Conn, ConnHandler } from "../net/conn.ts";
import { acceptTls, type ClientTlsFailure, usableServerName } from "../net/tls-server.ts";
import { type Sniffed, sniff } from "../wire/sniff.ts";
import { type ClientHello, parseClientHello } from "../wire/tls/client-hello.ts";
import { answerHead, explain } from "./answers.ts";
import type { Entry } from "./entry.ts";
import { connFacts } from "./facts.ts";
import { type Failure, type FailureCode, failureHint } from "./failures.ts";

/** How long a client may keep silent before the server is given the first word (SMTP, SSH, MySQL …). Milliseconds. */
const SILENCE_MS = 400;

/** What a door does with what it finds. Each stage says what it can take; null is refused. */
export interface Doorway {
  readonly entry: Entry;
  /** The host for the certificate when the client hello names none. */
  readonly host: string | null;
  /** TLS is spoken: true takes it, false hands the bytes to `opaque`. */
  intercepts(hello: ClientHello | null): boolean;
  /** Neither HTTP nor TLS that we take, or silence: carry it unread. null when there is nowhere to carry it to. */
  readonly opaque: ((first: Buffer, secure: boolean) => void) | null;
  /** Called if the connection ends before it has carried a byte. */
  readonly onUnused: ((error: NodeJS.ErrnoException | null) => void) | null;
  /** HTTP/2 was agreed on, so that nothing else is looked for. */
  readonly agreedHttp2?: boolean;
}

export function enter(doorway: Doorway, conn: Conn, first: Buffer): void {
  const door = new Door(doorway, conn);
  conn.handler = door;
  if (first.length > 0) door.onData(first);
}

class Door implements ConnHandler {
  private readonly doorway: Doorway;
  private readonly conn: Conn;
  private bytes: Buffer = NO_BYTES;
  private silence: NodeJS.Timeout | null = null;
  private toldUnused = false;

  constructor(doorway: Doorway, conn: Conn) {
    this.doorway = doorway;
    this.conn = conn;
    const { limits } = doorway.entry.services.config;
    conn.deadline(limits.headMs, () => this.tooSlow());
    const { opaque } = doorway;
    if (opaque !== null) {
      this.silence = setTimeout(() => {
        if (this.bytes.length === 0) this.leave(() => opaque(NO_BYTES, this.doorway.entry.secure));
      }, SILENCE_MS);
    }
  }

  onData(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    this.look(false);
  }

  onEnd(): void {
    const { opaque, onUnused, entry } = this.doorway;
    if (this.bytes.length === 0 && opaque !== null && onUnused === null) {
      // It has nothing to say, and may want to hear all the same.
      this.leave(() => opaque(NO_BYTES, entry.secure));
      return this.conn.handler.onEnd();
    }
    if (this.bytes.length === 0) {
      this.unused(null);
      this.conn.end();
      return;
    }
    // What has come is all that comes: whatever it may be, it is decided now.
    this.look(true);
  }

  onDrain(): void {}

  onClose(error: NodeJS.ErrnoException | null): void {
    if (this.bytes.length === 0) this.unused(error);
    this.stopWaiting();
  }

  private unused(error: NodeJS.ErrnoException | null): void {
    this.stopWaiting();
    if (!this.toldUnused) this.doorway.onUnused?.(error);
    this.toldUnused = true;
  }

  private look(atEnd: boolean): void {
    const { entry, opaque, agreedHttp2 } = this.doorway;
    if (agreedHttp2) return this.http2(atEnd);
    const kind = sniff(this.bytes);
    if (kind === "need-more" && !atEnd) return;
    if (kind === "tls") {
      const hello = parseClientHello(this.bytes);
      if (hello === null && !atEnd) return;
      return this.tls(hello === "invalid" ? null : hello);
    }
    // Prior knowledge (RFC 9113 §3.3).
    if (kind === "h2-preface" && entry.services.config.http2 === "always") return this.http2(atEnd);
    if (kind === "http1" || opaque === null) return this.http(kind, atEnd);
    const { bytes } = this;
    this.leave(() => opaque(bytes, entry.secure));
    if (atEnd) this.conn.handler.onEnd();
  }

  private http(kind: Sniffed, atEnd: boolean): void {
    const { bytes, conn } = this;
    const { entry } = this.doorway;
    if (kind === "socks4" || kind === "socks5") {
      entry.services.say("a client spoke SOCKS, which this version does not; set the proxy as an HTTP proxy");
      return this.leave(() => conn.destroy());
    }
    this.leave(() => {
      const session = entry.services.stages.http1(entry, conn);
      session.onData(bytes);
      // The session may have handed the connection on by now: the end is for whoever has it.
      if (atEnd) conn.handler.onEnd();
    });
  }

  private http2(atEnd: boolean): void {
    const { bytes, conn } = this;
    const { entry } = this.doorway;
    this.leave(() => {
      entry.services.stages.http2(entry, conn).onData(bytes);
      if (atEnd) conn.handler.onEnd();
    });
  }

  private tls(hello: ClientHello | null): void {
    const { entry, opaque, host } = this.doorway;
    const { conn, bytes } = this;
    if (entry.mode.kind !== "reverse" && entry.tunnel === null) return this.tlsOnPlainPort();
    if (!this.doorway.intercepts(hello)) {
      if (opaque === null) return conn.destroy();
      return this.leave(() => opaque(bytes, entry.secure));
    }
    const sni = hello !== null && usableServerName(hello.sni) ? hello.sni.toLowerCase() : null;
    const certifiedFor = sni ?? host ?? conn.localAddress;
    this.leave(() => startTls(this.doorway, conn, bytes, hello, sni, certifiedFor));
  }

  private tlsOnPlainPort(): void {
    const failure: Failure = {
      code: "tls-on-plain-port",
      message: "The first bytes are a TLS client hello, not HTTP.",
    };
    const { services, mode } = this.doorway.entry;
    services.recorder.conn(connFacts(this.conn));
    const tap = services.recorder.begin(this.conn.id, mode.text);
    tap.requestHead(this.bytes, 0, this.bytes.length);
    tap.error(failure.code, failure.message);
    const answer = explain(failure, "", false);
    const head = answerHead(answer, true);
    tap.responseHead(head, 0, head.length, answer.status, answer.reason);
    tap.finish("error");
    this.leave(() => {
      this.conn.write(Buffer.concat([head, answer.content]));
      this.conn.linger();
    });
  }

  private tooSlow(): void {
    this.stopWaiting();
    if (this.bytes.length === 0) return this.conn.destroy();
    const { conn } = this;
    if (sniff(this.bytes) !== "need-more" || this.doorway.opaque !== null) return this.look(true);
    // The time that the session gives to a head was up at the door already.
    this.http("need-more", false);
    conn.onDeadline?.();
  }

  private leave(next: () => void): void {
    this.stopWaiting();
    this.conn.noDeadline();
    next();
  }

  private stopWaiting(): void {
    if (this.silence !== null) clearTimeout(this.silence);
    this.silence = null;
  }
}

const NO_BYTES = Buffer.alloc(0);

/** Speaks TLS with the client under a certificate for `host`, and lets it through the next door. */
function startTls(
  doorway: Doorway,
  conn: Conn,
  bytes: Buffer,
  hello: ClientHello | null,
  sni: string | null,
  host: string,
): void {
  const { entry } = doorway;
  const { services } = entry;
  const offered = hello?.alpn ?? [];
  // A client that offers protocols, but none that we speak, is served without any agreed (RFC 7301 §3.2 allows it).
  const spoken = services.config.http2 === "always" ? HTTP2_OR_1 : HTTP1;
  const alpn = spoken.filter(name => offered.includes(name));
  const { tlsHandshakeMs } = services.config.limits;
  const context = services.serverTls.contextFor(host);
  if (context instanceof CaError) {
    recordTlsFailure(entry, conn, host, { kind: "error", reason: context.message });
    return conn.destroy();
  }
  acceptTls(conn, bytes, context, alpn, tlsHandshakeMs, sni, failure => {
    if (failure !== null) return recordTlsFailure(entry, conn, host, failure);
    const inner = entry.inside(entry.tunnel, true);
    const through: Doorway = {
      ...doorway,
      entry: inner,
      // TLS inside TLS is carried, not opened twice.
      intercepts: () => false,
      // Where HTTP was agreed on, only HTTP is taken; else it may be IMAP or MQTT as well.
      opaque: alpn.length > 0 ? null : doorway.opaque,
      onUnused: silentRefusal(inner, conn, host),
      agreedHttp2: conn.tls?.alpn === "h2",
    };
    enter(through, conn, NO_BYTES);
  });
}

const HTTP1: readonly string[] = ["http/1.1"];
const HTTP2_OR_1: readonly string[] = ["h2", "http/1.1"];

/** Browsers open connections that they may need and close them unused, but not at once. Milliseconds. */
const SUSPICIOUS_WITHIN_MS = 2_000;

/**
 * Under TLS 1.3 a client that refuses our certificate has finished the handshake from our side, and many send no alert:
 * they only close. A new session that ends at once without a byte of request is a suspicion, and recorded as one.
 */
function silentRefusal(entry: Entry, conn: Conn, host: string): Doorway["onUnused"] {
  if (conn.tls?.resumed) return null;
  const { now } = entry.services;
  const since = now();
  return error => {
    const alert = /alert (?:certificate )?[a-z ]+/i.exec(error?.message ?? "");
    if (alert !== null) return recordTlsFailure(entry, conn, host, { kind: "alert", reason: alert[0].slice(6) });
    if (now() - since > SUSPICIOUS_WITHIN_MS) return;
    recordTlsFailure(entry, conn, host, { kind: "closed", reason: "closed without a request" });
  };
}

/** A client that would not speak TLS with us gets a flow of its own, so that it is seen and can be helped. */
function recordTlsFailure(entry: Entry, conn: Conn, host: string, failure: ClientTlsFailure): void {
  const { recorder } = entry.services;
  recorder.conn(connFacts(conn));
  const tap = recorder.begin(conn.id, entry.mode.text);
  tap.method = "CONNECT";
  tap.scheme = "https";
  tap.host = entry.tunnel?.host ?? host;
  tap.port = entry.tunnel?.port ?? conn.localPort;
  const [code, message] = describe(failure);
  const hint = failureHint({ code, message }, tap.host);
  tap.error(code, hint === "" ? message : `${message}. ${hint}`);
  tap.finish("error");
}

function describe(failure: ClientTlsFailure): [code: FailureCode, message: string] {
  switch (failure.kind) {
    case "alert":
      return CERTIFICATE_ALERT.test(failure.reason)
        ? ["client-tls-refused", `the client refused waylay's certificate: alert ${failure.reason}`]
        : ["client-tls-failed", `the client ended the TLS handshake: alert ${failure.reason}`];
    case "closed":
      return [
        "client-tls-suspected",
        "the client closed the connection right after waylay's certificate, without a request",
      ];
    default:
      return ["client-tls-failed", failure.reason];
  }
}

/** Alerts by which clients say that they do not like a certificate (RFC 8446 §6.2). */
const CERTIFICATE_ALERT =
  /unknown ca|bad certificate|certificate unknown|certificate expired|unsupported certificate|access denied/i;
