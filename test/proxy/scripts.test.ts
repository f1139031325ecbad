// Scripts through real exchanges: the bytes that reach the other side, and what the flow says of them.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Engine, startEngine } from "../support/engine.ts";
import { type Cleaner, rawClient } from "../support/raw-client.ts";
import { type RawOrigin, rawOrigin } from "../support/raw-origin.ts";

interface Scene {
  readonly folder: string;
  readonly origin: RawOrigin;
  readonly engine: Engine;
}

/** An engine with one rule, whose script is x.ts. */
async function scene(test: Cleaner, script: string, rule = "script: ./x.ts"): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "waylay-scripts-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "x.ts"), script);
  writeFileSync(join(folder, "r.yaml"), `rules:\n  - name: mine\n    when: '*'\n    ${rule}\n`);
  const engine = await startEngine(test, { flags: { rules: [join(folder, "r.yaml")] } });
  return { folder, engine, origin: await rawOrigin(test) };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("a script in an exchange", () => {
  it("edits a request: what it left alone keeps order, case and repeats", async t => {
    const { engine, origin } = await scene(
      t,
      `export async function request(request, context) {
         request.headers.set("x-two", "changed");
         request.body.json = { ...request.body.json, seen: true };
         context.tag("scripted");
       }`,
    );
    const client = await rawClient(t, engine.port());
    const fields = "x-ONE:1\r\nX-Two: 2\r\nX-One: 3\r\nContent-Type: application/json\r\nContent-Length: 7\r\n";
    client.send(origin.request("POST", "/a", fields, '{"a":1}'));
    const there = await origin.connection();
    const head = `POST /a HTTP/1.1\r\nHost: ${origin.authority}\r\nx-ONE:1\r\nX-Two: changed\r\nX-One: 3\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n`;
    assert.equal(await there.head(), head);
    assert.equal(await there.take(19), '{"a":1,"seen":true}');
    there.send(OK);
    assert.equal((await client.answer()).content, "ok");
    const flow = await engine.flow(each => each.path === "/a");
    assert.deepEqual([flow.rules, flow.tags, flow.error], [["mine"], ["scripted"], null]);
    const { flow: whole } = await engine.recorded(flow.id);
    assert.equal(Buffer.from(whole.request.original?.head ?? "", "base64").includes("X-Two: 2\r\n"), true);
  });

  it("edits a coded, chunked answer, and sees the request as it was sent", async t => {
    const { engine, origin } = await scene(
      t,
      `export const response = (response, request) => {
         response.status = 201;
         response.headers.set("X-Url", request.url);
         response.body.text = response.body.text + "!";
       };`,
    );
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/b?c"));
    const there = await origin.connection();
    await there.head();
    const zipped = gzipSync("hello");
    there.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
    there.send(Buffer.concat([Buffer.from(`${zipped.length.toString(16)}\r\n`), zipped, Buffer.from("\r\n0\r\n\r\n")]));
    const answer = await client.answer();
    assert.match(answer.head, /^HTTP\/1\.1 201 /);
    assert.match(answer.head, new RegExp(`X-Url: http://${origin.authority}/b\\?c\\r\\n`));
    assert.equal(gunzipSync(Buffer.from(answer.content, "latin1")).toString(), "hello!");
  });

  it("answers, with state from one request to the next", async t => {
    const { engine } = await scene(
      t,
      "let n = 0;\nexport const request = () => ({ status: 418, text: `time ${++n}` });",
    );
    const client = await rawClient(t, engine.port());
    for (const n of [1, 2]) {
      client.send("GET http://nowhere.test/ HTTP/1.1\r\nHost: nowhere.test\r\n\r\n");
      const { status, content } = await client.answer();
      assert.deepEqual([status, content], [418, `time ${n}`]);
    }
  });

  it("sends elsewhere, with Host, and puts an answer in the place of one that came", async t => {
    const other = await rawOrigin(t);
    const { engine } = await scene(
      t,
      `export const request = r => { r.url = "http://${other.authority}/moved?q"; };
       export const response = r => (r.status === 500 ? { json: { mended: true } } : undefined);`,
    );
    const client = await rawClient(t, engine.port());
    client.send("GET http://old.test/old HTTP/1.1\r\nHost: old.test\r\nX-A: 1\r\n\r\n");
    const there = await other.connection();
    assert.equal(await there.head(), `GET /moved?q HTTP/1.1\r\nHost: ${other.authority}\r\nX-A: 1\r\n\r\n`);
    there.send("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno");
    const { status, content } = await client.answer();
    assert.deepEqual([status, content], [200, '{"mended":true}']);
  });

  it("an error is on the flow, and the exchange goes on; with onError: fail it is a 502", async t => {
    const throws = "export const request = () => { throw new Error('mine'); };";
    for (const [rule, status] of [
      ["script: ./x.ts", 200],
      ["script: { file: ./x.ts, onError: fail }", 502],
    ] as const) {
      const { engine, origin } = await scene(t, throws, rule);
      const client = await rawClient(t, engine.port());
      client.send(origin.get("/e"));
      if (status === 200) {
        const there = await origin.connection();
        await there.head();
        there.send(OK);
      }
      assert.equal((await client.answer()).status, status);
      const flow = await engine.flow(each => each.path === "/e");
      const said = [...(flow.notes ?? []), flow.error?.message ?? ""].join("\n");
      assert.match(said, /script x\.ts: Error: mine \(x\.ts:1:\d+\)/);
      assert.deepEqual(flow.rules, ["mine"]);
    }
  });

  it("an endless loop is ended at its time limit, and the proxy never stood still", async t => {
    const { engine, origin } = await scene(
      t,
      'export const request = r => { if (r.url.endsWith("/loop")) for (;;); };',
      "script: { file: ./x.ts, timeout: 400ms }",
    );
    const [stuck, other] = [await rawClient(t, engine.port()), await rawClient(t, engine.port())];
    stuck.send(origin.get("/loop"));
    const started = performance.now();
    other.send("GET http://waylay.test/ HTTP/1.1\r\nHost: waylay.test\r\n\r\n");
    assert.equal((await other.answer()).status, 200);
    assert.ok(performance.now() - started < 350);
    const there = await origin.connection();
    await there.head();
    there.send(OK);
    assert.equal((await stuck.answer()).content, "ok");
    const flow = await engine.flow(each => each.path === "/loop");
    assert.match((flow.notes ?? []).join(), /it took more than 400 ms/);
  });

  it("with body: off contents stream, as do event streams", async t => {
    const { engine, origin } = await scene(
      t,
      "export const response = r => { r.headers.set('X-Known', String(r.body.isKnown)); };",
      "script: { file: ./x.ts, body: off }",
    );
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/s"));
    const there = await origin.connection();
    await there.head();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    assert.match(await client.head(), /X-Known: false\r\n/);
    assert.equal(await client.take(2), "ab");
    there.send("cd");
    assert.equal(await client.take(2), "cd");
  });

  it("the lesson: a counter, a quota, and a look into the session", async t => {
    const folder = mkdtempSync(join(tmpdir(), "waylay-lesson-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const shipped = join(import.meta.dirname, "..", "..", "rules");
    mkdirSync(join(folder, "scripts"));
    for (const file of ["script.yaml", "scripts/quota.ts"]) copyFileSync(join(shipped, file), join(folder, file));
    const engine = await startEngine(t, { flags: { rules: [join(folder, "script.yaml")] } });
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    let there = null;
    for (const n of [1, 2, 3]) {
      client.send(origin.get("/script/json?a"));
      there ??= await origin.connection();
      const head = await there.head();
      assert.match(head, /^GET \/json HTTP\/1\.1\r\n/);
      assert.match(head, new RegExp(`X-Asked: ${n}\r\n`));
      there.send('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}');
      const { content } = await client.answer();
      assert.deepEqual(Object.keys(JSON.parse(content)), ["seenBefore", "answer"]);
    }
    client.send(origin.get("/script/json?a"));
    assert.equal((await client.answer()).status, 429);
  });
});
