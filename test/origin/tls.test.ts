// TLS and plain HTTP on one port, certificates by name, and the demo through a proxy.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type RequestOptions } from "node:https";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { LeafCache } from "../../src/ca/leaf.ts";
import { openRoot, type Root } from "../../src/ca/root.ts";
import { DEMO_REQUESTS, runDemo } from "../../src/origin/demo.ts";
import { type Origin, startOrigin } from "../../src/origin/server.ts";
import { ask } from "./client.ts";

const folder = mkdtempSync(join(tmpdir(), "waylay-origin-"));
let root: Root;
let origin: Origin;
const asked: string[] = [];
before(async () => {
  root = openRoot(join(folder, "ca"), { user: "ann", host: "laptop", now: Date.now });
  const leaves = new LeafCache(root, { now: Date.now, max: 10 });
  const contextFor = (host: string) => {
    asked.push(host);
    return leaves.get(host);
  };
  origin = await startOrigin({ tls: { contextFor } });
});
after(async () => {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

function getJson(options: RequestOptions): Promise<{ url: string; tls: { sni: string | null; version: string } }> {
  return new Promise((resolve, reject) => {
    get({ port: origin.port, path: "/get", ca: root.certPem, agent: false, ...options }, response => {
      let text = "";
      response.on("data", chunk => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}

test("one port speaks both, with a certificate for the name asked for, or the address", async () => {
  assert.equal(origin.tlsPort, origin.port);
  const named = await getJson({ host: "127.0.0.1", servername: "lesson.test", headers: { host: "lesson.test" } });
  assert.equal(named.url, "https://lesson.test/get");
  assert.equal(named.tls.sni, "lesson.test");
  assert.ok(asked.includes("lesson.test"));
  const bare = await getJson({ host: "127.0.0.1" });
  assert.equal(bare.tls.sni, null);
  assert.equal((await ask(origin.port, "/get")).status, 200);
});

test("a hello that comes byte by byte is still TLS; garbage harms nobody", async () => {
  const socket = connect(origin.port, "127.0.0.1");
  await once(socket, "connect");
  const garbage = once(socket, "close");
  socket.on("error", () => {});
  socket.write(Buffer.from([0x16, 0xff, 0xff, 0xff, 0xff]));
  await garbage;
  const slow = connectTls({ socket: dribbled(), ca: root.certPem, host: "127.0.0.1" });
  await once(slow, "secureConnect");
  slow.write("GET /status/204 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const [answer] = await once(slow, "data");
  assert.match(answer.toString(), /^HTTP\/1.1 204/);
  slow.destroy();
});

/** A connection to the origin whose first writes go out one byte at a time. */
function dribbled(): Socket {
  const socket = connect({ port: origin.port, host: "127.0.0.1", noDelay: true });
  const write = socket.write.bind(socket);
  socket.write = ((data: Buffer | string, ...rest: []) => {
    const bytes = Buffer.from(data as Buffer);
    write(bytes.subarray(0, 1));
    setTimeout(() => write(bytes.subarray(1), ...rest), 20);
    return true;
  }) as Socket["write"];
  return socket;
}

test("the demo sends every request through the proxy, over one tunnel", async () => {
  const tunnels: string[] = [];
  const open = new Set<Socket>();
  const proxy = createServer(client => {
    open.add(client);
    client.on("error", () => {});
    client.once("data", head => {
      tunnels.push(head.toString().split(" ")[1]);
      const server = connect(origin.port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(server).pipe(client);
      });
      server.on("error", () => {});
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  try {
    const statuses = await runDemo({
      proxyPort: port,
      caPem: root.certPem,
      originUrl: `https://localhost:${origin.port}`,
    });
    assert.deepEqual(tunnels, [`localhost:${origin.port}`]);
    assert.equal(statuses.length, DEMO_REQUESTS.length);
    assert.deepEqual(new Set(statuses), new Set([200, 302, 401, 404, 503]));
  } finally {
    proxy.close();
    for (const socket of open) socket.destroy();
  }
});

test("a demo that the proxy refuses says so", async () => {
  const notAProxy = await startOrigin();
  await assert.rejects(
    runDemo({ proxyPort: notAProxy.port, caPem: root.certPem, originUrl: "https://localhost:1" }),
    /hang up|ECONNRESET|CONNECT/,
  );
  await notAProxy.close();
});
