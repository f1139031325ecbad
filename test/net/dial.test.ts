import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Deadlines } from "../../src/net/deadlines.ts";
import { type DialError, type Dialler, type DialTarget, dial, targetText } from "../../src/net/dial.ts";
import { pause } from "../support/peer.ts";
import { rawOrigin } from "../support/raw-origin.ts";

const origin = await rawOrigin({ after });
const dialler: Dialler = {
  deadlines: new Deadlines(() => performance.now(), 100),
  connectMs: 2_000,
  nextId: () => 1,
  now: () => Date.now(),
  watcher: { onClosed() {}, onBug() {} },
};
const attempt = (target: DialTarget) =>
  new Promise<DialError | null>(resolve => {
    dial(dialler, target, (error, conn) => {
      conn?.destroy();
      resolve(error);
    });
  });

describe("dialling", () => {
  it("a name that has IPv6 and IPv4 finds what listens on one of them", async () => {
    assert.equal(await attempt({ host: "localhost", port: origin.port }), null);
  });

  it("says when which step was done", async () => {
    await new Promise<void>(resolve => {
      dial(dialler, { host: "localhost", port: origin.port }, (_error, conn, times) => {
        conn?.destroy();
        assert.ok(times.start <= times.dnsEnd && times.dnsEnd <= times.connected);
        assert.equal(conn?.name, "localhost");
        resolve();
      });
    });
  });

  it("tells apart why it failed", async () => {
    assert.equal((await attempt({ host: "127.0.0.1", port: 1 }))?.code, "connect-refused");
    assert.equal((await attempt({ unix: "/nowhere/at.all" }))?.code, "connect-refused");
    assert.match((await attempt({ host: "no.such.name.invalid", port: 80 }))?.code ?? "", /^dns-/);
  });

  it("is not heard of any more once it was given up", async () => {
    let heard = 0;
    const giveUp = dial(dialler, { host: "127.0.0.1", port: origin.port }, () => heard++);
    giveUp();
    await pause(100);
    assert.equal(heard, 0);
  });

  it("writes targets as people do", () => {
    assert.equal(targetText({ host: "::1", port: 80 }), "[::1]:80");
    assert.equal(targetText({ host: "a", port: 80 }), "a:80");
    assert.equal(targetText({ unix: "/a" }), "/a");
  });
});
