// What rules make of the record, and which rules an exchange keeps.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { eventually, pause } from "../../support/peer.ts";
import { type Cleaner, rawClient, tlsClient } from "../../support/raw-client.ts";
import { rawOrigin } from "../../support/raw-origin.ts";
import { ruledEngine } from "./scene.ts";

const SECRET = "correct-horse-battery";
const DIGITS = "4111111111111111";

const engine = await ruledEngine({ after }, [
  { name: "tag", when: "path:/tag", tag: ["slow", "at ${path}"] },
  { name: "tag-late", when: "path:/tag status:200", tag: "ok" },
  { name: "color", when: "path:/color", color: "red" },
  { name: "comment", when: "path:/comment", comment: "see ${host}" },
  { name: "log", when: "path:/log", log: "${method} ${path}" },
  { name: "off", when: "path:/record/off", record: "off" },
  { name: "head", when: "path:/record/head", record: "head" },
  { name: "wait", when: "path:/pause", pause: "request" },
  {
    name: "redact",
    when: "path:/redact*",
    redact: {
      headers: ["Authorization", "X-Key"],
      cookies: ["session"],
      query: ["token"],
      json: ["user.password"],
      text: ["/\\d{16}/"],
    },
    request: { headers: { set: { "X-Edited": "1" } } },
    response: { headers: { set: { "X-Edited": "1" } } },
  },
  { name: "redact-late", when: "path:/late response.header.x-private:*", redact: { text: [SECRET] } },
  { name: "every second", when: "host:127.0.0.2", times: { every: 2 }, connection: { tls: "pass" } },
  { name: "linear", when: "path:/linear request.body:/^(a+)+$/", tag: "found" },
  { name: "linear edit", when: "path:/linear", request: { body: { replace: { find: "/(a|a)*(a*)*b/", with: "x" } } } },
]);

async function carry(t: Cleaner, path: string, answer: string, fields = "", content = "", method = "POST") {
  const origin = await rawOrigin(t);
  const client = await rawClient(t, engine.port());
  client.send(origin.request(method, path, `Content-Length: ${content.length}\r\n${fields}`, content));
  const there = await origin.connection();
  const head = await there.head();
  const arrived = await there.take(Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0));
  there.send(answer);
  await client.answer();
  return { arrived: head + arrived, client, there };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

describe("the record", () => {
  it("tag, by rules of either side", async t => {
    await carry(t, "/tag", OK);
    assert.deepEqual((await engine.flow(flow => flow.path === "/tag")).tags, ["slow", "at /tag", "ok"]);
  });
  it("color", async t => {
    await carry(t, "/color", OK);
    assert.equal((await engine.flow(flow => flow.path === "/color")).color, "red");
  });
  it("comment", async t => {
    await carry(t, "/comment", OK);
    assert.equal((await engine.flow(flow => flow.path === "/comment")).comment, "see 127.0.0.1");
  });
  it("log", async t => {
    await carry(t, "/log", OK);
    assert.ok(engine.said.includes("POST /log"));
  });
  it("record: off keeps nothing, head no content", async t => {
    await carry(t, "/record/off", OK, "", SECRET);
    await carry(t, "/record/head", OK, "", "content");
    const { id } = await engine.flow(flow => flow.path === "/record/head");
    const { flow, request } = await engine.recorded(id);
    assert.equal(request.length, 0);
    assert.deepEqual([flow.request.body.size, flow.requestBytes, flow.request.head === null], [7, 7, false]);
    assert.ok(!engine.flows.some(each => each.path === "/record/off"));
  });
  it("pause holds the request until somebody says go on", async t => {
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/pause"));
    await pause(200);
    assert.equal(origin.peers.length, 0);
    client.close();
  });
});

describe("redact", () => {
  it("the secret goes through and is nowhere in the session file", async t => {
    const json = JSON.stringify({ user: { name: "me", password: SECRET } });
    const coded = gzipSync(JSON.stringify({ card: DIGITS, user: { password: SECRET } }));
    const fields =
      `authorization: Bearer ${SECRET}\r\nX-KEY: ${SECRET}\r\nx-key: ${SECRET}\r\nCookie: a=1; session=${SECRET}\r\n` +
      "Content-Type: application/json\r\n";
    const answer =
      `HTTP/1.1 200 OK\r\nSet-Cookie: session=${SECRET}; Path=/\r\nX-Card: ${DIGITS}\r\nContent-Encoding: gzip\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${coded.length}\r\n\r\n${coded.toString("latin1")}`;
    const { arrived } = await carry(t, `/redact?a=1&token=${SECRET}`, answer, fields, json);
    assert.equal(arrived.split(SECRET).length - 1, 6);
    const form = { type: "Content-Type: text/plain\r\n", content: `card ${DIGITS}` };
    await carry(t, "/redact/text", OK, form.type, form.content);
    await carry(t, "/late", `HTTP/1.1 200 OK\r\nX-Private: 1\r\nContent-Length: ${SECRET.length}\r\n\r\n${SECRET}`);
    await engine.flow(flow => flow.path.startsWith("/late"));
    const seen = await engine.flow(flow => flow.path.startsWith("/redact?"));
    assert.equal(seen.path, "/redact?a=1&token=%5Bredacted%5D");
    const { flow, request } = await engine.recorded(seen.id);
    assert.match(request.toString(), /"name":"me","password":"\[redacted\]"/);
    assert.match(Buffer.from(flow.request.original?.head ?? "", "base64").toString(), /authorization: \[redacted\]/);
    // Another flow behind it in the queue: what was to be written has been.
    await carry(t, "/tag", OK);
    const { session } = engine.gateway.ready;
    await pause(300);
    for (const file of [session, `${session}-wal`]) {
      const bytes = readFileSync(file, { flag: "a+" });
      for (const secret of [SECRET, DIGITS]) assert.ok(!bytes.includes(secret), `${secret} in ${file}`);
    }
  });
});

describe("times and samples", () => {
  it("count a tunnel once, though it is decided at CONNECT and again at its client hello", async t => {
    const origin = await rawOrigin(t, {
      host: "127.0.0.2",
      tls: engine.certificates.server("two", { san: "IP:127.0.0.2" }),
    });
    const issuers: string[] = [];
    for (let i = 0; i < 4; i++) {
      const options = { rejectUnauthorized: false, servername: "x.test" };
      const { socket } = await tlsClient(t, engine.port(), `127.0.0.2:${origin.port}`, options);
      const { issuer } = (socket as import("node:tls").TLSSocket).getPeerCertificate();
      issuers.push(issuer.CN === "Test Origins" ? "passed" : "decrypted");
    }
    assert.deepEqual(issuers, ["decrypted", "passed", "decrypted", "passed"]);
  });

  it("--pass by the name in the client hello", async t => {
    const passing = await ruledEngine(t, [], {}, { pass: ["*.localhost"] });
    const origin = await rawOrigin(t, { tls: passing.certificates.server("own") });
    const options = { servername: "a.localhost", ca: readFileSync(passing.certificates.file("root.pem")) };
    // The server's own certificate is seen: nobody stands between.
    await tlsClient(t, passing.port(), `127.0.0.1:${origin.port}`, options);
  });
});

describe("a regex that would explode elsewhere", () => {
  it("takes linear time, as a term and as an edit", async t => {
    const content = `${"a".repeat(200_000)}!`;
    const started = performance.now();
    const { arrived } = await carry(t, "/linear", OK, "Content-Type: text/plain\r\n", content);
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
    assert.ok(arrived.endsWith(content));
    assert.deepEqual((await engine.flow(flow => flow.path === "/linear")).rules, ["linear edit"]);
  });
});

describe("rules that are saved while requests run", () => {
  it("an exchange keeps the rules it began with; the next has the new ones", async t => {
    const engine = await ruledEngine(t, [{ name: "r", when: "*", response: { headers: { set: { X: "old" } } } }]);
    const origin = await rawOrigin(t);
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/"));
    const there = await origin.connection();
    await there.head();
    const file = join(engine.rulesFolder, "rules.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("old", "new"));
    await eventually(() => engine.said.some(line => line.startsWith("rules reloaded")));
    there.send(OK);
    assert.match((await client.answer()).head, /\r\nX: old\r\n/);
    client.send(origin.get("/"));
    await there.head();
    there.send(OK);
    assert.match((await client.answer()).head, /\r\nX: new\r\n/);
  });
});
