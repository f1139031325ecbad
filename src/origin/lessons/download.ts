// The lesson on receiving: a body of any size, in whole or in ranges, as fast as the other side reads.
import { parseSize } from "../../config/units.ts";
import { answerText } from "../answer.ts";
import { type Lesson, LessonError, type Visit } from "../lesson.ts";

const BLOCK = 64 * 1024;

export const downloadLessons: readonly Lesson[] = [
  {
    name: "download",
    topic: "Body",
    doc: "A body of the size in the path (5000, 100MB, 1GiB), the same bytes each time; answers Range requests.",
    example: "/download/10MB",
    curl: "-o out.bin -C -",
    methods: ["GET", "HEAD"],
    run: download,
  },
];

/** The repeating block that every download is cut from: byte i of a download is byte i % 65536 of this. */
export function downloadBlock(): Buffer {
  const block = Buffer.allocUnsafe(BLOCK);
  let x = 0x2545f491; // xorshift32, any seed but 0: incompressible, yet the same for every run
  for (let i = 0; i < BLOCK; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    block[i] = x & 0xff;
  }
  return block;
}

async function download(visit: Visit): Promise<void> {
  const { request, response, rest, facts } = visit;
  const size = parseSize(rest[0] ?? "");
  if (size === undefined) throw new LessonError(400, "the path ends in a size: 5000, 100MB, 1GiB");
  const etag = `"${size}"`;
  const fields: Record<string, string | number> = {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    "last-modified": new Date(facts.startedAtMs).toUTCString(),
    etag,
  };
  const ifRange = request.headers["if-range"];
  const asked = ifRange === undefined || ifRange === etag ? byteRange(request.headers.range, size) : undefined;
  if (asked === "unsatisfiable") {
    return answerText(visit, `There are ${size} bytes.\n`, 416, { ...fields, "content-range": `bytes */${size}` });
  }
  const { from, to } = asked ?? { from: 0, to: size };
  fields["content-length"] = to - from;
  if (asked !== undefined) fields["content-range"] = `bytes ${from}-${to - 1}/${size}`;
  response.writeHead(asked === undefined ? 200 : 206, fields);
  if (request.method !== "HEAD") await pour(visit, from, to);
  response.end();
}

/** Writes bytes [from, to) and waits whenever the client is slower than we are. */
async function pour({ response }: Visit, from: number, to: number): Promise<void> {
  const block = downloadBlock();
  let at = from;
  while (at < to && !response.destroyed) {
    const start = at % BLOCK;
    const piece = block.subarray(start, Math.min(BLOCK, start + to - at));
    at += piece.length;
    if (!response.write(piece)) await drained(response);
  }
}

function drained(response: Visit["response"]): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

/** One byte range (RFC 9110 §14.1.2); several ranges, or none that parses, are answered in whole. */
function byteRange(
  field: string | undefined,
  size: number,
): { from: number; to: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(field?.trim() ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const suffix = match[1] === "";
  const from = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const to = suffix || match[2] === "" ? size : Math.min(size, Number(match[2]) + 1);
  if (!suffix && match[2] !== "" && Number(match[2]) < from) return undefined; // invalid, so ignored
  return from >= size || from >= to ? "unsatisfiable" : { from, to };
}
