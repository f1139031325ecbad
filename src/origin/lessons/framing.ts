// Lessons on where a message ends (RFC 9112 §6), and on messages that do not.
import { createHash } from "node:crypto";
import { answerJson } from "../answer.ts";
import { type Lesson, queryNumber } from "../lesson.ts";

export const framingLessons: readonly Lesson[] = [
  {
    name: "chunked",
    topic: "Framing",
    doc: "A body in chunks, its length unknown when the head was sent.",
    example: "/chunked?count=5&ms=100",
    curl: "--raw",
    run: async ({ response, url }) => {
      const count = queryNumber(url, "count", 5, 0, 10_000);
      const ms = queryNumber(url, "ms", 0, 0, 60_000);
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      response.flushHeaders();
      for (let i = 1; i <= count && !response.destroyed; i++) {
        response.write(`chunk ${i} of ${count}\n`);
        await new Promise(resolve => setTimeout(resolve, ms));
      }
      response.end();
    },
  },
  {
    name: "trailers",
    topic: "Framing",
    doc: "Fields after the body: a checksum that nobody could know before the last byte.",
    example: "/trailers",
    curl: "--raw -H 'TE: trailers'",
    run: ({ response }) => {
      const hash = createHash("sha256");
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", trailer: "X-Checksum, X-Lines" });
      for (let i = 1; i <= 3; i++) {
        const line = `line ${i}\n`;
        hash.update(line);
        response.write(line);
      }
      response.addTrailers({ "X-Checksum": `sha256=${hash.digest("hex")}`, "X-Lines": "3" });
      response.end();
    },
  },
  {
    name: "close",
    topic: "Framing",
    doc: "Neither length nor chunks: the body ends where the connection does.",
    example: "/close",
    run: ({ response }) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", connection: "close" });
      response.write("The end of this body is the end of the connection.\n");
      response.end("A cut cable looks the same.\n");
    },
  },
  {
    name: "cut",
    topic: "Framing",
    doc: "Promises 1000 bytes, sends 500 and resets the connection: an answer that stays incomplete.",
    example: "/cut",
    run: ({ request, response }) => {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": 1000 });
      response.write("x".repeat(500), () => request.socket.resetAndDestroy());
    },
  },
  {
    name: "early-hints",
    topic: "Framing",
    doc: "An interim 103 with Link fields goes ahead of the answer (RFC 8297).",
    example: "/early-hints?ms=200",
    run: async visit => {
      const { response, url } = visit;
      const ms = queryNumber(url, "ms", 200, 0, 60_000);
      response.writeEarlyHints({
        link: ["</style.css>; rel=preload; as=style", "</script.js>; rel=preload; as=script"],
      });
      await new Promise(resolve => setTimeout(resolve, ms));
      answerJson(visit, { hinted: ["/style.css", "/script.js"], afterMs: ms });
    },
  },
];
