// Starts a script's thread: what was built if it stands here, else the TypeScript itself through tsx, which a worker has to be
// told of anew (on Node 20 `new Worker("x.ts")` fails under tsx).
import { existsSync } from "node:fs";

const built = new URL("./worker.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  const { register } = await import("tsx/esm/api");
  register();
  await import(new URL("./worker.ts", import.meta.url).href);
}
