#!/usr/bin/env node
// The program. All it does itself is to say what to do when it cannot run.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`waylay needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(2);
}
const main = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "cli", "main.js");
if (!existsSync(main)) {
  console.error("waylay is not built yet. In its folder, run: npm ci");
  process.exit(2);
}
// perf: chunks that are done with are freed on this thread. Left to V8's helpers, freeing what another thread allocated costs
// a download 40 ms of CPU for 100 MB; here it is lost in the noise.
setFlagsFromString("--no-concurrent-array-buffer-sweeping");
const { run } = await import(pathToFileURL(main).href);
await run(process.argv);
