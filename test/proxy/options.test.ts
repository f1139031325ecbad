// What options of the command line change of a message.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startEngine } from "../support/engine.ts";
import { type Cleaner, rawClient } from "../support/raw-client.ts";
import { rawOrigin } from "../support/raw-origin.ts";

/** A reverse proxy before a raw origin; gives what the origin got of a request, or the answer if it got nothing. */
async function reverse(t: Cleaner, flags: Record<string, unknown>, request: string) {
  const origin = await rawOrigin(t);
  const engine = await startEngine(t, { flags: { mode: [`reverse:http://${origin.authority}@0`], ...flags } as never });
  const client = await rawClient(t, engine.port());
  client.send(request);
  const first = await Promise.race([origin.connection(), client.head()]);
  const head = typeof first === "string" ? first : await first.head();
  return { head, authority: origin.authority, engine };
}

describe("--keep-host", () => {
  it("without it the origin gets its own name", async t => {
    const { head, authority } = await reverse(t, {}, "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    assert.equal(head, `GET /a HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  });
  it("with it what the client said", async t => {
    const request = "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    assert.equal((await reverse(t, { "keep-host": true }, request)).head, request);
  });
});

describe("--lenient obs-fold=HOST", () => {
  const folded = "GET /a HTTP/1.1\r\nHost: x\r\nX-Long: one\r\n  two\r\n\r\n";
  it("a folded field is refused otherwise", async t => {
    assert.match((await reverse(t, {}, folded)).head, /^HTTP\/1\.1 400 /);
  });
  it("is taken, named on the flow and sent on in one line", async t => {
    const { head, engine } = await reverse(t, { lenient: ["obs-fold=127.0.*"], "keep-host": true }, folded);
    assert.equal(head, "GET /a HTTP/1.1\r\nHost: x\r\nX-Long: one two\r\n\r\n");
    await engine.close();
    assert.deepEqual(engine.flows[0]?.defects, ["obs-fold"]);
  });
  it("only for that host", async t => {
    assert.match((await reverse(t, { lenient: ["obs-fold=other.example"] }, folded)).head, /^HTTP\/1\.1 400 /);
  });
});
