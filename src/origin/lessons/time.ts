// Lessons on waiting: an answer that comes late, in drops, or never ends.
import { answerJson } from "../answer.ts";
import { type Lesson, queryNumber, type Visit } from "../lesson.ts";

const MAX_MS = 10 * 60_000;

export const timeLessons: readonly Lesson[] = [
  {
    name: "slow",
    topic: "Time",
    doc: "Answers only after some milliseconds.",
    example: "/slow?ms=500",
    run: async visit => {
      const ms = queryNumber(visit.url, "ms", 1000, 0, MAX_MS);
      if (await waited(visit, ms)) answerJson(visit, { waitedMs: ms });
    },
  },
  {
    name: "drip",
    topic: "Time",
    doc: "A body of known length, one byte at a time: whoever buffers is found out.",
    example: "/drip?bytes=10&ms=1000",
    curl: "-N",
    run: drip,
  },
  {
    name: "sse",
    topic: "Time",
    doc: "Server-sent events; a client that comes back with Last-Event-ID goes on where it was. ?count=0 never ends.",
    example: "/sse?count=5&ms=200",
    curl: "-N",
    run: sse,
  },
];

/** False when the client left meanwhile. */
function waited({ response }: Visit, ms: number): Promise<boolean> {
  return new Promise(resolve => {
    const finish = (there: boolean) => {
      clearTimeout(timer);
      response.off("close", left);
      resolve(there);
    };
    const left = () => finish(false);
    const timer = setTimeout(() => finish(true), ms);
    response.on("close", left);
  });
}

async function drip(visit: Visit): Promise<void> {
  const bytes = queryNumber(visit.url, "bytes", 10, 0, 100_000);
  const ms = queryNumber(visit.url, "ms", 1000, 0, MAX_MS);
  visit.response.writeHead(200, { "content-type": "text/plain", "content-length": bytes });
  visit.response.flushHeaders();
  for (let i = 0; i < bytes; i++) {
    visit.response.write("*");
    if (!(await waited(visit, ms / bytes))) return;
  }
  visit.response.end();
}

async function sse(visit: Visit): Promise<void> {
  const { request, response, url } = visit;
  const count = queryNumber(url, "count", 5, 0, 1_000_000) || Number.POSITIVE_INFINITY;
  const ms = queryNumber(url, "ms", 200, 0, MAX_MS);
  const seen = Number(request.headers["last-event-id"] ?? 0);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  for (let id = (Number.isInteger(seen) ? seen : 0) + 1; id <= count; id++) {
    response.write(`id: ${id}\nevent: tick\ndata: {"n":${id}}\n\n`);
    if (id < count && !(await waited(visit, ms))) return;
  }
  response.end();
}
