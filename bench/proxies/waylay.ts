// waylay as people run it: recording on, certificates checked, the session in a file.
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openSession } from "../../src/flow/store/session.ts";
import { type Contestant, freePort, launch } from "../contestant.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const waylay = waylayWith([]);

/** waylay under a node with extra options (`--cpu-prof` …), and with options of its own. */
export function waylayWith(
  nodeOptions: readonly string[],
  options: readonly string[] = [],
  name = "waylay",
): Contestant {
  return {
    name,
    setup: "`start --no-ui --json -q`, recording on",
    missing: () =>
      existsSync(join(root, "dist", "cli", "main.js")) ? undefined : "waylay is not built: npm run build",
    start: async scene => {
      const port = await freePort();
      const home = join(scene.folder, "waylay"); // one home for all starts: the CA is in place but for the first
      const session = join(scene.folder, `session-${port}.waylay`);
      const command = [
        ...[process.execPath, ...nodeOptions, join(root, "bin", "waylay.js"), "start", "--no-ui", "--json", "-q"],
        ...["-p", String(port), "--home", home, "--upstream-ca", scene.ca.certFile],
        ...["--session", session, ...options],
      ];
      const started = await launch(scene, command, port, readyLine);
      return {
        ...started,
        caPem: readFileSync(join(home, "ca", "root.crt"), "utf8"),
        recorded: () => flowsIn(session),
      };
    },
  };
}

function flowsIn(session: string): number {
  return openSession(session).count(null);
}

function readyLine(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    createInterface({ input: child.stdout! }).on("line", line => line.includes('"event":"ready"') && resolve());
  });
}
