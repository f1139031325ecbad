// Everything that can keep an exchange from its answer, told apart: what the client is told, and what to do about it.
// One table for the pages that explain, the flow's `error.code` and the docs.

export interface FailureSpec {
  /** The status that the client gets, if it still can get one. */
  readonly status: number;
  readonly title: string;
  /** What a person may do about it; `{host}` is the origin's. */
  readonly hint: string;
}

const TRUST_HINT =
  "If you know this server, trust its root with --upstream-ca FILE, or take its certificate unverified with --insecure-host {host}.";
const TAKE_HINT = "If you want it all the same, take its certificate unverified with --insecure-host {host}.";

export const FAILURES = {
  "dns-not-found": {
    status: 502,
    title: "No such host",
    hint: "Check the spelling, or the DNS server of this machine.",
  },
  "dns-failed": { status: 502, title: "The name could not be resolved", hint: "Is this machine online?" },
  "connect-refused": { status: 502, title: "Connection refused", hint: "Is the server running, and on this port?" },
  "connect-unreachable": { status: 502, title: "No route to the host", hint: "Is the network or the VPN up?" },
  "connect-timeout": { status: 504, title: "The server did not answer", hint: "A firewall may drop the packets." },
  "connect-reset": { status: 502, title: "The server reset the connection", hint: "" },
  "connect-failed": { status: 502, title: "Connecting failed", hint: "" },
  "cert-expired": { status: 502, title: "The server's certificate has expired", hint: TAKE_HINT },
  "cert-not-yet-valid": {
    status: 502,
    title: "The server's certificate is not valid yet",
    hint: `Is this machine's clock right? ${TAKE_HINT}`,
  },
  "cert-unknown-issuer": { status: 502, title: "The server's certificate is not trusted", hint: TRUST_HINT },
  "cert-self-signed": { status: 502, title: "The server's certificate is self-signed", hint: TRUST_HINT },
  "cert-wrong-host": { status: 502, title: "The server's certificate is for another host", hint: TAKE_HINT },
  "cert-weak": { status: 502, title: "The server's certificate is too weak", hint: TAKE_HINT },
  "cert-wrong-purpose": { status: 502, title: "The server's certificate is not for servers", hint: TAKE_HINT },
  "cert-invalid": { status: 502, title: "The server's certificate is invalid", hint: TAKE_HINT },
  "tls-handshake": { status: 502, title: "TLS with the server failed", hint: "" },
  "tls-timeout": { status: 504, title: "The TLS handshake with the server took too long", hint: "" },
  "tls-closed": { status: 502, title: "The server closed the connection during the TLS handshake", hint: "" },
  "via-refused": {
    status: 502,
    title: "The upstream proxy refused",
    hint: "Its credentials come from --upstream-auth-file or WAYLAY_UPSTREAM_AUTH.",
  },
  "proxy-loop": { status: 508, title: "The request leads back to waylay", hint: "" },
  "upstream-closed": { status: 502, title: "The server closed the connection without an answer", hint: "" },
  "upstream-reset": { status: 502, title: "The server reset the connection before it answered", hint: "" },
  "upstream-truncated": { status: 502, title: "The server's answer ended too early", hint: "" },
  "upstream-malformed": { status: 502, title: "The server's answer is no HTTP that can be passed on", hint: "" },
  "upstream-too-many-interim": { status: 502, title: "The server sent interim answers without end", hint: "" },
  "upstream-unasked-upgrade": { status: 502, title: "The server switched protocols unasked", hint: "" },
  "answer-timeout": {
    status: 504,
    title: "The server took too long to answer",
    hint: "Raise it with --limit answer=…",
  },
  "server-silent": { status: 504, title: "The server fell silent", hint: "A rule's timeout says how long it may." },
  "request-malformed": { status: 400, title: "The request is no HTTP that can be passed on", hint: "" },
  "head-timeout": { status: 408, title: "The request's head took too long", hint: "" },
  "bad-target": { status: 400, title: "The request's target is wrong", hint: "" },
  misdirected: { status: 421, title: "The request's target names another host than the tunnel", hint: "" },
  "connect-not-here": { status: 405, title: "CONNECT is not taken here", hint: "" },
  "tls-on-plain-port": {
    status: 400,
    title: "TLS spoken to the plain proxy port",
    hint: "Use http:// in the proxy's address, also for https:// sites.",
  },
  "refused-by-rule": { status: 403, title: "Refused by a rule", hint: "" },
  "rule-failed": { status: 502, title: "A rule could not be carried out", hint: "waylay rules check FILE says more." },
  "address-not-allowed": {
    status: 403,
    title: "Clients with public addresses are not served",
    hint: "Allow them with --allow-public.",
  },
  "client-closed": { status: 499, title: "The client closed the connection before the exchange was over", hint: "" },
  "client-reset": { status: 499, title: "The client reset the connection", hint: "" },
  "client-truncated": { status: 400, title: "The client's request ended too early", hint: "" },
  "client-tls-refused": {
    status: 0,
    title: "The client refused waylay's certificate",
    hint: "Let the client trust the root (waylay ca install, or http://waylay.test/), or leave its traffic alone with --pass {host}.",
  },
  "client-tls-suspected": {
    status: 0,
    title: "The client went away right after it had seen waylay's certificate",
    hint: "It may pin its certificates. Let it trust the root (waylay ca install), or leave its traffic alone with --pass {host}.",
  },
  "client-tls-failed": { status: 0, title: "TLS with the client failed", hint: "" },
  "idle-timeout": { status: 0, title: "Neither side said a word for too long", hint: "" },
  "shut-down": { status: 503, title: "waylay is shutting down", hint: "" },
} as const satisfies Record<string, FailureSpec>;

export type FailureCode = keyof typeof FAILURES;

/** One failure of one exchange. */
export interface Failure {
  readonly code: FailureCode;
  /** What happened, with the particulars. */
  readonly message: string;
  /** A more exact code of the codec, for malformed messages. */
  readonly defect?: string;
  /** Overrides the table's status where the codec knows a better one. */
  readonly status?: number;
}

export function failureStatus(failure: Failure): number {
  return failure.status ?? FAILURES[failure.code].status;
}

export function failureHint(failure: Failure, host: string): string {
  return FAILURES[failure.code].hint.replaceAll("{host}", host === "" ? "HOST" : host);
}
