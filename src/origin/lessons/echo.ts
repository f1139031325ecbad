// Lessons that show the request as it arrived.
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { answerJson, fieldPairs } from "../answer.ts";
import type { Lesson, Visit } from "../lesson.ts";

/** More of a body than this is counted, not shown. */
const SHOWN_BYTES = 1024 * 1024;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export const echoLessons: readonly Lesson[] = [
  {
    name: "anything",
    topic: "Request",
    doc: "Any method, any path below: the request comes back as JSON, its fields in order, case and repeats kept.",
    example: "/anything/a/b?x=1&x=2",
    curl: "-X PURGE -H 'X-Twice: 1' -H 'X-Twice: 2'",
    run: echo,
  },
  ...METHODS.map(
    (method): Lesson => ({
      name: method.toLowerCase(),
      topic: "Request",
      doc: `Echoes a ${method} request${method === "GET" ? "" : " with its body"}; other methods get a 405.`,
      example: `/${method.toLowerCase()}${method === "GET" ? "?q=waylay" : ""}`,
      ...(method === "GET" ? {} : { curl: `-X ${method} -d name=waylay` }),
      methods: method === "GET" ? ["GET", "HEAD"] : [method],
      run: echo,
    }),
  ),
  {
    name: "headers",
    topic: "Request",
    doc: "Only the request's field lines, as they came.",
    example: "/headers",
    curl: "-H 'X-Odd-CASE:   kept'",
    run: visit => answerJson(visit, { headers: fieldPairs(visit.request.rawHeaders) }),
  },
];

async function echo(visit: Visit): Promise<void> {
  const { request, url } = visit;
  const body = await readShown(request);
  answerJson(visit, {
    method: request.method,
    url: url.href,
    httpVersion: request.httpVersion,
    query: [...url.searchParams],
    headers: fieldPairs(request.rawHeaders),
    trailers: fieldPairs(request.rawTrailers),
    body: showBody(body.shown, body.size, request.headers["content-type"] ?? ""),
    from: { address: request.socket.remoteAddress, port: request.socket.remotePort },
    tls: request.socket instanceof TLSSocket ? tlsFacts(request.socket) : null,
  });
}

async function readShown(request: IncomingMessage): Promise<{ shown: Buffer; size: number }> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (size < SHOWN_BYTES) kept.push(chunk.subarray(0, SHOWN_BYTES - size));
    size += chunk.length;
  }
  return { shown: Buffer.concat(kept), size };
}

function showBody(shown: Buffer, size: number, type: string): Record<string, unknown> {
  const text = shown.toString("utf8");
  const facts: Record<string, unknown> = { size };
  if (size > shown.length) facts.truncated = true;
  // Bytes that are no UTF-8 do not survive the way to a string and back.
  if (!Buffer.from(text, "utf8").equals(shown)) return { ...facts, base64: shown.toString("base64") };
  facts.text = text;
  if (type.startsWith("application/x-www-form-urlencoded")) facts.form = [...new URLSearchParams(text)];
  if (/^application\/(.+\+)?json/.test(type)) facts.json = jsonOrNull(text);
  return facts;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the text is shown as well, so nothing is hidden
  }
}

function tlsFacts(socket: TLSSocket): Record<string, unknown> {
  return {
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    sni: (socket as TLSSocket & { servername?: string | false }).servername || null, // server side: set by Node, absent from its types
    alpn: socket.alpnProtocol || null,
    resumed: socket.isSessionReused(),
  };
}
