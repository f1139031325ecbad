// What a certificate costs: the root opened, a leaf minted (EC and RSA roots), and one that is in the cache already.
//   node --import tsx bench/ca.ts [leaves=20000]
// Prints one JSON object, times in milliseconds. On a 2-core VM: an EC leaf 0.036, of which signing 0.021 and all that is
// ours 0.012; below an RSA 2048 root 0.27; from the cache 0.0001; a root opened 1.1, made 8.
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LeafCache } from "../src/ca/leaf.ts";
import { openRoot, type Root } from "../src/ca/root.ts";
import { signerFor } from "../src/ca/signer.ts";

const leaves = Number(process.argv[2] ?? 20_000);
const folder = mkdtempSync(join(tmpdir(), "waylay-bench-"));
const options = { now: Date.now, user: "bench", host: "bench" };

const made = timed(1, () => openRoot(join(folder, "ca"), options));
const opened = timed(20, () => openRoot(join(folder, "ca"), options));
const root = openRoot(join(folder, "ca"), options);
const rsa: Root = { ...root, signer: signerFor(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)! };

const cache = new LeafCache(root, { now: Date.now, max: 1000 });
console.log(
  JSON.stringify({
    rootMade: made,
    rootOpened: opened,
    leaf: mintTime(root, leaves),
    leafRsaRoot: mintTime(rsa, leaves / 10),
    cached: timed(leaves * 10, () => cache.get("example.com")),
  }),
);
rmSync(folder, { recursive: true });

function mintTime(by: Root, count: number): number {
  const fresh = new LeafCache(by, { now: Date.now, max: 1000 });
  let host = 0;
  const mint = () => fresh.get(`host-${host++}.example.com`);
  timed(1000, mint); // warm
  return timed(count, mint);
}

function timed(times: number, run: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) run();
  return Number(((performance.now() - start) / times).toPrecision(3));
}
