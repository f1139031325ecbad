// Records until the disk is full and beyond. Run by broken.test.ts with a limit on the size of files.
import { Feed } from "../../../src/flow/feed.ts";
import { Recorder } from "../../../src/flow/recorder.ts";
import { openStore } from "../../../src/flow/store/store.ts";
import { record } from "../scene.ts";

const problems: string[] = [];
const store = await openStore({ file: process.argv[2]!, onProblem: message => problems.push(message) });
const recorder = new Recorder(store, new Feed(console.error), {
  bodyLimit: 1e6,
  spillBytes: 256 << 10,
  clock: () => performance.timeOrigin + performance.now(),
});
for (let i = 0; i < 20_000; i++) {
  record(recorder, { responseBody: "x".repeat(1000) });
  if (i % 1000 === 0) await store.flush();
}
await store.flush();
console.log(JSON.stringify({ problems, flushed: true }));
process.exit();
