import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { listen } from "../../src/net/listen.ts";

const folder = mkdtempSync(join(tmpdir(), "waylay-listen-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const take = (socket: Socket) => socket.destroy();

describe("a listener", () => {
  it("says which port 0 became, and is closed when it says so", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 }, 10, take);
    const { endpoint } = listener;
    assert.ok("port" in endpoint && endpoint.port > 0);
    await assert.rejects(listen(endpoint, 10, take), { code: "EADDRINUSE" });
    await listener.close();
    await (await listen(endpoint, 10, take)).close();
  });

  it("on a Unix socket is its owner's alone, and leaves no file", async () => {
    const unix = join(folder, "a.sock");
    const listener = await listen({ unix }, 10, take);
    assert.equal(statSync(unix).mode & 0o777, 0o600);
    await assert.rejects(listen({ unix }, 10, take), { code: "EADDRINUSE" });
    await listener.close();
    assert.equal(existsSync(unix), false);
  });

  it("takes the place of a socket that nobody answers, and of nothing else", async () => {
    const unix = join(folder, "stale.sock");
    abandon(unix);
    assert.ok(existsSync(unix));
    const listener = await listen({ unix }, 10, socket => socket.end("here"));
    const heard = await new Promise<string>(resolve => connect(unix).on("data", data => resolve(String(data))));
    assert.equal(heard, "here");
    await listener.close();
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    await assert.rejects(listen({ unix: file }, 10, take), { code: "EEXIST" });
  });
});

/** Leaves a socket file behind, as a process that was killed does. */
function abandon(path: string): void {
  const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
}
