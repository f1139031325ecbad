import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pruneSessions } from "../../../src/flow/store/retention.ts";
import { openStore } from "../../../src/flow/store/store.ts";
import { scene, scratch } from "../scene.ts";

/** Sessions of about 115 kB each, one a day. */
async function folderOf(days: number): Promise<{ folder: string; files: string[] }> {
  const folder = scratch();
  const files: string[] = [];
  for (let day = 1; day <= days; day++) {
    const file = join(folder, `2030-01-0${day}.waylay`);
    await (await openStore({ file, onProblem: assert.fail })).close();
    files.push(file);
  }
  return { folder, files };
}

test("the oldest go until the rest fits, with what stands beside them", async () => {
  const { folder, files } = await folderOf(4);
  writeFileSync(`${files[0]}-wal`, "");
  const removed = pruneSessions(folder, 300_000, files[3]!);
  assert.deepEqual(removed, files.slice(0, 2));
  assert.deepEqual(readdirSync(folder).sort(), ["2030-01-03.waylay", "2030-01-04.waylay"]);
});

test("nothing goes while everything fits", async () => {
  const { folder, files } = await folderOf(2);
  assert.deepEqual(pruneSessions(folder, 10_000_000_000, files[1]!), []);
});

test("the live one stays, even if it is the oldest and all that is left", async () => {
  const { folder, files } = await folderOf(2);
  assert.deepEqual(pruneSessions(folder, 0, files[0]!), [files[1]]);
  assert.ok(existsSync(files[0]!));
});

test("a session that is being recorded to, and files that are no sessions, stay", async () => {
  const { folder, files } = await folderOf(1);
  const notes = join(folder, "2029-notes.waylay");
  writeFileSync(notes, "mine");
  const { file } = await scene({}, { file: join(folder, "2029-12-31.waylay") });
  assert.deepEqual(pruneSessions(folder, 0, join(folder, "none")), files);
  assert.ok(existsSync(notes) && existsSync(file));
});
