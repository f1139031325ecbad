// Records a flow that never ends and many that do, until it is killed. Run by kill.test.ts.
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "../../../src/flow/feed.ts";
import { Recorder } from "../../../src/flow/recorder.ts";
import { openStore } from "../../../src/flow/store/store.ts";
import { begin } from "../scene.ts";

const store = await openStore({ file: process.argv[2]!, onProblem: console.error });
const recorder = new Recorder(store, new Feed(console.error), {
  bodyLimit: 1e6,
  spillBytes: 256 << 10,
  clock: () => performance.timeOrigin + performance.now(),
});
begin(recorder, { path: "/endless", responseBody: "so far" });
for (;;) {
  const tap = begin(recorder, { path: "/short" });
  const body = Buffer.from(`body of ${tap.id}`);
  tap.responseContent(body, 0, body.length);
  tap.finish("complete");
  process.stdout.write(`${tap.id}\n`);
  await sleep(1);
}
