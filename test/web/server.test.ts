// The UI port of a running gateway: who is let in, the API by HTTP, live events, and no way to it through the proxy.
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after, describe, it, type TestContext } from "node:test";
import { startScene } from "../control/scene.ts";
import { ask } from "../origin/client.ts";
import { eventually } from "../support/peer.ts";
import { rawClient, tunnelClient } from "../support/raw-client.ts";

const scene = await startScene(
  { after },
  { flags: { "ui-port": "0" }, limits: { controlLineBytes: 100_000, controlWaitingBytes: 32 << 10 } },
);
const opened = new URL(scene.engine.gateway.ready.ui!);
const port = Number(opened.port);
const token = opened.searchParams.get("token")!;
const bearer = { authorization: `Bearer ${token}` };
const json = { ...bearer, "content-type": "application/json" };

function rpc(body: unknown, headers: Record<string, string> = json) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return ask(port, "/api/rpc", { method: "POST", headers }, text);
}

const statusRequest = { jsonrpc: "2.0", id: 1, method: "status" };

describe("who is let in", () => {
  it("nobody without the token", async () => {
    for (const path of ["/", "/api/events", "/api/rpc", "/nothing"]) {
      for (const headers of [
        {},
        { authorization: "Bearer wrong" },
        { cookie: `waylay-${port}=${token}x` },
        { cookie: `waylay-1=${token}` },
      ]) {
        assert.equal((await ask(port, path, { headers })).status, 401, `${path} ${JSON.stringify(headers)}`);
      }
    }
    assert.equal((await ask(port, "/?token=wrong")).status, 401);
    assert.equal((await rpc(statusRequest, { "content-type": "application/json" })).status, 401);
  });

  it("a person by the printed address, which leaves the address bar at once", async () => {
    const first = await ask(port, `/?token=${token}`);
    assert.equal(first.status, 303);
    assert.equal(first.headers.location, "/");
    const [cookie] = first.headers["set-cookie"]!;
    assert.match(cookie!, new RegExp(`^waylay-${port}=${token}; Path=/; HttpOnly; SameSite=Strict$`));
    const page = await ask(port, "/", { headers: { cookie: cookie!.split(";")[0]! } });
    assert.equal(page.status, 200);
    assert.match(page.body.toString(), /<h1>waylay<\/h1>/);
    assert.match(String(page.headers["content-security-policy"]), /frame-ancestors 'none'/);
    assert.deepEqual([page.headers["cache-control"], page.headers["referrer-policy"]], ["no-store", "no-referrer"]);
  });

  it("no foreign Host: names that were made to lead here, and other ports", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `127.0.0.1.nip.example:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port + 1}`,
      `10.0.0.1:${port}`,
    ]) {
      assert.equal((await ask(port, "/", { headers: { ...bearer, host } })).status, 421, host);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      assert.equal((await ask(port, "/", { headers: { ...bearer, host } })).status, 200, host);
    }
  });

  it("no page of another site, whatever it shows", async () => {
    const foreign: Record<string, string>[] = [
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: `https://127.0.0.1:${port}` },
      { origin: `http://127.0.0.1:${port + 1}` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) {
      assert.equal((await rpc(statusRequest, { ...json, ...headers })).status, 403, JSON.stringify(headers));
    }
    const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
    assert.equal((await rpc(statusRequest, { ...json, ...own })).status, 200);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      assert.equal((await rpc(statusRequest, { ...bearer, "content-type": type })).status, 415, type);
    }
  });
});

describe("POST /api/rpc", () => {
  it("is the table that the socket serves", async () => {
    const answered = await rpc(statusRequest);
    assert.equal(answered.headers["content-type"], "application/json");
    const { result } = JSON.parse(answered.body.toString());
    assert.deepEqual([result.pid, result.ui], [process.pid, scene.engine.gateway.ready.ui]);
    const batch = await rpc([statusRequest, { jsonrpc: "2.0", id: 2, method: "nope" }]);
    assert.deepEqual(JSON.parse(batch.body.toString())[1].error.code, -32601);
    assert.equal(JSON.parse((await rpc("{")).body.toString()).error.code, -32700);
    assert.equal((await rpc({ jsonrpc: "2.0", method: "status" })).status, 204);
    const events = await rpc({ jsonrpc: "2.0", id: 1, method: "events.subscribe" });
    assert.match(JSON.parse(events.body.toString()).error.message, /GET \/api\/events/);
  });

  it("refuses too much, other methods and other paths", async () => {
    assert.equal((await rpc(`"${"x".repeat(200_000)}"`)).status, 413);
    assert.equal((await ask(port, "/api/rpc", { headers: bearer })).status, 405);
    assert.equal((await ask(port, "/api/nothing", { headers: bearer })).status, 404);
  });
});

describe("GET /api/events", () => {
  it("tells live events, and goes on after the last one that was heard", async t => {
    const first = await listen(t, "?events=flow.completed");
    await scene.via("/get?sse=1");
    await eventually(() => first.events.length === 1);
    assert.deepEqual([first.events[0]!.event, first.events[0]!.path], ["flow.completed", "/get?sse=1"]);
    first.close();
    await scene.via("/get?sse=2");
    const again = await listen(t, "?events=flow.completed", { "last-event-id": first.events[0]!.id });
    await scene.via("/get?sse=3");
    await eventually(() => again.events.length === 2);
    assert.deepEqual(
      again.events.map(({ path }) => path),
      ["/get?sse=2", "/get?sse=3"],
    );
    const lost = await listen(t, "", { "last-event-id": "old-17" });
    await eventually(() => lost.events.length === 1);
    assert.equal(lost.events[0]!.event, "resync");
  });

  it("takes a filter, and says what is wrong with one", async t => {
    const stream = await listen(t, `?filter=${encodeURIComponent("status:404")}&events=flow.completed`);
    await scene.via("/status/200");
    await scene.via("/status/404");
    await eventually(() => stream.events.length === 1);
    assert.equal(stream.events[0]!.path, "/status/404");
    const bad = await ask(port, "/api/events?filter=hots:x", { headers: bearer });
    assert.equal(bad.status, 400);
    assert.deepEqual(JSON.parse(bad.body.toString()).error.data.issues[0].column, 1);
  });

  it("leaves out who does not read, and says so", async t => {
    const stream = await listen(t, "?events=flow.completed");
    stream.peer.socket.pause();
    for (let i = 0; i < 2500; i++) scene.engine.gateway.feed.tell("flow.completed", ROW, undefined, undefined);
    await scene.via("/get?after-the-flood");
    stream.peer.socket.resume();
    await eventually(() => stream.events.some(({ event }) => event === "resync"));
    const { missed } = stream.events.find(({ event }) => event === "resync") as unknown as { missed: number };
    assert.ok(missed > 0 && stream.events.length > 1, `${stream.events.length} told, ${missed} missed`);
  });

  it("forgets those who are gone", async t => {
    const subscribers = async () => (await scene.client.call("status", {})).subscribers;
    const before = await subscribers();
    const streams = await Promise.all(Array.from({ length: 5 }, () => listen(t, "")));
    assert.equal(await subscribers(), before + 5);
    for (const stream of streams) stream.close();
    for (let i = 0; i < 100 && (await subscribers()) > before; i++)
      await new Promise(resolve => setTimeout(resolve, 10));
    assert.equal(await subscribers(), before);
  });
});

describe("through the proxy there is no way to it", () => {
  const lan = Object.values(networkInterfaces())
    .flat()
    .find(entry => entry?.family === "IPv4" && !entry.internal)?.address;
  const names = [
    "127.0.0.1",
    "localhost",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "127.1",
    "2130706433",
    ...(lan ? [lan] : []),
  ];
  for (const name of names) {
    it(`by ${name}`, async t => {
      const plain = await ask(scene.engine.port(), `http://${name}:${port}/?token=${token}`);
      assert.ok(plain.status >= 400, String(plain.status));
      assert.equal(plain.headers["set-cookie"], undefined);
      const tunnel = await tunnelClient(t, scene.engine.port(), `${name}:${port}`).catch(() => null);
      if (tunnel === null) return;
      tunnel.send(`GET /?token=${token} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
      assert.doesNotMatch(await tunnel.rest(), /set-cookie|303 See Other/i);
    });
  }
});

const ROW = {
  id: 1,
  state: "complete",
  startedAt: 1,
  duration: 1,
  mode: "regular",
  scheme: "http",
  method: "GET",
  host: "flood.test",
  port: 80,
  path: `/${"x".repeat(500)}`,
  status: 200,
  reason: "OK",
  contentType: "",
  clientVersion: 11,
  serverVersion: 11,
  requestBytes: 0,
  responseBytes: 0,
  clientConn: 0,
  serverConn: 0,
  flags: 0,
  timings: { blocked: -1, dns: -1, connect: -1, tls: -1, send: -1, wait: -1, receive: -1 },
  extra: null,
} as const;

interface Told {
  readonly event: string;
  readonly id: string;
  readonly path?: string;
}

/** A reader of events; the answer's head has come when it returns. */
async function listen(t: TestContext, query: string, fields: Record<string, string> = {}) {
  const peer = await rawClient(t, port);
  const lines = Object.entries({ ...bearer, ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  peer.send(`GET /api/events${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.join("")}\r\n`);
  const head = await peer.head();
  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.match(head, /content-type: text\/event-stream/i);
  await peer.until(": waylay");
  return {
    peer,
    close: () => peer.close(),
    get events(): Told[] {
      return [...peer.text.matchAll(/(?:id: (\S+)\n)?event: (\S+)\ndata: (.*)\n\n/g)].map(
        ([, id = "", event, data]) => {
          const params = JSON.parse(data!);
          return { id, event: event!, path: params.flow?.path, ...params };
        },
      );
    },
  };
}
