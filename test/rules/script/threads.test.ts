// Scripts in their threads: what they can do, and that nothing they do reaches further than their own outcome.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { ScriptInput, ScriptOutcome } from "../../../src/rules/script/host.ts";
import { ScriptThreads } from "../../../src/rules/script/threads.ts";

interface Scene {
  readonly folder: string;
  readonly said: string[];
  readonly threads: ScriptThreads;
  write(text: string, name?: string): void;
  run(input?: Partial<ScriptInput>, timeoutMs?: number): Promise<ScriptOutcome>;
}

function scene(t: TestContext, text: string, name = "x.ts"): Scene {
  const folder = mkdtempSync(join(tmpdir(), "waylay-script-"));
  const said: string[] = [];
  const store = {
    list: async (filter: string | undefined, limit: number) => [{ id: 1, filter, limit }],
    get: async (id: number) => (id === 1 ? { id } : null),
    body: async () => {
      throw new Error("the disk is gone");
    },
  };
  const threads = new ScriptThreads({ store, say: line => said.push(line) });
  t.after(async () => {
    await threads.close();
    rmSync(folder, { recursive: true });
  });
  const write = (written: string, to = name) => writeFileSync(join(folder, to), written);
  write(text);
  const call = { rule: "r", file: join(folder, name), body: true, onError: "continue" } as const;
  return {
    folder,
    said,
    threads,
    write,
    run: (input = {}, timeoutMs = 5000) => threads.run({ ...call, timeoutMs }, { ...REQUEST, ...input }),
  };
}

const REQUEST: ScriptInput = {
  turn: "request",
  flow: 7,
  client: "127.0.0.1",
  request: {
    method: "GET",
    url: "https://a.com/x?y",
    headers: [
      ["Host", "a.com"],
      ["X-A", "1"],
      ["x-a", "2"],
    ],
    body: Buffer.from('{"n":1}'),
  },
  response: null,
};

describe("a script", () => {
  it("edits head and content, in TypeScript, with a module of its own beside it", async t => {
    const { write, run } = scene(
      t,
      `import { twice } from "./twice.ts";
       interface Body { n: number }
       export async function request(request: any, context: any): Promise<void> {
         request.method = "PUT";
         request.url = "/z";
         request.headers.set("X-A", request.headers.getAll("x-A").join());
         request.headers.add("X-B", String([...request.headers].length));
         request.headers.remove("Host");
         const body = request.body.json as Body;
         request.body.json = { n: twice(body.n) };
         context.tag("seen");
         context.comment("looked at " + context.flow);
         context.log("rule", context.rule, { a: 1 });
       }`,
    );
    write("export const twice = (n: number): number => n * 2;\n", "twice.ts");
    const { body, ...done } = await run();
    assert.equal(Buffer.from(body!).toString(), '{"n":2}');
    assert.deepEqual(done, {
      head: [
        { kind: "method", value: "PUT" },
        { kind: "set", name: "X-A", value: "1,2" },
        { kind: "add", name: "X-B", value: "2" },
        { kind: "remove", name: "Host" },
      ],
      url: "https://a.com/z",
      answer: null,
      tags: ["seen"],
      comment: "looked at 7",
      log: ["rule r { a: 1 }"],
      error: null,
    });
  });

  it("answers, keeps its state, asks the store, and prints into the log", async t => {
    const { said, run } = scene(
      t,
      `let count = 0;
       export default {
         async request(request, context) {
           console.log("hello");
           const [flow] = await context.flows.list("status:500", { limit: 3 });
           const none = await context.flows.get(2);
           const failed = await context.flows.body(1).catch(error => error.message);
           return { status: 201, headers: { "X-Count": String(++count) }, json: { flow, none, failed } };
         },
       };`,
      "x.js",
    );
    await run();
    const { answer } = await run();
    assert.deepEqual([answer?.status, answer?.headers, answer?.type], [201, [["X-Count", "2"]], "application/json"]);
    assert.deepEqual(JSON.parse(Buffer.from(answer!.bytes).toString()), {
      flow: { id: 1, filter: "status:500", limit: 3 },
      none: null,
      failed: "the disk is gone",
    });
    assert.ok(said.includes("x.js: hello"));
  });

  it("edits an answer, and is not asked for a turn that it has not", async t => {
    const { threads, folder, run } = scene(
      t,
      `export function response(response, request) {
         response.status = 503;
         response.headers.set("X-Method", request.method);
         response.body.text = response.body.text.toUpperCase();
       }`,
    );
    assert.deepEqual((await run()).head, []);
    const file = join(folder, "x.ts");
    assert.deepEqual([threads.takes(file, "request"), threads.takes(file, "response")], [false, true]);
    const response = { status: 200, reason: "OK", headers: [], body: Buffer.from("abc") };
    const outcome = await run({ turn: "response", response });
    assert.equal(Buffer.from(outcome.body!).toString(), "ABC");
    assert.deepEqual(outcome.head, [
      { kind: "status", status: 503, reason: undefined },
      { kind: "add", name: "X-Method", value: "GET" },
    ]);
  });

  it("is taken anew when it or a module of it is saved; a broken save leaves the last good one", async t => {
    const text = (n: number) => `import { m } from "./m.ts"; export const request = () => ({ text: "${n}" + m });`;
    const { said, write, run } = scene(t, text(1));
    write('export const m = "a";\n', "m.ts");
    const answered = async () => Buffer.from((await run()).answer?.bytes ?? []).toString();
    assert.equal(await answered(), "1a");
    write(text(22));
    assert.equal(await answered(), "22a");
    write('export const m = "bbb";\n', "m.ts");
    assert.equal(await answered(), "22bbb");
    write("export const request = (=> 1;\n");
    assert.equal(await answered(), "22bbb");
    assert.match(said.join("\n"), /x\.ts:1:25: .*; the last good script stays in force/);
    write(text(333));
    assert.equal(await answered(), "333bbb");
  });
});

describe("what goes wrong in a script is its own outcome", () => {
  for (const [what, text, error] of [
    [
      "a throw, with its line",
      "export function request() {\n  throw new TypeError('no');\n}",
      /^TypeError: no \(x\.ts:2:9\)$/,
    ],
    ["a rejection", "export const request = async () => { throw 1 };", /^it threw 1$/],
    ["syntax", "export const request = (=> 1;", /x\.ts:1:25: /],
    [
      "a module that is not there",
      'import "./none.ts"; export const request = () => {};',
      /x\.ts:1:8: Could not resolve/,
    ],
    ["no turn", "export const x = 1;", /it exports neither/],
    ["a throw while loading", "throw new Error('early'); export const request = 1;", /early/],
    ["process.exit", "export const request = () => process.exit(3);", /ended its own thread/],
    ["an endless loop", "export const request = () => { for (;;); };", /^it took more than 300 ms$/],
    ["a promise that never comes", "export const request = () => new Promise(() => {});", /^it took more than 300 ms$/],
    ["nonsense", "export const request = () => 42;", /returns an answer or nothing/],
    ["a status that is none", "export const request = () => ({ status: 99 });", /99 is no status/],
    ["a second line in a header", 'export const request = r => r.headers.set("A", "b\\r\\nC: d");', /is one line/],
    ["a header that is none", 'export const request = r => r.headers.add("A B", "c");', /is no header name/],
    ["a URL of another kind", 'export const request = r => { r.url = "ftp://a" };', /is no URL of http/],
    ["what cannot be sent", "export const request = () => ({ bytes: new Proxy([], {}) });", null],
  ] as const) {
    it(what, async t => {
      const { run } = scene(t, text);
      const outcome = await run({}, 300);
      if (error === null) assert.equal(outcome.error, null);
      else assert.match(outcome.error ?? "", error);
      assert.deepEqual(outcome.head, []);
    });
  }

  it("an exhausted heap ends the thread, and the next request has a new one", async t => {
    const { run } = scene(
      t,
      `let hog = [];
       export const request = r => {
         if (r.method === "GET") for (;;) hog.push(new Array(1e5).fill(Math.random()));
         return { text: String(hog.length) };
       };`,
    );
    assert.match((await run({}, 30_000)).error ?? "", /thread broke|ended its own/);
    const { answer } = await run({ request: { ...REQUEST.request, method: "PUT" } });
    assert.equal(Buffer.from(answer!.bytes).toString(), "0");
  });

  it("what it leaves running does not end it", async t => {
    const { said, run } = scene(
      t,
      `let n = 0;
       export const request = () => {
         Promise.reject(new Error("left alone"));
         setTimeout(() => { throw new Error("later"); }, 1);
         return { text: String(++n) };
       };`,
    );
    await run();
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.equal(Buffer.from((await run()).answer!.bytes).toString(), "2");
    assert.match(said.join("\n"), /left alone.*\n.*later/s);
  });
});
