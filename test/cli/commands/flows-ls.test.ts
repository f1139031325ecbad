// `waylay flows ls --follow`: the list, then what ends from then on, each flow once.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { startScene } from "../../control/scene.ts";
import { notedIo } from "../../support/io.ts";
import { eventually } from "../../support/peer.ts";

const { engine, via } = await startScene({ after });

it("goes on with flows that match, until it is told to end", async () => {
  await via("/anything/before");
  await engine.flow(flow => flow.path === "/anything/before");
  let stop = () => {};
  const io = Object.assign(notedIo(), { untilStopped: () => new Promise<void>(resolve => (stop = resolve)) });
  const done = run(["node", "waylay", "flows", "ls", "-F", "--json", "--home", engine.home, "path:/anything/*"], io);
  await eventually(() => io.stdout.includes("/anything/before"));
  await via("/html");
  await via("/anything/after");
  await eventually(() => io.stdout.includes("/anything/after"));
  stop();
  await done;
  const paths = io.stdout
    .trim()
    .split("\n")
    .map(line => JSON.parse(line).path);
  assert.deepEqual(paths, ["/anything/before", "/anything/after"]);
});

it("wants a running waylay", async () => {
  const io = notedIo();
  await run(["node", "waylay", "flows", "ls", "--follow", "-s", "x.waylay"], io);
  assert.match(io.stderr, /for the running waylay/);
  assert.equal(io.exitCode, 2);
});
