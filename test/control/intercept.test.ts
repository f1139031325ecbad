// Breakpoints against a running gateway: what waits, what a person may make of it, and that nothing waits for ever.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, describe, it } from "node:test";
import { RemoteError } from "../../src/control/client.ts";
import { eventually } from "../support/peer.ts";
import { rawClient } from "../support/raw-client.ts";
import { startScene } from "./scene.ts";

const scene = await startScene({ after }, { flags: { limit: ["paused=3"] } });
const { client, engine, via, origin } = scene;

afterEach(() => client.call("intercept.set", { filter: null }));

async function paused(path: string) {
  let found: Awaited<ReturnType<typeof list>>[number] | undefined;
  await eventually(async () => {
    found = (await list()).find(flow => flow.path === path);
    return found !== undefined;
  });
  return found!;
}

async function list() {
  return (await client.call("intercept.list", {})).flows;
}

function echoed(answer: { body: Buffer }): {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: { text: string };
} {
  return JSON.parse(answer.body.toString());
}

describe("a request at a breakpoint", () => {
  it("waits, is shown, and goes on as it was", async () => {
    await client.call("intercept.set", { filter: "path:/anything/wait" });
    const passing = await via("/anything/pass");
    assert.equal(passing.status, 200);
    const waiting = via("/anything/wait", { method: "POST" }, "hello");
    const flow = await paused("/anything/wait");
    assert.equal(flow.state, "intercepted");
    assert.equal(flow.paused.turn, "request");
    assert.ok(flow.paused.until! > flow.paused.since);
    const { head, body } = await client.call("intercept.get", { id: flow.id });
    assert.match(Buffer.from(head, "base64").toString(), /^POST http:.*\r\n\r\n$/s);
    assert.deepEqual(body, { text: "hello" });
    assert.equal((await client.call("flows.get", { id: flow.id })).flow.state, "intercepted");
    await client.call("intercept.resume", { id: flow.id });
    assert.equal((await waiting).status, 200);
    const over = await engine.flow(each => each.id === flow.id);
    assert.equal(over.state, "complete");
    assert.equal(over.intercepted, true);
    assert.equal(over.modified, undefined);
    assert.deepEqual(await list(), []);
  });

  it("goes on with edits: of method, url, fields and body", async () => {
    await client.call("intercept.set", { filter: "path:/anything/edit" });
    const waiting = via("/anything/edit", { headers: { "X-Old": "1" } });
    const { id } = await paused("/anything/edit");
    await client.call("intercept.resume", {
      id,
      edits: {
        method: "PUT",
        url: `${origin}/anything/elsewhere?a=1`,
        headers: [
          ["Host", "x"],
          ["X-New", "2"],
        ],
        body: { text: "new" },
      },
    });
    const said = echoed(await waiting);
    assert.equal(said.method, "PUT");
    assert.match(said.url, /\/anything\/elsewhere\?a=1$/);
    assert.equal(said.body.text, "new");
    const { flow } = await client.call("flows.get", { id });
    assert.equal(flow.modified, true);
    assert.deepEqual(
      flow.request.headers.map(([name]) => name),
      ["Host", "X-New", "Content-Length"],
    );
    assert.ok(flow.request.original?.headers.some(([name]) => name === "X-Old"));
  });

  it("goes on with a head written by hand, and a body from a file", async () => {
    const file = join(engine.home, "body.txt");
    writeFileSync(file, "from a file");
    await client.call("intercept.set", { filter: "path:/anything/raw" });
    const waiting = via("/anything/raw", { method: "POST" }, "old");
    const { id } = await paused("/anything/raw");
    const head = `POST /anything/by-hand HTTP/1.1\nHost: ${new URL(origin).host}\nContent-Length: 3\nX-Hand: yes`;
    await client.call("intercept.resume", {
      id,
      edits: { head: Buffer.from(head).toString("base64"), body: { file } },
    });
    const said = echoed(await waiting);
    assert.match(said.url, /\/anything\/by-hand$/);
    assert.equal(said.body.text, "from a file");
  });

  it("edits that make no message are refused, and it goes on waiting", async () => {
    await client.call("intercept.set", { filter: "path:/anything/refused" });
    const waiting = via("/anything/refused");
    const { id } = await paused("/anything/refused");
    const bad = async (edits: object, says: RegExp) => {
      await assert.rejects(client.callByName("intercept.resume", { id, edits }), says);
    };
    await bad({ url: "nonsense" }, /nonsense is no http or https URL/);
    await bad({ method: "HEAD" }, /cannot become a HEAD/);
    await bad({ status: 200 }, /a request has no status/);
    await bad({ headers: [["X", "a\r\nY: b\r\n\r\nGET / HTTP/1.1"]] }, RemoteError as never);
    await bad({ body: { file: "body.txt" } }, /absolute path/);
    await bad({ body: { file: "/nowhere/at/all" } }, /cannot be read \(ENOENT\)/);
    assert.equal((await list()).length, 1);
    await client.call("intercept.resume", { id });
    assert.equal((await waiting).status, 200);
    await assert.rejects(client.call("intercept.resume", { id }), /does not wait at a breakpoint/);
  });

  it("is answered by hand, without the server", async () => {
    await client.call("intercept.set", { filter: "path:/anything/mine" });
    const waiting = via("/anything/mine");
    const { id } = await paused("/anything/mine");
    const response = { status: 418, headers: [["X-By", "hand"]] as [string, string][], body: { text: "tea" } };
    await client.call("intercept.answer", { id, response });
    const answer = await waiting;
    assert.equal(answer.status, 418);
    assert.equal(answer.headers["x-by"], "hand");
    assert.equal(answer.body.toString(), "tea");
    const flow = await engine.flow(each => each.id === id);
    assert.equal(flow.server, null);
    assert.deepEqual(flow.tags, ["answered-by-hand"]);
  });

  it("is dropped", async () => {
    await client.call("intercept.set", { filter: "path:/anything/dropped" });
    const waiting = via("/anything/dropped");
    const { id } = await paused("/anything/dropped");
    await client.call("intercept.drop", { id });
    await assert.rejects(waiting, /ECONNRESET|socket hang up/);
    assert.equal((await engine.flow(each => each.id === id)).error?.code, "dropped");
  });

  it("is no longer there when its client is gone", async t => {
    await client.call("intercept.set", { filter: "path:/anything/gone" });
    const impatient = await rawClient(t, engine.port());
    impatient.send(`GET ${origin}/anything/gone HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n\r\n`);
    const { id } = await paused("/anything/gone");
    impatient.socket.resetAndDestroy();
    assert.equal((await engine.flow(each => each.id === id)).state, "error");
    assert.deepEqual(await list(), []);
  });

  it("by what its body says: others go on", async () => {
    await client.call("intercept.set", { filter: "request.body:*secret* path:/anything/body" });
    assert.equal((await via("/anything/body", { method: "POST" }, "plain")).status, 200);
    const waiting = via("/anything/body", { method: "POST" }, "a secret");
    const { id } = await paused("/anything/body");
    await client.call("intercept.resume", { id });
    assert.equal(echoed(await waiting).body.text, "a secret");
  });
});

describe("a response at a breakpoint", () => {
  const on = ["response" as const];

  it("waits by its status, and is edited: status, fields, coded body", async () => {
    await client.call("intercept.set", { filter: "status:200 path:/gzip", on });
    const waiting = via("/gzip");
    const flow = await paused("/gzip");
    assert.equal(flow.paused.turn, "response");
    const { body } = await client.call("intercept.get", { id: flow.id });
    assert.ok(body !== undefined && "text" in body);
    await client.call("intercept.resume", { id: flow.id, edits: { status: 203, body: { text: "shorter" } } });
    const answer = await waiting;
    assert.equal(answer.status, 203);
    assert.equal(answer.headers["content-encoding"], "gzip");
    const { flow: whole } = await client.call("flows.get", { id: flow.id });
    assert.equal(whole.status, 203);
    const content = await client.call("flows.body", { id: flow.id, side: "response", decoded: true });
    assert.ok("text" in content);
    assert.equal(content.text, "shorter");
  });

  it("is thrown away for another, or becomes one without content", async () => {
    await client.call("intercept.set", { filter: "path:/anything/back", on });
    const first = via("/anything/back");
    await client.call("intercept.answer", {
      id: (await paused("/anything/back")).id,
      response: { status: 500, body: { text: "ours" } },
    });
    assert.equal((await first).body.toString(), "ours");
    const second = via("/anything/back");
    await client.call("intercept.resume", { id: (await paused("/anything/back")).id, edits: { status: 204 } });
    const answer = await second;
    assert.equal(answer.status, 204);
    assert.equal(answer.body.length, 0);
  });

  it("an event stream waits at its head", async () => {
    await client.call("intercept.set", { filter: "path:/sse", on });
    const waiting = via("/sse?count=2&ms=1");
    const { id } = await paused("/sse?count=2&ms=1");
    assert.equal((await client.call("intercept.get", { id })).body, undefined);
    await assert.rejects(
      client.call("intercept.resume", { id, edits: { body: { text: "x" } } }),
      /too long to be held/,
    );
    await client.call("intercept.resume", {
      id,
      edits: {
        headers: [
          ["Content-Type", "text/event-stream"],
          ["X-Seen", "1"],
          ["Transfer-Encoding", "chunked"],
        ],
      },
    });
    const answer = await waiting;
    assert.equal(answer.headers["x-seen"], "1");
    assert.match(answer.body.toString(), /data:/);
  });
});

describe("nothing waits for ever", () => {
  it("a breakpoint taken off lets go of what it held", async () => {
    await client.call("intercept.set", { filter: "path:/anything/off" });
    const waiting = via("/anything/off");
    await paused("/anything/off");
    await client.call("intercept.set", { filter: null });
    assert.equal((await waiting).status, 200);
  });

  it("one whose owner goes away is taken off", async () => {
    const other = await scene.connect();
    await other.call("intercept.set", { filter: "path:/anything/owned", mine: true });
    const waiting = via("/anything/owned");
    await paused("/anything/owned");
    other.close();
    assert.equal((await waiting).status, 200);
    assert.equal((await via("/anything/owned")).status, 200);
  });

  it("time is over: it goes on, or is dropped", async () => {
    await client.call("intercept.set", { filter: "path:/anything/late", timeout: 50 });
    assert.equal((await via("/anything/late")).status, 200);
    const flow = await engine.flow(each => each.path === "/anything/late");
    assert.deepEqual(flow.notes, ["nobody decided on the request within 0.05 s: it went on as it was"]);
    await client.call("intercept.set", { filter: "path:/anything/late", timeout: 50, onTimeout: "drop" });
    await assert.rejects(via("/anything/late"));
  });

  it("no more than --limit paused wait", async () => {
    await client.call("intercept.set", { filter: "path:/anything/many" });
    const waiting = [1, 2, 3].map(() => via("/anything/many"));
    await eventually(async () => (await list()).length === 3);
    assert.equal((await via("/anything/many")).status, 200);
    await client.call("intercept.set", { filter: null });
    await Promise.all(waiting);
  });
});

it("subscribers are told of what waits", async () => {
  const heard: { method: string; turn: unknown }[] = [];
  const watcher = await scene.connect();
  watcher.listen(({ method, params }) => {
    heard.push({ method, turn: (params.flow as { paused?: { turn: string } }).paused?.turn });
  });
  await watcher.call("events.subscribe", { events: ["intercept.paused"] });
  await client.call("intercept.set", { filter: "path:/anything/told", on: ["request", "response"] });
  const waiting = via("/anything/told");
  const { id } = await paused("/anything/told");
  await client.call("intercept.resume", { id });
  await eventually(() => heard.length === 2);
  assert.equal((await paused("/anything/told")).paused.turn, "response");
  await client.call("intercept.resume", { id });
  await waiting;
  assert.deepEqual(
    heard.map(each => each.turn),
    ["request", "response"],
  );
});

describe("rules that pause", () => {
  it("do, at request and response; the original undoes what rules edited", async t => {
    const rules = join(engine.home, "pausing.yaml");
    writeFileSync(
      rules,
      "rules:\n  - name: hold\n    when: path:/anything/ruled\n    pause: both\n    request:\n      headers: { set: { X-Rule: yes } }\n",
    );
    const own = await startScene(t, { flags: { rules: [rules] } });
    const waiting = own.via("/anything/ruled");
    const next = async (turn: string) => {
      let id = 0;
      await eventually(async () => {
        const flow = (await own.client.call("intercept.list", {})).flows.find(each => each.paused.turn === turn);
        id = flow?.id ?? 0;
        return id > 0;
      });
      return id;
    };
    const id = await next("request");
    const { head } = await own.client.call("intercept.get", { id });
    assert.match(Buffer.from(head, "base64").toString(), /X-Rule: yes/);
    await own.client.call("intercept.resume", { id, original: true });
    await own.client.call("intercept.resume", { id: await next("response") });
    assert.equal("X-Rule" in echoed(await waiting).headers, false);
  });
});
