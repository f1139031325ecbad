// HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers and their tools read it. What HAR has no place for
// stands in `_waylay`, which readers pass over.
import { mediaType, parameterOf, textOf } from "../decode/charset.ts";
import { decodeContent } from "../decode/content.ts";
import { fieldOf, fieldsNamed } from "../head.ts";
import type { Field, Message, Side, Timings, WholeFlow } from "../model.ts";
import type { StoredFlow } from "../store/stored-flow.ts";
import { requestCookies, setCookies } from "./cookies.ts";
import type { Format } from "./format.ts";

/** Half of the longest string that JavaScript has. What is cut there is said in a comment. */
const DECODED_LIMIT = 256 << 20;

export const HAR: Format = {
  name: "har",
  doc: "HTTP Archive 1.2, one entry a line",
  extension: "har",
  mediaType: "application/json",
  *write(flows, { version }) {
    yield `{"log":{"version":"1.2","creator":${JSON.stringify({ name: "waylay", version })},"pages":[],"entries":[`;
    let separator = "\n";
    for (const flow of flows) {
      yield separator + JSON.stringify(harEntry(flow));
      separator = ",\n";
    }
    yield "\n]}}\n";
  },
};

/** One flow as an entry of `log.entries`. */
export function harEntry(stored: StoredFlow): object {
  const flow = stored.whole();
  const timings = harTimings(flow.timings);
  const { blocked, dns, connect, send, wait, receive } = timings;
  const time = [blocked, dns, connect, send, wait, receive].reduce((sum, part) => sum + Math.max(0, part), 0);
  return {
    startedDateTime: new Date(flow.startedAt).toISOString(),
    time: Math.round(time * 1000) / 1000,
    request: harRequest(flow, stored),
    response: harResponse(flow, stored),
    cache: {},
    timings,
    ...(flow.server !== null && IP.test(flow.server.address) ? { serverIPAddress: flow.server.address } : {}),
    ...(flow.connection.server === null ? {} : { connection: String(flow.connection.server) }),
    ...(flow.comment === "" ? {} : { comment: flow.comment }),
    _waylay: {
      id: flow.id,
      state: flow.state,
      error: flow.error,
      rules: flow.rules,
      defects: flow.defects,
      tags: flow.tags,
      client: flow.client,
      tls: flow.tls,
    },
  };
}

/** Loose: what is not an address (the path of a Unix socket) must not look like one. */
const IP = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i;

/** `send`, `wait` and `receive` are not optional in HAR; `ssl` is part of `connect`. */
function harTimings({ blocked, dns, connect, tls, send, wait, receive }: Timings): Record<string, number> & HarTimings {
  return {
    blocked,
    dns,
    connect,
    ssl: tls,
    send: Math.max(0, send),
    wait: Math.max(0, wait),
    receive: Math.max(0, receive),
  };
}

interface HarTimings {
  blocked: number;
  dns: number;
  connect: number;
  ssl: number;
  send: number;
  wait: number;
  receive: number;
}

function harRequest(flow: WholeFlow, stored: StoredFlow): object {
  const { request } = flow;
  const headers = withoutPseudo(request.headers);
  return {
    method: flow.method,
    url: harUrl(flow),
    httpVersion: harVersion(flow.httpVersion.client),
    cookies: requestCookies(fieldsNamed(headers, "cookie")),
    headers: pairs(headers),
    queryString: queryPairs(flow.path),
    headersSize: headSize(stored, "request"),
    bodySize: request.body.size,
    ...(request.body.size > 0 ? { postData: postData(stored, request) } : {}),
  };
}

function harResponse(flow: WholeFlow, stored: StoredFlow): object {
  const { response } = flow;
  if (response === null) {
    // No answer came: status 0, as browsers write it.
    const content = { size: 0, mimeType: "x-unknown" };
    const nothing = { cookies: [], headers: [], content, redirectURL: "", headersSize: -1, bodySize: -1 };
    return { status: 0, statusText: "", httpVersion: "", ...nothing, _error: flow.error?.message ?? "" };
  }
  const headers = withoutPseudo(response.headers);
  return {
    status: flow.status ?? 0,
    statusText: flow.reason ?? "",
    httpVersion: harVersion(flow.httpVersion.server ?? flow.httpVersion.client),
    cookies: setCookies(fieldsNamed(headers, "set-cookie")),
    headers: pairs(headers),
    content: harContent(stored, response),
    redirectURL: fieldOf(headers, "location") ?? "",
    headersSize: headSize(stored, "response"),
    bodySize: response.body.size,
  };
}

function harContent(stored: StoredFlow, message: Message): object {
  const { body } = message;
  const type = stored.contentType("response");
  const { bytes, problem } = decodeContent(stored.content("response"), body.encoding, DECODED_LIMIT);
  const comment = bodyComment(message, problem);
  return {
    size: bytes.length,
    // What the codings saved; says nothing where a part is missing.
    ...(body.truncated || problem !== undefined ? {} : { compression: bytes.length - body.size }),
    mimeType: type ?? "x-unknown",
    ...textOrBase64(bytes, type),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** HAR has no base64 for requests; `_encoding` says it to those who know it, as the response's `encoding` does. */
function postData(stored: StoredFlow, message: Message): object {
  const type = stored.contentType("request");
  const { bytes, problem } = decodeContent(stored.content("request"), message.body.encoding, DECODED_LIMIT);
  const comment = bodyComment(message, problem);
  const { text, encoding } = textOrBase64(bytes, type);
  const params =
    mediaType(type) === "application/x-www-form-urlencoded" && encoding === undefined ? formPairs(text) : [];
  return {
    mimeType: type ?? "",
    text,
    params,
    ...(encoding === undefined ? {} : { _encoding: encoding }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function bodyComment(message: Message, problem: string | undefined): string | undefined {
  const { truncated, recorded, size } = message.body;
  const notes = truncated ? [`the first ${recorded} of ${size} bytes were recorded`] : [];
  if (problem !== undefined) notes.push(problem);
  return notes.length === 0 ? undefined : notes.join("; ");
}

/** Text only where its bytes, or at least its characters, come out the same again: nothing of a body is lost in an archive. */
function textOrBase64(bytes: Buffer, type: string | null): { text: string; encoding?: "base64" } {
  const found = textOf(bytes, type);
  // A byte order mark stays: `found` is without it.
  const text = found?.charset === "utf-8" ? bytes.toString("utf8") : found?.text;
  const isGuess = found?.charset === "windows-1252" && parameterOf(type, "charset") === null;
  if (text !== undefined && !isGuess && !text.includes("\uFFFD")) return { text };
  return { text: bytes.toString("base64"), encoding: "base64" };
}

function harVersion(version: string | null): string {
  return version === null ? "" : `HTTP/${version}`;
}

/** HAR wants a URI; a target as received may hold more characters than that. A tunnel has a target, but no scheme. */
function harUrl(flow: WholeFlow): string {
  const url = flow.url.includes("://") ? flow.url : `tcp://${flow.url}`;
  return url
    .replace(/[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]/g, char =>
      [...Buffer.from(char, "latin1")].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    )
    .replace(/%(?![0-9A-Fa-f]{2})/g, "%25");
}

function headSize(stored: StoredFlow, side: Side): number {
  return stored.head(side)?.length ?? -1;
}

function withoutPseudo(fields: readonly Field[]): Field[] {
  return fields.filter(([name]) => !name.startsWith(":"));
}

function pairs(fields: readonly Field[]): { name: string; value: string }[] {
  return fields.map(([name, value]) => ({ name, value }));
}

function queryPairs(path: string): { name: string; value: string }[] {
  const question = path.indexOf("?");
  return question < 0 ? [] : formPairs(path.slice(question + 1));
}

function formPairs(text: string): { name: string; value: string }[] {
  return Array.from(new URLSearchParams(text), ([name, value]) => ({ name, value }));
}
