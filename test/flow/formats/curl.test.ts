import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, test } from "node:test";
import { CURL } from "../../../src/flow/formats/curl.ts";
import { skipWithout } from "../../support/tool.ts";
import { type Exchange, head, record, scene } from "../scene.ts";

const skip = skipWithout("curl", "base64");

/** What reaches an origin when the commands for these requests are run. */
interface Case {
  readonly name: string;
  readonly exchange: Omit<Exchange, "host" | "port">;
  readonly sent?: string;
}

const HOST = "Host: AUTHORITY";
const cases: readonly Case[] = [
  { name: "a plain GET, and nothing of curl's own", exchange: { path: "/a?b=c&d=%20", requestFields: [HOST, "X: 1"] } },
  {
    name: "order, case, repeats and empty values",
    exchange: { requestFields: [HOST, "b: 2", "A: 1", "X-Empty: ", "a: 3", "User-Agent: me", "ACCEPT: */*"] },
  },
  {
    name: "quotes, dollars, backslashes and blanks in fields and target",
    exchange: { path: "/it's/$HOME/`x`?{a}[1-3]", requestFields: [HOST, "X: it's $HOME `id` \\ \" !"] },
  },
  { name: "dots in the path", exchange: { path: "/a/../b/./c", requestFields: [HOST] } },
  { name: "obs-text", exchange: { requestFields: [HOST, "X: \xc3\xa4"] } },
  {
    name: "text content with line ends and quotes",
    exchange: {
      method: "POST",
      requestFields: [HOST, "Content-Type: text/plain", "Content-Length: 17"],
      requestBody: "it's\r\n@file\n$x \\\\",
    },
    sent: "POST / HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Type: text/plain\r\nContent-Length: 17\r\n\r\nit's\r\n@file\n$x \\\\",
  },
  {
    name: "content without a type, by a method of its own",
    exchange: { method: "PROPFIND", requestFields: [HOST, "Content-Length: 2"], requestBody: "hi" },
    sent: "PROPFIND / HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Length: 2\r\n\r\nhi",
  },
  {
    name: "binary content",
    exchange: {
      method: "PUT",
      requestFields: [HOST, "Content-Length: 256"],
      requestBody: Uint8Array.from({ length: 256 }, (_, i) => i),
    },
    sent: `PUT / HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Length: 256\r\n\r\n${String.fromCharCode(...Array(256).keys())}`,
  },
  {
    name: "content that is too long for an argument",
    exchange: { method: "POST", requestFields: [HOST, "Content-Length: 200000"], requestBody: "x".repeat(200_000) },
    sent: `POST / HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Length: 200000\r\n\r\n${"x".repeat(200_000)}`,
  },
  { name: "HEAD", exchange: { method: "HEAD", requestFields: [HOST] } },
  { name: "DELETE without content", exchange: { method: "DELETE", requestFields: [HOST] } },
  { name: "another Host than the target's", exchange: { requestFields: ["Host: other.test"] } },
];

for (const { name, exchange, sent } of cases) {
  test(name, { skip }, async () => {
    const received: Buffer[] = [];
    const server = createServer(socket => {
      socket.on("data", chunk => {
        received.push(chunk);
        const all = Buffer.concat(received).toString("latin1");
        const end = all.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(all)?.[1] ?? 0);
        if (end >= 0 && all.length >= end + 4 + length) socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      });
    }).listen(0, "127.0.0.1");
    after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const here = (text: string): string => text.replaceAll("AUTHORITY", `127.0.0.1:${port}`);

    const { recorder, read } = await scene();
    const fields = exchange.requestFields!.map(here);
    record(recorder, { ...exchange, host: "127.0.0.1", port, requestFields: fields });
    const script = [...CURL.write((await read()).each(null), { version: "" })].join("");
    await run(script);

    const { method = "GET", path = "/" } = exchange;
    const expected = sent === undefined ? head(`${method} ${path} HTTP/1.1`, fields).toString("latin1") : here(sent);
    assert.deepEqual(lines(Buffer.concat(received).toString("latin1")), lines(expected), script);
  });
}

test("tunnels are left out; a body that was recorded in part is said to be", async () => {
  const { recorder, read } = await scene({ bodyLimit: 3 });
  record(recorder, { method: "CONNECT", path: "" });
  record(recorder, { method: "POST", requestBody: "abcdef" });
  const script = [...CURL.write((await read()).each(null), { version: "" })].join("");
  assert.match(script, /^# the content was recorded in part only\ncurl .* --data-raw abc\n$/);
});

/** Curl puts Host first, wherever it stands, and Content-Length where it likes: the order of the others counts. */
function lines(message: string): { start: string; host: string[]; others: string[]; body: string } {
  const end = message.indexOf("\r\n\r\n");
  const [start = "", ...fields] = message.slice(0, end).split("\r\n");
  const isOwn = (field: string): boolean => /^(host|content-length):/i.test(field);
  return {
    start,
    host: fields.filter(isOwn).sort(),
    others: fields.filter(field => !isOwn(field)).map(field => field.trimEnd()),
    body: message.slice(end + 4),
  };
}

async function run(script: string): Promise<void> {
  const env = { ...process.env, http_proxy: "", HTTP_PROXY: "", all_proxy: "" };
  const child = spawn("bash", ["-s"], { stdio: ["pipe", "ignore", "pipe"], env });
  let complaint = "";
  child.stderr.on("data", chunk => {
    complaint += chunk;
  });
  child.stdin.end(script);
  const [code] = await once(child, "exit");
  assert.equal(code, 0, `${complaint}\n${script}`);
}
