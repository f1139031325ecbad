// Slow lines and broken ones: time limits, throttles, delays, faults.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { type Peer, pause } from "../../support/peer.ts";
import { rawClient } from "../../support/raw-client.ts";
import { rawOrigin } from "../../support/raw-origin.ts";
import { ruledEngine } from "./scene.ts";

const engine = await ruledEngine({ after }, [
  { name: "connect", when: "path:/timeout/connect", timeout: { connect: "200ms" } },
  { name: "answer", when: "path:/timeout/answer", timeout: { answer: "300ms" } },
  { name: "idle", when: "path:/timeout/idle", timeout: { idle: "300ms" } },
  { name: "down", when: "path:/throttle/down", throttle: { down: "100kB/s", latency: "100ms" } },
  { name: "up", when: "path:/throttle/up", throttle: { up: "100kB/s" } },
  { name: "up-edited", when: "path:/throttle/edited", throttle: { up: "100kB/s" }, request: { body: { append: "!" } } },
  { name: "wait", when: "path:/delay/request", request: { delay: "300ms" } },
  { name: "wait-back", when: "path:/delay/response", response: { delay: "300ms" } },
  ...["refuse", "reset", "hang", "dns", "tls"].map(kind => ({ name: kind, when: `path:/fault/${kind}`, fault: kind })),
  { name: "truncate", when: "path:/fault/truncate", fault: { truncate: 6 } },
  { name: "resetBody", when: "path:/fault/resetBody", fault: { resetBody: 0 } },
  { name: "corrupt", when: "path:/fault/corrupt", fault: { corrupt: 4 } },
  { name: "late", when: "status:418", fault: { truncate: 2 } },
]);

async function begin(
  t: Parameters<typeof rawClient>[0],
  path: string,
  { method = "GET", fields = "", content = "", next = "" } = {},
) {
  const origin = await rawOrigin(t);
  const client = await rawClient(t, engine.port());
  const started = performance.now();
  client.send(origin.request(method, path, fields, content + (next === "" ? "" : origin.get(next))));
  return {
    client,
    took: () => performance.now() - started,
    /** The origin's end, once it has heard the head. */
    reached: async (): Promise<Peer> => {
      const there = await origin.connection();
      assert.ok((await there.head()).includes(` ${path} `));
      return there;
    },
  };
}

function post(line: string, content: string) {
  return { method: "POST", fields: `${line}\r\n`, content };
}

function ok(content: string, status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${content.length}\r\n\r\n${content}`;
}

describe("time limits", () => {
  it("timeout: connecting", async t => {
    // Nothing answers there: TEST-NET-1 (RFC 5737).
    const client = await rawClient(t, engine.port());
    client.send("GET http://192.0.2.1/timeout/connect HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n");
    const { status, content } = await client.answer();
    // Where the machine has no route at all it is refused at once.
    assert.ok(status === 504 || /unreachable|refused/.test(content), content);
  });

  it("timeout: the answer's head", async t => {
    const { client, reached } = await begin(t, "/timeout/answer");
    const there = await reached();
    const { status, content } = await client.answer();
    assert.deepEqual([status, /did not answer within 300 ms/.test(content)], [504, true]);
    await there.left();
  });

  it("timeout: silence in the middle; not while bytes come", async t => {
    const { client, reached } = await begin(t, "/timeout/idle");
    const there = await reached();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (let i = 0; i < 8; i++) {
      await pause(150);
      there.send("x");
    }
    await client.until("xxxxxxxx");
    await client.left();
    const { error } = await engine.flow(flow => flow.path === "/timeout/idle");
    assert.equal(error?.code, "server-silent");
  });
});

describe("slow lines", () => {
  it("throttle: down, after the latency", async t => {
    const { client, took, reached } = await begin(t, "/throttle/down");
    (await reached()).send(ok("x".repeat(50_000)));
    assert.equal((await client.answer()).content.length, 50_000);
    assert.ok(took() > 500 && took() < 2000, `${took()} ms`);
  });

  for (const [path, size] of [
    ["/throttle/up", 50_000],
    ["/throttle/edited", 50_001],
  ] as const) {
    it(`throttle: up, ${path}; the next request waits its turn`, async t => {
      const body = "x".repeat(50_000);
      const { client, took, reached } = await begin(t, path, { ...post("Content-Length: 50000", body), next: "/next" });
      const there = await reached();
      await there.take(size);
      assert.ok(took() > 400 && took() < 2000, `${took()} ms`);
      assert.equal(there.heard.length, there.text.indexOf("\r\n\r\n") + 4 + size);
      there.send(ok(""));
      await client.answer();
      await there.until("GET /next HTTP/1.1");
    });
  }

  it("throttle: an upload in chunks keeps them", async t => {
    const chunks = "5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n";
    const { client, reached } = await begin(t, "/throttle/up", post("Transfer-Encoding: chunked", chunks));
    const there = await reached();
    assert.equal(await there.take(chunks.length), chunks);
    there.send(ok("done"));
    assert.equal((await client.answer()).content, "done");
  });

  it("throttle: an early answer ends an upload that is still on its way", async t => {
    const { client, reached } = await begin(t, "/throttle/up", post("Content-Length: 300000", "x".repeat(300_000)));
    const there = await reached();
    await there.until("xxx");
    there.send(`${ok("no", "413 Too Large").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")}`);
    assert.equal((await client.answer()).status, 413);
    await client.left();
  });

  it("request.delay", async t => {
    const { client, took, reached } = await begin(t, "/delay/request");
    (await reached()).send(ok(""));
    assert.ok(took() >= 290);
    await client.answer();
  });

  it("response.delay", async t => {
    const { client, took, reached } = await begin(t, "/delay/response");
    (await reached()).send(ok(""));
    await client.answer();
    assert.ok(took() >= 290);
  });
});

describe("fault", () => {
  for (const [kind, code] of [
    ["refuse", "connect-refused"],
    ["dns", "dns-not-found"],
    ["tls", "tls-handshake"],
  ] as const) {
    it(kind, async t => {
      const { client } = await begin(t, `/fault/${kind}`);
      assert.equal((await client.answer()).status, 502);
      assert.equal((await engine.flow(flow => flow.path === `/fault/${kind}`)).error?.code, code);
    });
  }

  it("reset", async t => {
    const { client } = await begin(t, "/fault/reset");
    await client.gone();
    assert.ok(client.wasReset);
    assert.equal(client.text, "");
  });

  it("hang, until the client gives up", async t => {
    const { client } = await begin(t, "/fault/hang");
    await pause(300);
    assert.deepEqual([client.ended, client.text], [false, ""]);
    client.close();
    assert.equal((await engine.flow(flow => flow.path === "/fault/hang")).state, "error");
  });

  it("truncate: so many bytes of the body, then an end", async t => {
    const { client, reached } = await begin(t, "/fault/truncate");
    (await reached()).send(ok("0123456789"));
    assert.match(await client.rest(), /\r\n\r\n012345$/);
    assert.equal((await engine.flow(flow => flow.path === "/fault/truncate")).error?.code, "broken-by-rule");
  });

  it("resetBody: the same with a reset", async t => {
    const { client, reached } = await begin(t, "/fault/resetBody");
    const there = await reached();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    // Where data and reset come at once, libuv makes a plain end of them: the head goes first.
    await client.head();
    there.send("0123456789");
    await client.gone();
    assert.ok(client.wasReset);
  });

  it("corrupt: one bit in every so many bytes, the length stays", async t => {
    const { client, reached } = await begin(t, "/fault/corrupt");
    (await reached()).send(ok("00000000000"));
    assert.equal((await client.answer()).content, "00010001000");
  });

  it("under a term of the response", async t => {
    const { client, reached } = await begin(t, "/late");
    (await reached()).send(ok("0123456789", "418 Tea"));
    assert.match(await client.rest(), /\r\n\r\n01$/);
  });
});
