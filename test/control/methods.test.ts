// The methods, asked of a running gateway through its socket.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { RemoteError } from "../../src/control/client.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";
import { startScene } from "./scene.ts";

const scene = await startScene({ after });
const { client, engine, via } = scene;

async function fails(asked: Promise<unknown>): Promise<RemoteError> {
  const error = await asked.then(
    result => assert.fail(`it answered ${JSON.stringify(result)}`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof RemoteError, String(error));
  return error;
}

/** The path must be new in the session. */
async function idOf(path: string): Promise<number> {
  return (await engine.flow(flow => flow.path === path)).id;
}

describe("the session", () => {
  it("status says what runs and where", async () => {
    const status = await client.call("status", {});
    assert.equal(status.pid, process.pid);
    assert.equal(status.session, engine.gateway.ready.session);
    assert.equal(status.control, scene.socketPath);
    assert.equal(status.home, engine.home);
    assert.deepEqual(status.proxy, engine.gateway.ready.proxy);
    assert.match(status.version, /^\d+\.\d+\.\d+/);
  });

  it("options.get has every limit and no secret", async () => {
    const { options } = await client.call("options.get", {});
    assert.deepEqual(options.mode, ["regular"]);
    assert.equal((options.limits as Record<string, number>).headBytes, 256 * 1024);
    assert.doesNotMatch(JSON.stringify(options), /passphrase/i);
  });

  it("ca.show has the certificate that clients trust, and no key", async () => {
    const shown = await client.call("ca.show", {});
    assert.equal(shown.pem, engine.rootPem);
    assert.match(shown.fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.doesNotMatch(JSON.stringify(shown), /PRIVATE/);
  });

  it("the socket is its owner's alone", () => {
    assert.equal(statSync(scene.socketPath).mode & 0o777, 0o600);
  });
});

describe("flows", () => {
  it("list: the newest first, pages by `next` in either direction, filters", async () => {
    for (const path of ["/get?n=1", "/status/404?n=2", "/get?n=3", "/status/500?n=4"]) await via(path);
    const ids = await Promise.all(["/get?n=1", "/status/404?n=2", "/get?n=3", "/status/500?n=4"].map(idOf));
    const all = await client.call("flows.list", {});
    assert.deepEqual(
      all.flows.map(flow => flow.id),
      [...ids].reverse(),
    );
    assert.equal(all.next, undefined);

    const first = await client.call("flows.list", { limit: 3 });
    assert.deepEqual(
      first.flows.map(flow => flow.id),
      [ids[3], ids[2], ids[1]],
    );
    const rest = await client.call("flows.list", { limit: 3, before: first.next });
    assert.deepEqual(
      rest.flows.map(flow => flow.id),
      [ids[0]],
    );
    const up = await client.call("flows.list", { limit: 3, order: "asc" });
    assert.deepEqual(
      up.flows.map(flow => flow.id),
      [ids[0], ids[1], ids[2]],
    );
    const more = await client.call("flows.list", { limit: 3, order: "asc", after: up.next });
    assert.deepEqual(
      more.flows.map(flow => flow.id),
      [ids[3]],
    );

    const bad = await client.call("flows.list", { filter: "status:>=400 -status:5xx" });
    assert.deepEqual(
      bad.flows.map(flow => flow.id),
      [ids[1]],
    );
    const word = await client.call("flows.list", { filter: "n=3" });
    assert.deepEqual(
      word.flows.map(flow => flow.id),
      [ids[2]],
    );
  });

  it("a flow that still runs is listed, whole and in its body", async t => {
    const origin = await rawOrigin(t);
    const slow = await rawClient(t, engine.port());
    slow.send(origin.get("/slow"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
    await slow.until("01234");
    const { flows } = await client.call("flows.list", { filter: "is:active" });
    assert.deepEqual(
      flows.map(flow => [flow.path, flow.state, flow.status]),
      [["/slow", "active", 200]],
    );
    const { id } = flows[0]!;
    const { flow } = await client.call("flows.get", { id });
    assert.equal(flow.state, "active");
    assert.equal(flow.response?.body.recorded, 5);
    const body = await client.call("flows.body", { id, side: "response" });
    assert.equal(Buffer.from("base64" in body ? body.base64 : "", "base64").toString(), "01234");
    assert.match((await fails(client.call("flows.get", { id: 99_999 }))).message, /no flow 99999/);
    assert.deepEqual((await client.call("flows.delete", { ids: [id] })).ids, [], "running flows stay");

    assert.deepEqual((await client.call("flows.annotate", { ids: [id], comment: "still running" })).ids, [id]);
    there.send("56789");
    await slow.until("56789");
    await engine.flow(flow => flow.path === "/slow");
    const done = (await client.call("flows.get", { id })).flow;
    assert.deepEqual([done.state, done.comment, done.response?.body.recorded], ["complete", "still running", 10]);
  });

  it("bodies: as recorded in base64, decoded as text, in ranges with where to go on", async t => {
    const text = "grüß dich, Welt. ".repeat(100);
    const coded = gzipSync(text);
    const origin = await rawOrigin(t, {
      serve: async peer => {
        await peer.head();
        const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`;
        peer.socket.write(Buffer.concat([Buffer.from(head), coded]));
      },
    });
    const asked = await rawClient(t, engine.port());
    asked.send(origin.get("/coded"));
    const id = await idOf("/coded");
    const raw = await client.call("flows.body", { id, side: "response" });
    assert.ok("base64" in raw);
    assert.deepEqual(Buffer.from(raw.base64, "base64"), coded);
    assert.deepEqual(
      [raw.total, raw.size, raw.recorded, raw.encoding],
      [coded.length, coded.length, coded.length, "gzip"],
    );
    const plain = await client.call("flows.body", { id, side: "response", decoded: true });
    assert.ok("text" in plain);
    assert.equal(plain.text, text);
    assert.equal(plain.next, undefined);
    const total = Buffer.byteLength(text);
    const part = await client.call("flows.body", { id, side: "response", decoded: true, range: [8, 12] });
    assert.deepEqual(
      ["text" in part && part.text, part.range, part.next, part.total],
      [Buffer.from(text).toString("utf8", 8, 12), [8, 12], 12, total],
    );
    const beyond = await client.call("flows.body", {
      id,
      side: "response",
      decoded: true,
      range: [total + 5, total + 9],
    });
    assert.deepEqual([beyond.range, beyond.next], [[total, total], undefined]);
    const none = await client.call("flows.body", { id, side: "request" });
    assert.deepEqual([none.total, none.size], [0, 0]);
  });

  it("annotate: what is left out stays, empty takes away, others hear of it", async () => {
    await via("/get?note");
    const id = await idOf("/get?note");
    const watcher = await scene.connect();
    const heard: unknown[] = [];
    watcher.listen(({ method, params }) => heard.push([method, (params.flow as { comment: string }).comment]));
    await watcher.call("events.subscribe", { events: ["flow.updated"] });
    assert.deepEqual(
      (await client.call("flows.annotate", { ids: [id, 99_999], tags: ["a", "b", "a"], comment: "why?" })).ids,
      [id],
    );
    await client.call("flows.annotate", { ids: [id], color: "red" });
    let { flow } = await client.call("flows.get", { id });
    assert.deepEqual([flow.tags, flow.comment, flow.color], [["a", "b"], "why?", "red"]);
    assert.deepEqual(
      (await client.call("flows.list", { filter: "tag:b color:red" })).flows.map(flow => flow.id),
      [id],
    );
    await client.call("flows.annotate", { ids: [id], tags: [], comment: "" });
    flow = (await client.call("flows.get", { id })).flow;
    assert.deepEqual([flow.tags, flow.comment, flow.color], [[], "", "red"]);
    await watcher.call("status", {});
    assert.deepEqual(heard, [
      ["flow.updated", "why?"],
      ["flow.updated", "why?"],
      ["flow.updated", ""],
    ]);
  });

  it("delete: by ids or by filter, with what they had, and the rest stays readable", async () => {
    for (const n of [1, 2, 3]) await via(`/download/300000?gone=${n}`);
    const ids = await Promise.all([1, 2, 3].map(n => idOf(`/download/300000?gone=${n}`)));
    assert.deepEqual((await client.call("flows.delete", { ids: [ids[0]!, 99_999] })).ids, [ids[0]]);
    assert.equal((await fails(client.call("flows.get", { id: ids[0]! }))).code, -32001);
    assert.equal((await client.call("flows.body", { id: ids[1]!, side: "response" })).total, 300_000);
    assert.deepEqual((await client.call("flows.delete", { filter: "query.gone:3" })).ids, [ids[2]]);
    assert.deepEqual(
      (await client.call("flows.list", { filter: "query.gone:*" })).flows.map(flow => flow.id),
      [ids[1]],
    );
    assert.match((await fails(client.call("flows.delete", {}))).message, /either ids or a filter/);
  });
});

describe("flows.export", () => {
  it("gives HAR, curl and raw, of ids, a filter or all", async () => {
    await via("/get?export=1", { headers: { "x-a": "b" } });
    const id = await idOf("/get?export=1");
    const har = await client.call("flows.export", { format: "har", ids: [id] });
    assert.ok("text" in har);
    const { log } = JSON.parse(har.text) as { log: { version: string; entries: { request: { url: string } }[] } };
    assert.deepEqual([log.version, log.entries.length, har.count], ["1.2", 1, 1]);
    assert.equal(log.entries[0]!.request.url, `${scene.origin}/get?export=1`);
    const curl = await client.call("flows.export", { format: "curl", filter: "query.export:1" });
    assert.ok("text" in curl && /^curl .*export=1/.test(curl.text), JSON.stringify(curl));
    const raw = await client.call("flows.export", { format: "raw", ids: [id] });
    const bytes = Buffer.from("base64" in raw ? raw.base64 : raw.text, "base64" in raw ? "base64" : "utf8").toString(
      "latin1",
    );
    assert.match(bytes, /^GET http.*export=1 HTTP\/1\.1\r\n/);
    assert.ok((await client.call("flows.export", { format: "har" })).count > 1);
    assert.match(
      (await fails(client.call("flows.export", { format: "har", ids: [id, 9e9] }))).message,
      /no flow 9000000000/,
    );
    assert.match((await fails(client.call("flows.export", { format: "xls" }))).message, /format: .*har/);
  });
});

describe("flows.diff", () => {
  it("compares two flows that were recorded", async () => {
    await via("/get?diff=1", { headers: { "x-a": "1" } });
    await via("/get?diff=2", { headers: { "x-b": "2" } });
    const [a, b] = [await idOf("/get?diff=1"), await idOf("/get?diff=2")];
    const { same, facts, request, response } = await client.call("flows.diff", { a, b });
    assert.equal(same, false);
    assert.deepEqual(
      facts.map(({ name }) => name),
      ["url"],
    );
    assert.deepEqual(request.headers.map(({ name }) => name).sort(), ["x-a", "x-b"]);
    assert.ok(response?.body.kind === "json" && response.body.changes.length > 0, JSON.stringify(response?.body));
    assert.equal((await client.call("flows.diff", { a, b: a })).same, true);
    assert.equal((await fails(client.call("flows.diff", { a, b: 99_999 }))).code, -32001);
  });
});

describe("wrong parameters are named", () => {
  const cases: [string, unknown, string, RegExp][] = [
    ["flows.get", {}, "id", /flows\.get: id: /],
    ["flows.get", { id: "1" }, "id", /expected/],
    ["flows.get", { id: 1.5 }, "id", /int/],
    ["flows.list", { limt: 5 }, "", /limt/],
    ["flows.list", { limit: 0 }, "limit", /flows\.list: limit: /],
    ["flows.list", { filter: "host:x statusx:5" }, "filter", /column 8: .*statusx/],
    ["flows.body", { id: 1, side: "both" }, "side", /request/],
    ["flows.body", { id: 1, side: "request", range: [0, "x"] }, "range.1", /range\.1/],
    ["events.subscribe", { events: ["flow.begun"] }, "events.0", /flow\.started/],
  ];
  for (const [method, params, path, message] of cases) {
    it(`${method} ${JSON.stringify(params)}`, async () => {
      const error = await fails(client.callByName(method, params));
      assert.equal(error.code, -32602);
      assert.equal((error.data as { path: string }).path, path);
      assert.match(error.message, message);
    });
  }

  it("a filter's fault comes with its column and what was expected", async () => {
    const { data } = await fails(client.call("flows.list", { filter: "status:5xx (host:a" }));
    const { column, expected } = (data as { issues: { column: number; expected: string[] }[] }).issues[0]!;
    assert.equal(column, 12);
    assert.ok(expected.length > 0);
  });

  it("an unknown method, with a guess", async () => {
    const error = await fails(client.callByName("flow.list", {}));
    assert.deepEqual(
      [error.code, error.message],
      [-32601, 'there is no method "flow.list"; did you mean "flows.list"?'],
    );
    for (const name of ["toString", "__proto__", "constructor"]) {
      assert.equal((await fails(client.callByName(name, {}))).code, -32601);
    }
  });
});
