import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openSession } from "../../../src/flow/store/session.ts";
import { scratch } from "../scene.ts";

/** Records without end until it is killed; says each flow's id at its end. */
const CHILD = fileURLToPath(new URL("kill-child.ts", import.meta.url));

test("kill -9: every flow that ended half a second before is there, whole, and the file is sound", async () => {
  const file = join(scratch(), "killed.waylay");
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, file], { stdio: ["ignore", "pipe", "inherit"] });
  const ended: { id: number; at: number }[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", line => ended.push({ id: Number(line), at: performance.now() }));
  const exited = new Promise(resolve => child.once("exit", resolve));
  while (ended.length < 300) await sleep(20);
  await sleep(1200); // long enough for the flow that never ends to be written as active
  const killedAt = performance.now();
  child.kill("SIGKILL");
  await exited;

  const session = openSession(file);
  const safe = ended.filter(({ at }) => at < killedAt - 500);
  assert.ok(safe.length > 300);
  for (const { id } of safe) {
    const flow = session.get(id);
    assert.equal(flow?.state, "complete", `flow ${id}`);
    assert.equal(session.body(id, "response")!.bytes.toString(), `body of ${id}`);
  }
  const endless = session.get(1)!;
  assert.equal(endless.state, "active");
  assert.equal(session.body(1, "response")!.bytes.toString(), "so far");
  session.close();
});
