// How exchanges end before their time, as decisions: which failure it is, and what may be tried or kept after it. Pure.
import type { WireError } from "../wire/error.ts";
import { type Framing, NONE } from "../wire/http1/framing.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import type { Failure, FailureCode } from "./failures.ts";

type SocketError = NodeJS.ErrnoException | null;

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PROPFIND", "REPORT", "SEARCH"]);

/** RFC 9110 §9.2.2: only what may be done twice, and whose content need not be sent again. */
export function mayBeSentAgain(head: RequestHead, framing: Framing): boolean {
  return framing.kind === NONE && IDEMPOTENT.has(head.method);
}

/** May the client's connection go on after an answer of our own? */
export function mayStayOpen(head: RequestHead, requestWhole: boolean): boolean {
  return requestWhole && head.version === 11 && !/\bclose\b/i.test(head.fields.getAll("connection").join());
}

/** The request broke the protocol behind its head. */
export function requestFault(fault: WireError): Failure {
  return { code: "request-malformed", message: fault.message, defect: fault.code, status: fault.status };
}

/** The answer did. */
export function responseFault(fault: WireError): Failure {
  const truncated = fault.code === "truncated-head" || fault.code === "truncated-body";
  return truncated
    ? { code: "upstream-truncated", message: fault.message }
    : { code: "upstream-malformed", message: fault.message, defect: fault.code };
}

/** The server's connection ended before its answer did. */
export function upstreamGone(who: string, error: SocketError, answering: boolean, clientEnded: boolean): Failure {
  const when = answering ? "in the middle of its answer" : "before it answered";
  const message =
    error === null
      ? `${who} closed the connection ${when}`
      : `${who} ended the connection ${when} (${error.code ?? error.message})`;
  if (answering) return { code: "upstream-truncated", message };
  if (clientEnded) {
    return { code: "client-closed", message: "the client ended its side, and the server closed upon that" };
  }
  return { code: error === null ? "upstream-closed" : "upstream-reset", message };
}

/** The client's did, or ended in the middle of its request. */
export function clientGone(error: SocketError, requestWhole: boolean, answering: boolean): Failure {
  const code: FailureCode = error !== null ? "client-reset" : requestWhole ? "client-closed" : "client-truncated";
  const when = answering ? "in the middle of the answer" : "before an answer had begun";
  return { code, message: `the client ${error !== null ? "reset" : "closed"} the connection ${when}` };
}

export function answerTimeout(who: string, afterMs: number): Failure {
  return { code: "answer-timeout", message: `${who} did not answer within ${afterMs} ms` };
}

export function tooManyInterim(most: number): Failure {
  return { code: "upstream-too-many-interim", message: `more than ${most} interim answers` };
}

/** RFC 9110 §15.2.2: a server switches only to what was asked for. */
export const UNASKED_UPGRADE: Failure = {
  code: "upstream-unasked-upgrade",
  message: "101 Switching Protocols without an Upgrade to answer",
};
