// npm run bench: starts the harness with TypeScript support and, where taskset is, on the core that the proxies are not on.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const node = [process.execPath, "--import", "tsx", join(here, "harness.ts"), ...process.argv.slice(2)];
const canPin = spawnSync("taskset", ["-c", "1", "true"]).status === 0;
const [program, ...args] = canPin ? ["taskset", "-c", "1", ...node] : node;
const harness = spawn(program, args, { stdio: "inherit", cwd: dirname(here) });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => harness.kill(signal)); // it ends its proxies
harness.on("exit", (code, signal) => process.exit(signal ? 1 : code));
