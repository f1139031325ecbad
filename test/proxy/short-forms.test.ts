// `--set-header` and its like, through the engine: on the wire, before the rules of files, and faults before anything starts.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/config/error.ts";
import { startEngine } from "../support/engine.ts";
import { type Cleaner, rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

function temporary(test: Cleaner): string {
  const folder = mkdtempSync(join(tmpdir(), "waylay-short-"));
  test.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("short forms", () => {
  it("edit what goes to the server, and the answer to an answered request too", async t => {
    const origin = await rawOrigin(t);
    const folder = temporary(t);
    mkdirSync(join(folder, "site"));
    writeFileSync(join(folder, "site", "a.txt"), "local\n");
    const engine = await startEngine(t, {
      flags: {
        "set-header": ["path:/wire=X-Debug: 1"],
        "remove-header": ["*=User-Agent"],
        "map-local": [`path:/site/*=${join(folder, "site")}`],
        block: ["path:/blocked"],
        plain: true,
        cors: true,
      },
    });
    const client = await rawClient(t, engine.port());
    client.send(origin.get("/wire", "User-Agent: x\r\nAccept-Encoding: br\r\nOrigin: http://page.test\r\n"));
    const there = await origin.connection();
    assert.equal(
      await there.head(),
      `GET /wire HTTP/1.1\r\nHost: ${origin.authority}\r\nAccept-Encoding: identity\r\nOrigin: http://page.test\r\nX-Debug: 1\r\n\r\n`,
    );
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert.match((await client.answer()).head, /Access-Control-Allow-Origin: http:\/\/page\.test\r\n/);

    client.send(origin.get("/site/a.txt", "Origin: http://page.test\r\n"));
    const local = await client.answer();
    assert.match(local.head, /^HTTP\/1\.1 200 .*Access-Control-Allow-Origin: http:\/\/page\.test\r\n/s);
    assert.equal(String(local.content), "local\n");

    client.send(origin.get("/blocked"));
    assert.match((await client.answer()).head, /^HTTP\/1\.1 403 /);
    const flow = await engine.flow(each => each.path === "/blocked");
    assert.deepEqual(flow.rules, ["--remove-header", "--plain", "--cors", "--block"]);
  });

  it("--map-remote sends elsewhere, path and query with it", async t => {
    const origin = await rawOrigin(t);
    const engine = await startEngine(t, { flags: { "map-remote": [`host:prod.test=http://${origin.authority}`] } });
    const client = await rawClient(t, engine.port());
    client.send("GET http://prod.test/a?b HTTP/1.1\r\nHost: prod.test\r\n\r\n");
    assert.equal(await (await origin.connection()).head(), `GET /a?b HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`);
  });

  it("run before the rules of files", async t => {
    const folder = temporary(t);
    writeFileSync(join(folder, "r.yaml"), "rules: [{ name: file, when: '*', answer: { status: 201 } }]\n");
    const engine = await startEngine(t, { flags: { rules: [join(folder, "r.yaml")], block: ["*"] } });
    const client = await rawClient(t, engine.port());
    client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert.match((await client.answer()).head, /^HTTP\/1\.1 403 /);
  });

  it("with a fault nothing starts, and the fault has its caret", async t => {
    await assert.rejects(
      startEngine(t, { flags: { block: ["path:/a", "hots:b"] } }),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.message === "--block: unknown key hots; did you mean host?" &&
        error.detail.startsWith("  hots:b\n  ^^^^\n  expected one of method, "),
    );
  });
});
