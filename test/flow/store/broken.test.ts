import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import { StoreError, type StoreErrorCode } from "../../../src/flow/store/error.ts";
import { openSession } from "../../../src/flow/store/session.ts";
import { openStore } from "../../../src/flow/store/store.ts";
import { record, scene, scratch } from "../scene.ts";

/** Both ways in refuse the file with this code, in one line that names it. */
async function assertRefused(file: string, code: StoreErrorCode, writeCode: StoreErrorCode = code): Promise<void> {
  assert.throws(() => openSession(file), isError(file, code));
  await assert.rejects(openStore({ file, onProblem: assert.fail }), isError(file, writeCode));
}

function isError(file: string, code: StoreErrorCode): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(file), error.message);
    assert.ok(!error.message.includes("\n"), error.message);
    return true;
  };
}

test("a file that is no database", async () => {
  const file = join(scratch(), "notes.waylay");
  writeFileSync(file, "Dear diary, today I intercepted nothing.\n".repeat(100));
  await assertRefused(file, "not-a-session");
  assert.match(readFileSync(file, "utf8"), /^Dear diary/);
});

test("a file of a few bytes", async () => {
  const file = join(scratch(), "short.waylay");
  writeFileSync(file, "x");
  await assertRefused(file, "not-a-session");
});

test("a database of another program", async () => {
  const file = join(scratch(), "other.waylay");
  const db = new Database(file);
  db.exec("CREATE TABLE flow (id INTEGER)");
  db.close();
  await assertRefused(file, "not-a-session");
});

test("a session of another version", async () => {
  const { file, store } = await scene();
  await store.close();
  const db = new Database(file);
  db.exec("PRAGMA user_version = 99");
  db.close();
  await assertRefused(file, "other-version");
});

test("a folder", async () => {
  const file = join(scratch(), "folder.waylay");
  mkdirSync(file);
  await assertRefused(file, "unwritable", "unwritable");
});

test("a folder that does not exist", async () => {
  const file = join(scratch(), "missing", "a.waylay");
  assert.throws(() => openSession(file), isError(file, "not-found"));
  await assert.rejects(openStore({ file, onProblem: assert.fail }), { code: "not-found" });
});

test("a place where nobody may write", async () => {
  const file = "/proc/a.waylay";
  await assert.rejects(openStore({ file, onProblem: assert.fail }), (error: StoreError) => {
    assert.ok(error instanceof StoreError);
    assert.ok(["unwritable", "not-found"].includes(error.code), error.message);
    return true;
  });
});

test("a session of which the second half is missing says so when it is read", async () => {
  const { file, store, recorder } = await scene();
  for (let i = 0; i < 500; i++) record(recorder, { responseBody: "x".repeat(1000) });
  await store.close();
  truncateSync(file, 200_000);
  assert.throws(
    () => {
      const session = openSession(file);
      try {
        for (const { id } of session.list(null)) session.get(id);
      } finally {
        session.close();
      }
    },
    isError(file, "broken"),
  );
});

test("an empty file becomes a session", async () => {
  const file = join(scratch(), "empty.waylay");
  writeFileSync(file, "");
  const { recorder, read } = await scene({}, { file });
  record(recorder);
  assert.equal((await read()).count(null), 1);
});

test("a session that another process records to", async () => {
  const { file } = await scene();
  const script = `
    import { openStore } from ${JSON.stringify(fileURLToPath(new URL("../../../src/flow/store/store.ts", import.meta.url)))};
    try { await openStore({ file: ${JSON.stringify(file)}, onProblem: console.error }); console.log("opened"); }
    catch (error) { console.log(error.code, error.message); }
    process.exit();`;
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.match(stdout, /^in-use .* is being recorded to by process \d+/);
});

test("a disk with less room than is to be left free: recording stops, said once, the engine goes on", async () => {
  const { recorder, store, problems, file } = await scene({}, { diskFreeBytes: Number.MAX_SAFE_INTEGER });
  for (let i = 0; i < 3; i++) {
    record(recorder);
    await store.flush();
  }
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /^recording stopped: less than \d+ MB are free on the disk of /);
  const session = openSession(file);
  assert.equal(session.count(null), 0);
  session.close();
});

test("a session file that is taken away: said once, the engine goes on", async () => {
  const { recorder, store, problems, file } = await scene();
  record(recorder);
  await store.flush();
  rmSync(file);
  await sleep(2100); // it is looked for every two seconds
  for (let i = 0; i < 3; i++) {
    record(recorder);
    await store.flush();
  }
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /is gone/);
});

test("a disk that refuses to take more: said once, the process lives, what was written before is there", () => {
  const file = join(scratch(), "full.waylay");
  const child = fileURLToPath(new URL("full-disk-child.ts", import.meta.url));
  // A limit on the size of files stands for the full disk; the signal that comes with it is ignored, as a full disk sends none.
  const command = 'trap "" XFSZ; ulimit -f 2000; exec "$@"';
  const { stdout, stderr } = spawnSync(
    "bash",
    ["-c", command, "bash", process.execPath, "--import", "tsx", child, file],
    {
      encoding: "utf8",
    },
  );
  const { problems, flushed } = JSON.parse(stdout || `{"problems":["${stderr}"]}`);
  assert.equal(flushed, true);
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(problems[0], /^recording failed: /);
  const session = openSession(file);
  const count = session.count(null);
  assert.ok(count > 100 && count < 20_000, `${count} flows`);
  session.get(1);
  session.close();
});
