// The socket itself: what may come over it, whole or in pieces, well-meant or not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { openRpcDoor } from "../../src/control/rpc.ts";
import type { Peer } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";
import { startScene } from "./scene.ts";

const LINE_MAX = 100_000;
const scene = await startScene({ after }, { limits: { controlLineBytes: LINE_MAX, controlWaitingBytes: 64 << 10 } });

interface Answer {
  readonly id: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

async function lines(peer: Peer, count: number): Promise<Answer[]> {
  const found: Answer[] = [];
  while (found.length < count) {
    const line = await peer.until("\n");
    found.push(JSON.parse(line));
  }
  return found;
}

/** Says `text` on a connection of its own and hears `count` answers. */
async function say(t: TestContext, text: string, count = 1): Promise<Answer[]> {
  const peer = await rawClient(t, scene.socketPath);
  peer.send(text);
  return lines(peer, count);
}

const request = (id: unknown, method: string, params?: unknown) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;

describe("the socket takes", () => {
  it("requests in any pieces, with CRLF, blank lines and no params", async t => {
    const peer = await rawClient(t, scene.socketPath);
    const text = `\r\n${request(1, "status").replace("\n", "\r\n")}\n  \n${request("zwei", "status", {})}`;
    for (const byte of text) peer.send(byte);
    assert.deepEqual((await lines(peer, 2)).map(answer => answer.id).sort(), [1, "zwei"]);
  });

  it("faults with their codes, and goes on", async t => {
    const text = [
      "{",
      "5",
      '{"jsonrpc":"2.0","id":{},"method":"status"}',
      '{"jsonrpc":"1.0","id":7,"method":"status"}',
      "[]",
    ];
    const answers = await say(
      t,
      `${text.join("\n")}\n${request(8, "nope")}${request(9, "status", [1])}${request(10, "status")}`,
      8,
    );
    const codes = new Map(answers.map(({ id, error }) => [id, error?.code]));
    assert.equal(answers.filter(({ id }) => id === null).length, 4);
    assert.deepEqual(
      answers
        .filter(({ id }) => id === null)
        .map(({ error }) => error?.code)
        .sort(),
      [-32600, -32600, -32600, -32700],
    );
    assert.deepEqual([codes.get(7), codes.get(8), codes.get(9), codes.get(10)], [-32600, -32601, -32602, undefined]);
  });

  it("batches; notifications are run and not answered", async t => {
    const batch = [
      { jsonrpc: "2.0", id: 1, method: "status" },
      { jsonrpc: "2.0", method: "status" },
      { jsonrpc: "2.0", method: "nope" },
      7,
    ];
    const peer = await rawClient(t, scene.socketPath);
    peer.send(`${JSON.stringify({ jsonrpc: "2.0", method: "status" })}\n${JSON.stringify(batch)}\n`);
    const answers = JSON.parse(await peer.until("\n")) as Answer[];
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [1, undefined],
        [null, -32600],
      ],
    );
    assert.equal((await say(t, `[${Array(101).fill("1").join()}]\n`))[0]!.error?.code, -32600);
  });

  it("a line over the limit is refused, skipped without being kept, and the next is answered", async t => {
    const peer = await rawClient(t, scene.socketPath);
    const before = process.memoryUsage.rss();
    const piece = Buffer.alloc(1 << 20, "x");
    for (let i = 0; i < 100; i++) if (!peer.socket.write(piece)) await once(peer.socket, "drain");
    peer.send(`\n${request(2, "status")}`);
    const [refused, answered] = await lines(peer, 2);
    assert.deepEqual([refused!.id, refused!.error?.code], [null, -32600]);
    assert.match(refused!.error!.message, /at most 100000 bytes/);
    assert.equal(answered!.id, 2);
    assert.ok(process.memoryUsage.rss() - before < 80 << 20, "100 MB were not kept");
  });

  it("requests together: a long one does not hold up a short one, and answers carry their ids", async t => {
    const origin = await rawOrigin(t);
    const waiting = await rawClient(t, scene.engine.port());
    waiting.send(origin.get("/hold"));
    await origin.connection();
    const many = Array.from({ length: 200 }, (_, i) => request(i, i % 2 ? "status" : "flows.list", {})).join("");
    const answers = await say(t, many, 200);
    assert.deepEqual(
      answers.map(({ id }) => Number(id)).sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, i) => i),
    );
    assert.ok(answers.every(({ error }) => error === undefined));
  });

  it("a client that says all and ends its side is answered, then hung up on", async t => {
    const peer = await rawClient(t, scene.socketPath);
    peer.socket.end(`${request(1, "status")}${request(2, "status").trim()}`);
    assert.equal((await lines(peer, 2)).length, 2);
    await once(peer.socket, "close");
  });

  it("clients that vanish in the middle of everything leave nothing behind", async t => {
    for (let i = 0; i < 300; i++) {
      const peer = await rawClient(t, scene.socketPath);
      peer.socket.on("error", () => {});
      peer.send(`${request(1, "events.subscribe", {})}${request(2, "flows.list", {})}{"jsonrpc`);
      peer.socket.destroy();
    }
    assert.equal((await say(t, request(1, "status")))[0]!.id, 1);
  });
});

describe("a subscriber that does not read", () => {
  it("holds up nobody, costs bounded memory, and is told to list anew", async t => {
    const peer = await rawClient(t, scene.socketPath);
    peer.send(request(1, "events.subscribe", { events: ["flow.completed"] }));
    await lines(peer, 1);
    peer.socket.pause();
    const FLOWS = 600;
    for (let i = 0; i < FLOWS; i++) await scene.via(`/status/204?slow=${i}`);
    peer.socket.resume();
    let told = 0;
    let missed = 0;
    while (missed === 0) {
      const { method, params } = JSON.parse(await peer.until("\n"));
      if (method === "resync") missed = params.missed;
      else told++;
    }
    assert.ok(told > 0 && missed > 0, `${told} told, ${missed} missed`);
    assert.equal(told + missed, FLOWS);
    await scene.via("/status/204?after");
    const { params } = JSON.parse(await peer.until("\n"));
    assert.equal(params.flow.path, "/status/204?after");
  });
});

describe("the path", () => {
  const folder = mkdtempSync(join(tmpdir(), "waylay-door-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const limits = { controlLineBytes: 1000, controlWaitingBytes: 1000 };

  it("is made with its folder, for the owner alone, and gone afterwards", async () => {
    const path = join(folder, "new", "control.sock");
    const door = await openRpcDoor(path, limits);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    await door.close();
    assert.equal(existsSync(path), false);
  });

  it("of a waylay that died is taken over", async () => {
    const path = join(folder, "stale.sock");
    const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    await once(spawn(process.execPath, ["-e", code]), "close");
    assert.ok(existsSync(path));
    await (await openRpcDoor(path, limits)).close();
  });

  it("of a live one is not, nor is what is no socket", async t => {
    const path = join(folder, "live.sock");
    const live = createServer().listen(path);
    t.after(() => live.close());
    await once(live, "listening");
    await assert.rejects(openRpcDoor(path, limits), /another waylay runs and answers at .*--control PATH/);
    const file = join(folder, "file.sock");
    writeFileSync(file, "precious");
    await assert.rejects(openRpcDoor(file, limits), /exists and is no socket/);
    mkdirSync(join(folder, "readonly"), { mode: 0o500 });
    if (process.getuid?.() !== 0)
      await assert.rejects(openRpcDoor(join(folder, "readonly", "a"), limits), /cannot be made/);
  });
});
