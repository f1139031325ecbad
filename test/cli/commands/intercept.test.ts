// `waylay intercept` at work on a running gateway, typed at by a test.
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import type { Lines } from "../../../src/cli/io.ts";
import { run } from "../../../src/cli/main.ts";
import { startScene } from "../../control/scene.ts";
import { notedIo } from "../../support/io.ts";
import { eventually } from "../../support/peer.ts";

const scene = await startScene({ after });
const { engine, client, via } = scene;

/** Somebody at a terminal. */
function typist(): { lines: Lines; type(line: string): void; end(): void } {
  const waiting: (string | null)[] = [];
  let wake = () => {};
  const lines = async function* () {
    for (;;) {
      const line = waiting.shift();
      if (line === null) return;
      if (line === undefined) await new Promise<void>(resolve => (wake = resolve));
      else yield line;
    }
  };
  const put = (line: string | null) => {
    waiting.push(line);
    wake();
  };
  return {
    lines: Object.assign(lines(), { pause() {}, resume() {}, close() {} }),
    type: put,
    end: () => put(null),
  };
}

function sitDown(...args: string[]) {
  const editor = join(engine.home, "editor.sh");
  writeFileSync(editor, "#!/bin/sh\nsed -i -e 's/X-Old: 1/X-Edited: yes/' -e 's/hello/bye/' \"$1\"\n");
  chmodSync(editor, 0o700);
  const { lines, type, end } = typist();
  const io = Object.assign(notedIo({ env: { EDITOR: editor } }), {
    lines: () => lines,
    untilStopped: () => new Promise<void>(() => {}),
  });
  const done = run(["node", "waylay", "intercept", "--home", engine.home, ...args], io);
  const said = (what: RegExp) => eventually(() => what.test(io.stdout + io.stderr));
  return { io, type, end, done, said };
}

it("holds, shows, edits in $EDITOR, lets go, answers, drops; and leaves no breakpoint behind", async () => {
  const person = sitDown("path:/anything/*", "method:POST");
  await person.said(/help shows/);
  const headers = { "X-Old": "1" };
  const first = via("/anything/one", { method: "POST", headers }, "hello");
  await person.said(/request .*\/anything\/one/);

  person.type("show");
  await person.said(/X-Old: 1[\s\S]*hello/);
  person.type("edit");
  await person.said(/go \d+ sends it/);
  person.type("nonsense");
  await person.said(/"nonsense" is none of ls, show/);
  person.type("go");
  const echo = JSON.parse((await first).body.toString());
  assert.equal(echo.body.text, "bye");
  assert.match(JSON.stringify(echo), /X-Edited/i);

  const second = via("/anything/two", { method: "POST" }, "x");
  await person.said(/anything\/two/);
  const id = (await client.call("intercept.list", {})).flows[0]!.id;
  person.type(`answer ${id} 418 short and stout`);
  const answer = await second;
  assert.equal(answer.status, 418);
  assert.equal(answer.body.toString(), "short and stout");

  const third = via("/anything/three", { method: "POST" }, "x");
  await person.said(/anything\/three/);
  person.type("drop");
  await assert.rejects(third);

  const fourth = via("/anything/four", { method: "POST" }, "x");
  await person.said(/anything\/four/);
  person.type("quit");
  await person.done;
  assert.equal((await fourth).status, 200);
  assert.equal((await via("/anything/five", { method: "POST" }, "x")).status, 200);
  assert.equal(person.io.exitCode, 0);
});

it("says what is wrong with how it was called", async () => {
  const filter = sitDown("nokey:x");
  await filter.done;
  assert.match(filter.io.stderr, /column 1/);
  assert.equal(filter.io.exitCode, 2);
  const timeout = sitDown("--timeout", "soon");
  await timeout.done;
  assert.match(timeout.io.stderr, /--timeout: "soon" is no duration/);
  assert.equal(timeout.io.exitCode, 2);
});
