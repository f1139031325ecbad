// The MCP server, asked by the SDK's own client: in this process, and as the program that a model's host starts.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { connectControl } from "../../src/control/connect.ts";
import { mcpServer } from "../../src/control/mcp/server.ts";
import { rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";
import { startScene } from "./scene.ts";

const scene = await startScene({ after });

async function model(redact: boolean, path = scene.socketPath) {
  const server = mcpServer({ version: "0", connect: () => connectControl(path), redact });
  const client = new Client({ name: "test", version: "0" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs);
  await client.connect(ours);
  after(() => client.close());
  return {
    client,
    async use(name: string, args: Record<string, unknown> = {}): Promise<string> {
      const { content, isError } = await client.callTool({ name, arguments: args });
      const [{ text }] = content as [{ text: string }];
      return isError ? `ERROR ${text}` : text;
    },
  };
}

const { client, use } = await model(true);
const open = await model(false);

/** An exchange with secrets on every side of it. */
async function secretive(t: { after(f: () => unknown): void }) {
  const origin = await rawOrigin(t, {
    serve: async peer => {
      await peer.head();
      const body = JSON.stringify({ user: "ann", token: "s3cret-body", list: "x".repeat(9000) });
      peer.send(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: sid=s3cret-set; Path=/\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    },
  });
  const asked = await rawClient(t, scene.engine.port());
  asked.send(
    origin.get(
      "/login?api_key=s3cret-query&page=2",
      "Authorization: Bearer s3cret-auth\r\nCookie: a=s3cret-cookie\r\n",
    ),
  );
  return (await scene.engine.flow(flow => flow.path.startsWith("/login"))).id;
}

describe("waylay's tools", () => {
  it("are listed with what they take and whether they change something", async () => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).sort(), [
      "annotate_flows",
      "diff_flows",
      "explain_flow",
      "get_flow",
      "list_flows",
      "read_body",
      "replay_flow",
      "status",
      "wait_for_flow",
    ]);
    for (const { name, description, inputSchema, annotations } of tools) {
      assert.ok(description!.length > 30, name);
      assert.equal(inputSchema.type, "object");
      assert.equal(annotations?.readOnlyHint, !["annotate_flows", "replay_flow"].includes(name));
    }
    assert.match(client.getInstructions()!, /never instructions/);
  });

  it("list flows a line each, by filter, and say how to go on", async () => {
    for (const n of [1, 2, 3]) await scene.via(`/status/404?list=${n}`);
    const lines = (await use("list_flows", { filter: "status:404", limit: 2 })).split("\n");
    assert.match(
      lines[0]!,
      /^#\d+ GET http:\/\/127\.0\.0\.1:\d+\/status\/404\?list=3 → 404 Not Found, .*\d+ B, \d+ ms$/,
    );
    assert.match(lines[2]!, /^\(more: before: \d+\)$/);
    assert.equal(await use("list_flows", { filter: "host:nowhere.test" }), "no flow matches");
    assert.match(await use("list_flows", { filter: "statsu:404" }), /^ERROR .*column 1.*status/);
    assert.match(await use("list_flows", { limit: 9999 }), /limit/);
    assert.match(await use("status"), /proxy: regular at 127\.0\.0\.1:\d+\nflows: \d+ recorded/);
  });

  it("show no secrets unless they are told to", async t => {
    const id = await secretive(t);
    const shown = [
      await use("list_flows", { filter: `id:${id}` }),
      await use("get_flow", { id }),
      await use("read_body", { id, length: 100 }),
      await use("explain_flow", { id }),
    ];
    assert.doesNotMatch(shown.join("\n"), /s3cret/);
    assert.match(shown[0]!, /\?api_key=\[redacted\]&page=2 /);
    assert.match(
      shown[1]!,
      /\nAuthorization: Bearer \[redacted\]\nCookie: a=\[redacted\]\n[\s\S]*\nSet-Cookie: sid=\[redacted\]; Path=\/\n/,
    );
    assert.match(shown[2]!, /^\{"user":"ann","token":"\[redacted\]"/);
    const whole = [await open.use("get_flow", { id }), await open.use("read_body", { id })].join("\n");
    for (const secret of ["query", "auth", "cookie", "set", "body"])
      assert.match(whole, new RegExp(`s3cret-${secret}`));
  });

  it("read bodies in slices that make up the whole", async () => {
    await scene.via("/get?slices=1");
    const { id } = await scene.engine.flow(flow => flow.path === "/get?slices=1");
    const whole = await open.use("read_body", { id, length: 20_000 });
    let text = "";
    for (let offset = 0; ; ) {
      const slice = await open.use("read_body", { id, offset, length: 100 });
      const more = /\n\(characters \d+ to \d+ of \d+; go on with offset: (\d+)\)$/.exec(slice);
      text += more === null ? slice : slice.slice(0, more.index);
      if (more === null) break;
      offset = Number(more[1]);
    }
    assert.equal(text, whole);
    await scene.via("/download/1000");
    const binary = await scene.engine.flow(flow => flow.path === "/download/1000");
    assert.match(await use("read_body", { id: binary.id }), /1000 bytes that are no text/);
    assert.match(await use("read_body", { id: binary.id, side: "request" }), /the request has no body/);
    assert.match(await use("read_body", { id: 99_999 }), /^ERROR there is no flow 99999/);
  });

  it("explain a failure: whose fault it was, and what to look at", async t => {
    const asked = await rawClient(t, scene.engine.port());
    asked.send("GET http://127.0.0.1:1/nobody HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n");
    const { id } = await scene.engine.flow(flow => flow.path === "/nobody");
    const said = await use("explain_flow", { id });
    assert.match(said, /It failed \(connect-refused.*\): .*refused the connection/);
    assert.match(said, /Is the server running/);
    await scene.via("/delay/0.05");
    const slow = await scene.engine.flow(flow => flow.path.startsWith("/delay"));
    assert.match(await use("explain_flow", { id: slow.id }), /Most went into wait \(the server's thinking\)/);
  });

  it("wait for a flow that matches, or say that none came", async () => {
    const waiting = use("wait_for_flow", { filter: "path:/status/418 response.header.content-type:*", seconds: 10 });
    const twoAtOnce = use("wait_for_flow", { filter: "status:418", seconds: 10 });
    while ((await scene.client.call("status", {})).subscribers < 2)
      await new Promise(resolve => setTimeout(resolve, 5));
    await scene.via("/status/200");
    await scene.via("/status/418");
    assert.match(await waiting, /^#\d+ GET .*\/status\/418 → 418/);
    assert.match(await twoAtOnce, /→ 418/);
    assert.equal(await use("wait_for_flow", { filter: "status:419", seconds: 0.1 }), "no flow matched within 0.1 s");
    assert.equal((await scene.client.call("status", {})).subscribers, 0);
  });

  it("send a request again with edits, and compare the answers", async () => {
    await scene.via("/headers?replay=1", { headers: { "X-Keep": "1", "X-Gone": "2", Authorization: "Bearer s3cret" } });
    const { id } = await scene.engine.flow(flow => flow.path === "/headers?replay=1");
    const line = await use("replay_flow", {
      id,
      headers: { "x-gone": null, "X-New": "3", authorization: "Bearer 0ther" },
    });
    const again = Number(/^#(\d+) GET .*replay=1 → 200 OK/.exec(line)?.[1]);
    assert.ok(again > id, line);
    const { flow } = await scene.client.call("flows.get", { id: again });
    const sent = new Map(flow.request.headers.map(([name, value]) => [name.toLowerCase(), value]));
    assert.deepEqual([sent.get("x-keep"), sent.get("x-gone"), sent.get("x-new")], ["1", undefined, "3"]);
    const said = await use("diff_flows", { a: id, b: again });
    assert.match(said, /^request X-Gone: 2 → \(none\)$/m);
    assert.match(said, /^request X-New: \(none\) → 3$/m);
    assert.match(said, /^request authorization: differs$/im);
    assert.doesNotMatch(said, /s3cret|0ther/);
    assert.equal(await use("diff_flows", { a: id, b: id }), "they are the same but for times");
  });

  it("note something on flows", async () => {
    await scene.via("/get?noted=1");
    const { id } = await scene.engine.flow(flow => flow.path === "/get?noted=1");
    assert.equal(await use("annotate_flows", { ids: [id], tags: ["seen"] }), "noted on 1 flows");
    assert.match(await use("list_flows", { filter: "tag:seen" }), /tags seen/);
  });

  it("without a waylay the server stays, and says so", async () => {
    const alone = await model(true, "/nowhere/control.sock");
    assert.match(await alone.use("status"), /^ERROR .*ENOENT/);
  });
});
