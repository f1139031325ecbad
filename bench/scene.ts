// The stage of a run: a folder, an authority, the origin with a certificate from it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { LeafCache } from "../src/ca/leaf.ts";
import { openRoot } from "../src/ca/root.ts";
import type { Scene } from "./contestant.ts";
import { type BenchOrigin, startBenchOrigin } from "./origin.ts";

export interface Stage {
  scene: Scene;
  origin: BenchOrigin;
  clear(): void;
}

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "waylay-bench-"));
  spawnSync("chmod", ["711", folder]); // squid's own user passes through
  const root = openRoot(join(folder, "ca"), { user: "bench", host: "bench", now: Date.now });
  const certFile = join(folder, "origin-ca.pem");
  writeFileSync(certFile, root.certPem);
  const leaves = new LeafCache(root, { now: Date.now, max: 10 });
  const origin = await startBenchOrigin(leaves.get("localhost"));
  const canPin = cpus().length > 0 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;
  if (!canPin) process.stderr.write("without taskset: proxies and load share the cores\n");
  return {
    scene: { folder, ca: { certFile, keyFile: join(folder, "ca", "root.key"), certPem: root.certPem }, canPin },
    origin,
    clear: () => {
      origin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
