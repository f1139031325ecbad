import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { FLAG_REPLAYED, FLAG_TUNNEL } from "../../../src/flow/row.ts";
import type { Session } from "../../../src/flow/store/session.ts";
import { subjectOf } from "../../../src/flow/subject.ts";
import type { Filter } from "../../../src/match/ast.ts";
import { compileFilter } from "../../../src/match/compile.ts";
import { parseFilter } from "../../../src/match/parse.ts";
import { begin, record, scene } from "../scene.ts";

const session = await fewFlows();

const ids = (text: string): number[] => session.list(filter(text), { order: "asc" }).map(flow => flow.id);

const cases: readonly (readonly [filter: string, ids: readonly number[]])[] = [
  ["method:POST", [2]],
  ["-method:GET", [2, 6]],
  ["host:*.example.test", [2]],
  ["host:EXAMPLE.test", [1, 3, 4, 7, 8]],
  ["path:/one", [1]],
  ["path:/seven", []],
  ["path:/Seven", [7]],
  ["query.debug:1", [1]],
  ["query.x:ä", [7]],
  ["status:>=400", [3, 4]],
  ["status:5xx OR status:404", [3, 4]],
  ["-status:200", [3, 4, 5]],
  ["type:application/json", [1, 4]],
  ["type:text/event-stream", [7]],
  ["size:>=5kB", [7]],
  ["size:0", [2, 3, 6, 8]],
  ["-size:0", [1, 4, 5, 7]],
  ["port:443", [3]],
  ["scheme:https", [3]],
  ["-scheme:http", [3, 6]],
  ["url:*three", [3]],
  ["mode:regular id:2..3", [2, 3]],
  ["is:error", [5, 8]],
  ["is:tunnel", [6]],
  ["is:replayed", [7]],
  ["is:sse", [7]],
  ["-is:sse -is:tunnel -is:error", [1, 2, 3, 4]],
  ["error:*refused", [5]],
  ["rule:no-*", [7]],
  ["tag:todo", [7]],
  ["-tag:todo id:>6", [8]],
  ["comment:*this", [7]],
  ["response.header.x-server:nginx", [4]],
  ["header.host:*api*", [2]],
  ["cookie.theme:dark", [7]],
  ["response.body:*needle*", [1, 4]],
  ["body:*needle*", [1, 2, 4]],
  ["needle", [1, 2, 4]],
  ["needle status:200", [1, 2]],
  ["server:example.test", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["process:curl", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["tls:TLSv1.3", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["time:<2001-01-01", []],
];

for (const [text, expected] of cases) {
  test(text, () => {
    assert.deepEqual(ids(text), expected);
    assert.equal(session.count(filter(text)), expected.length);
  });
}

test("SQL and predicate say the same of every flow", () => {
  for (const [text] of cases) {
    const matches = compileFilter(filter(text));
    const judged = session
      .list(null, { order: "asc" })
      .filter(flow => matches(subjectOf(flow, session.find(flow.id)!)));
    assert.deepEqual(
      ids(text),
      judged.map(flow => flow.id),
      text,
    );
  }
});

test("the newest comes first, pages go on from either end", () => {
  const list = (options: Parameters<Session["list"]>[1], text?: string): number[] =>
    session.list(text === undefined ? null : filter(text), options).map(flow => flow.id);
  assert.deepEqual(list({ limit: 3 }), [8, 7, 6]);
  assert.deepEqual(list({ limit: 3, before: 6 }), [5, 4, 3]);
  assert.deepEqual(list({ limit: 2, order: "asc", after: 3 }), [4, 5]);
  assert.deepEqual(list({ limit: 2, order: "asc" }, "needle"), [1, 2]);
  assert.deepEqual(list({ limit: 0 }), []);
  assert.deepEqual(list({ before: 1 }), []);
});

test("bodies decoded, in ranges, and of flows that are not there", () => {
  assert.equal(session.body(4, "response", { decoded: true })!.bytes.toString(), '{"deep":"needle"}');
  assert.equal(session.body(4, "response")!.bytes[0], 0x1f);
  assert.deepEqual(session.body(4, "response", { decoded: true, range: [2, 6] }), {
    bytes: Buffer.from("deep"),
    total: 17,
    contentType: "application/json",
    encoding: "gzip",
  });
  assert.equal(session.body(1, "request")!.total, 0);
  assert.equal(session.body(99, "request"), undefined);
  assert.equal(session.get(99), undefined);
  assert.equal(session.find(99), undefined);
});

test("a list of a few out of many reads no more than it shows", async () => {
  const { recorder, read } = await scene();
  for (let i = 0; i < 2000; i++) record(recorder, { path: `/${i % 10}`, status: i % 100 === 7 ? 500 : 200 });
  const many = await read();
  assert.deepEqual(
    many.list(filter("status:500"), { limit: 3 }).map(flow => flow.id),
    [1908, 1808, 1708],
  );
  assert.equal(many.count(filter("url:*/7")), 200);
});

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? "" : parsed.error.message}`);
  return parsed.filter;
}

async function fewFlows(): Promise<Session> {
  const { recorder, read } = await scene();
  const json = ["Content-Type: application/json"];
  record(recorder, { path: "/one?debug=1", responseFields: json, responseBody: '{"a":"needle"}' });
  record(recorder, { method: "POST", host: "api.example.test", path: "/two", requestBody: "hay needle hay" });
  record(recorder, { scheme: "https", port: 443, path: "/three", status: 404, reason: "Not Found" });
  record(recorder, {
    path: "/four",
    status: 503,
    responseFields: [...json, "Content-Encoding: gzip", "X-Server: nginx"],
    responseBody: gzipSync('{"deep":"needle"}'),
  });
  const failed = begin(recorder, { host: "gone.test", path: "/five", status: 0 });
  failed.error("connect-refused", "nobody listens", "server");
  failed.finish("error");
  const tunnel = begin(recorder, { method: "CONNECT", scheme: "", host: "ssh.test", port: 22, path: "" });
  tunnel.flags |= FLAG_TUNNEL;
  tunnel.finish("complete");
  const ruled = begin(recorder, {
    path: "/Seven?x=%C3%A4",
    requestFields: ["Host: x", "Cookie: session=abc; theme=dark"],
    responseFields: ["Content-Type: text/event-stream; charset=utf-8"],
    responseBody: "x".repeat(5000),
  });
  ruled.rule("no-cache");
  ruled.tag("todo");
  ruled.extraNotes().comment = "look at this";
  ruled.flags |= FLAG_REPLAYED;
  ruled.finish("complete");
  begin(recorder, { path: "/eight" }).finish("error");
  return read();
}
