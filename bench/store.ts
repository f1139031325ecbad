// What recording costs: CPU of the engine's thread and of the whole process for a flow of 1 KB, and how the memory grows.
//   node --import tsx bench/store.ts [flows=200000] [bodyBytes=1024]
// Prints one JSON object. The time of a thread comes from /proc (Linux); elsewhere it is left out.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Feed } from "../src/flow/feed.ts";
import type { ConnFacts } from "../src/flow/model.ts";
import { Recorder } from "../src/flow/recorder.ts";
import { HTTP_11 } from "../src/flow/row.ts";
import { openStore } from "../src/flow/store/store.ts";
import { T_FIRST_BYTE, T_SEND_END, T_SEND_START } from "../src/flow/timing.ts";

const flows = Number(process.argv[2] ?? 200_000);
const bodyBytes = Number(process.argv[3] ?? 1024);

const QUEUE_BYTES = 64 << 20;
const requestHead = Buffer.from(
  "GET /api/v1/things/12345?page=2&q=abc HTTP/1.1\r\nHost: localhost:8443\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n\r\n",
);
const responseHead = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 1024\r\n" +
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: keep-alive\r\n\r\n",
);
const body = Buffer.alloc(bodyBytes, "a");
const client: ConnFacts = { id: 1, leg: "client", address: "127.0.0.1", port: 40000, localPort: 8080, openedAt: 0 };
const server: ConnFacts = { ...client, id: 2, leg: "server", port: 8443, name: "localhost" };

const folder = mkdtempSync(join(tmpdir(), "waylay-bench-"));
const file = join(folder, "bench.waylay");
const store = await openStore({ file, queueBytes: QUEUE_BYTES, onProblem: message => console.error(message) });
const recorder = new Recorder(store, new Feed(console.error), {
  bodyLimit: 16e6,
  spillBytes: 256 << 10,
  clock: () => performance.timeOrigin + performance.now(),
});
recorder.conn(client);
recorder.conn(server);

await record(10_000); // warm
const early = memory();
const cpu = process.cpuUsage();
const own = ownCpuUs();
const begun = performance.now();
await record(flows);
const ownUs = ownCpuUs() - own;
await store.flush();
const spent = process.cpuUsage(cpu);
const late = memory();
console.log(
  JSON.stringify({
    flows,
    bodyBytes,
    mainThreadUsPerFlow: round(ownUs / flows),
    processUsPerFlow: round((spent.user + spent.system) / flows),
    userUsPerFlow: round(spent.user / flows),
    wallUsPerFlow: round(((performance.now() - begun) * 1000) / flows),
    fileBytesPerFlow: Math.round(statSync(file).size / (flows + 10_000)),
    rssMB: [early, late],
  }),
);
recorder.close();
await store.close();
rmSync(folder, { recursive: true });

/** Records as the engine does: a few exchanges in flight, each told in the order in which it happens. */
async function record(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const tap = recorder.begin(1, "regular");
    tap.scheme = "https";
    tap.host = "localhost";
    tap.port = 8443;
    tap.method = "GET";
    tap.path = "/api/v1/things/12345?page=2&q=abc";
    tap.clientVersion = HTTP_11;
    tap.serverVersion = HTTP_11;
    tap.contentType = "application/json; charset=utf-8";
    tap.requestHead(requestHead, 0, requestHead.length);
    tap.serverConn = 2;
    tap.mark(T_SEND_START);
    tap.mark(T_SEND_END);
    tap.mark(T_FIRST_BYTE);
    tap.responseHead(responseHead, 0, responseHead.length, 200, "OK");
    tap.responseContent(body, 0, body.length);
    tap.finish("complete");
    if (i % 16 !== 15) continue;
    await setImmediate();
    // No engine makes flows as fast as this loop: it waits where the queue would grow.
    if (!store.room(QUEUE_BYTES - (4 << 20))) await store.flush();
  }
}

/** CPU of this thread in microseconds; NaN where the system does not tell. */
function ownCpuUs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ")[0]) / 1000;
  } catch {
    return NaN;
  }
}

function memory(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
