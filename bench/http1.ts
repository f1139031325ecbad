// What reading HTTP/1 costs: our reader beside Node's own parser (llhttp) and http-parser-js, in one process, in turns, so
// that the machine treats them alike. `node --import tsx bench/http1.ts`. The best of the rounds counts: noise only adds.

import { createRequire } from "node:module";
import { HTTPParser as JsParser } from "http-parser-js";
import { limitsWith } from "../src/config/limits.ts";
import { HEAD, Http1Reader, NEED } from "../src/wire/http1/reader.ts";

const ROUNDS = 15;
const ROUND_MS = 60;

const REQUEST = [
  "GET /path/to/some/resource?with=query&and=more HTTP/1.1",
  "Host: www.example.com",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
  "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  "Accept-Encoding: gzip, deflate, br",
  "Accept-Language: en-US,en;q=0.5",
  "Connection: keep-alive",
  "Cookie: session=0123456789abcdef0123456789abcdef",
  "",
  "",
].join("\r\n");

const RESPONSE = [
  "HTTP/1.1 200 OK",
  "Date: Sun, 06 Nov 1994 08:49:37 GMT",
  "Server: nginx",
  "Content-Type: application/json; charset=utf-8",
  "Content-Length: 1024",
  "Cache-Control: private, max-age=0",
  "Set-Cookie: id=0123456789abcdef; Path=/; HttpOnly; Secure",
  "Vary: Accept-Encoding",
  "",
  "",
].join("\r\n");

const CHUNKED = "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Bytes of whole messages, read again and again by one parser. */
interface Load {
  readonly name: string;
  readonly role: "request" | "response";
  readonly pushes: readonly Buffer[];
}

const loads: readonly Load[] = [
  { name: `request head, ${REQUEST.length} bytes`, role: "request", pushes: [Buffer.from(REQUEST)] },
  { name: "the same, in 3 pushes", role: "request", pushes: cut(Buffer.from(REQUEST), 150) },
  { name: "16 pipelined", role: "request", pushes: [Buffer.from(REQUEST.repeat(16))] },
  { name: "response head + 1 KB", role: "response", pushes: [Buffer.from(RESPONSE + "x".repeat(1024))] },
  { name: "64 chunks of 1 KB", role: "request", pushes: [chunks(64, 1024)] },
  { name: "1 chunk of 1 MB in 64 KB pushes", role: "request", pushes: cut(chunks(1, 1 << 20), 65_536) },
];

/** Reads the load's pushes once. */
type Run = () => void;

interface Contestant {
  readonly name: string;
  prepare(load: Load): Run;
}

let sum = 0; // what the runs found, so that none of it can be left out

const contestants: readonly Contestant[] = [
  { name: "waylay", prepare: ours },
  { name: "node", prepare: nodes },
  { name: "http-parser-js", prepare: javascripts },
];

function ours(load: Load): Run {
  const reader = new Http1Reader(load.role, limitsWith());
  return () => {
    for (const push of load.pushes) {
      reader.push(push);
      for (let event = reader.next(); event !== NEED; event = reader.next()) {
        sum += event === HEAD ? reader.head.fields.count : reader.end - reader.start;
      }
    }
  };
}

function nodes(load: Load): Run {
  const { HTTPParser: Parser } = createRequire(import.meta.url)("node:_http_common");
  const parser = new Parser();
  parser.initialize(load.role === "request" ? Parser.REQUEST : Parser.RESPONSE, {}, 256 * 1024, 0);
  return callbacks(parser, load, push => parser.execute(push));
}

function javascripts(load: Load): Run {
  Reflect.get(JsParser, "kOnExecute"); // http-parser-js makes Node's calls of today once this has been looked at
  const parser = new JsParser(load.role === "request" ? JsParser.REQUEST : JsParser.RESPONSE);
  return callbacks(parser as never, load, push => parser.execute(push, 0, push.length));
}

function callbacks(parser: Record<number, unknown>, load: Load, execute: (push: Buffer) => unknown): Run {
  parser[1] = () => 0;
  parser[2] = (_major: number, _minor: number, fields?: string[]) => {
    sum += fields?.length ?? 0;
    return 0;
  };
  parser[3] = (buffer: Buffer) => {
    sum += buffer.length;
    return 0;
  };
  parser[4] = () => 0;
  return () => {
    for (const push of load.pushes) if (execute(push) instanceof Error) throw new Error("the load is not HTTP");
  };
}

/** Microseconds of CPU for one run, over about ROUND_MS. */
function measure(run: Run, runs: number): number {
  const begun = process.cpuUsage();
  for (let i = 0; i < runs; i++) run();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / runs;
}

function calibrate(run: Run): number {
  for (let runs = 16; ; runs *= 2) {
    const each = measure(run, runs);
    if (each * runs > (ROUND_MS * 1000) / 4) return Math.ceil((ROUND_MS * 1000) / each);
  }
}

console.log(`node ${process.version}; us of CPU a run, best of ${ROUNDS} rounds; in brackets, against ours`);
console.log(["load".padEnd(32), ...contestants.map(({ name }) => name.padStart(20))].join(""));
for (const load of loads) {
  const runs = contestants.map(contestant => contestant.prepare(load));
  const counts = runs.map(calibrate);
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) best[i] = Math.min(best[i], measure(run, counts[i]));
  }
  const cells = best.map((each, i) => `${each.toFixed(2)}${i === 0 ? "" : ` (${(each / best[0]).toFixed(2)}x)`}`);
  console.log([load.name.padEnd(32), ...cells.map(cell => cell.padStart(20))].join(""));
}
if (sum === 0) throw new Error("nothing was read");

function chunks(count: number, size: number): Buffer {
  const chunk = `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;
  return Buffer.from(`${CHUNKED}${chunk.repeat(count)}0\r\n\r\n`);
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}
