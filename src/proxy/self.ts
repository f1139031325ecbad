import type { RequestHead } from "../wire/http1/head.ts";
import { type Answer, escapeHtml, page } from "./answers.ts";

/** The name under which waylay answers through itself. */
export const SELF_HOST = "waylay.test";

export interface SelfFacts {
  readonly rootPem: string;
  readonly rootDer: Buffer;
  /** SHA-256, as people compare it. */
  readonly fingerprint: string;
  readonly subject: string;
}

/** The plain pages that every client of the proxy can reach: what this is, and the root to trust. */
export class SelfSite {
  private readonly facts: SelfFacts;
  /** Addresses and ports that we listen on. */
  private readonly endpoints: { readonly host: string; readonly port: number }[] = [];
  private readonly isOwnAddress: (address: string) => boolean;

  /** `isOwnAddress` tells whether an IP address is one of this machine's. */
  constructor(facts: SelfFacts, isOwnAddress: (address: string) => boolean) {
    this.facts = facts;
    this.isOwnAddress = isOwnAddress;
  }

  listensOn(host: string, port: number): void {
    this.endpoints.push({ host, port });
  }

  /** Is this the name of the certificate page? */
  isNamed(host: string): boolean {
    return host === SELF_HOST || host.toLowerCase() === SELF_HOST;
  }

  /** Would a connection to this address and port lead back to us? */
  isSelf(address: string, port: number): boolean {
    for (const endpoint of this.endpoints) {
      if (endpoint.port !== port) continue;
      if (endpoint.host === address) return true;
      if (endpoint.host === "0.0.0.0" || endpoint.host === "::") return this.isOwnAddress(address);
      // A loopback listener answers for the whole of 127.0.0.0/8 only at its own address.
      if (endpoint.host === "localhost" && this.isOwnAddress(address)) return true;
    }
    return false;
  }

  /** `host` is the name that was asked for through the proxy; null when somebody opened the proxy's own address. */
  answer(head: RequestHead, host: string | null): Answer {
    if (head.method !== "GET" && head.method !== "HEAD") {
      return {
        ...text(405, "Method Not Allowed", "Only GET and HEAD here.\n"),
        fields: [["Allow", "GET, HEAD"], PLAIN],
      };
    }
    switch (pathOf(head.target)) {
      case "/":
        return this.front(host);
      case "/root.crt":
      case "/root.pem":
        return certificate(Buffer.from(this.facts.rootPem), "application/x-x509-ca-cert", "waylay-root.crt");
      case "/root.der":
      case "/root.cer":
        return certificate(this.facts.rootDer, "application/x-x509-ca-cert", "waylay-root.der");
      default:
        return text(404, "Not Found", host === null ? NOT_A_SERVER : "There is / , /root.crt and /root.der here.\n");
    }
  }

  /** Max-Forwards ran out: we are the last (RFC 9110 §7.6.2). A TRACE gets its request back without its secrets. */
  lastHop(head: RequestHead): Answer {
    if (head.method !== "TRACE") return { status: 200, reason: "OK", fields: [], content: Buffer.alloc(0) };
    let echo = head.buf.toString("latin1", head.start, head.lineEnd);
    for (let i = 0; i < head.fields.count; i++) {
      if (SECRET.test(head.fields.name(i))) continue;
      echo += head.buf.toString("latin1", head.fields.lineStart(i), head.fields.lineEnd(i));
    }
    const content = Buffer.from(`${echo}\r\n`, "latin1");
    return { status: 200, reason: "OK", fields: [["Content-Type", "message/http"]], content };
  }

  private front(host: string | null): Answer {
    const { fingerprint, subject } = this.facts;
    const prefix = host === null ? `http://${SELF_HOST}` : "";
    const body = `
<p><a href="${prefix}/root.crt">Root certificate (PEM)</a> · <a href="${prefix}/root.der">DER</a></p>
<p>${escapeHtml(subject)}<br>SHA-256 <code>${escapeHtml(fingerprint)}</code></p>
<h2>Trust it</h2>
<pre>waylay ca install          # system and browsers, asks first
curl --cacert root.crt …   # one program
export SSL_CERT_FILE=root.crt NODE_EXTRA_CA_CERTS=root.crt</pre>
<p>Compare the fingerprint with what <code>waylay ca show</code> prints before you trust it. <code>waylay ca uninstall</code> takes it back.</p>`;
    const title = host === null ? "This is waylay, an HTTP debugging proxy" : "waylay is on the way";
    const how =
      host === null
        ? "Set it as a program's HTTP proxy, then open http://waylay.test/ through it."
        : "This program's traffic goes through waylay. To see into HTTPS, trust its root certificate.";
    return {
      status: 200,
      reason: "OK",
      fields: [
        ["Content-Type", "text/html; charset=utf-8"],
        ["Cache-Control", "no-store"],
      ],
      content: Buffer.from(page(title, [how], body)),
    };
  }
}

const PLAIN = ["Content-Type", "text/plain; charset=utf-8"] as const;
const SECRET = /^(authorization|cookie|proxy-authorization)$/i;
const NOT_A_SERVER =
  "This is a proxy, not a server: set it as a program's HTTP proxy. More at http://waylay.test/ through it.\n";

function text(status: number, reason: string, content: string): Answer {
  return { status, reason, fields: [PLAIN], content: Buffer.from(content) };
}

function certificate(content: Buffer, type: string, name: string): Answer {
  const disposition = ["Content-Disposition", `attachment; filename="${name}"`] as const;
  return { status: 200, reason: "OK", fields: [["Content-Type", type], disposition], content };
}

function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
  return path === "" ? "/" : path;
}
