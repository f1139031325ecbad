// Runs the tests: finds the files itself, since `node --test` on Node 20 expands no globs and passes with 0 tests.
//   node test/run.js            everything that is fast
//   node test/run.js --slow     only *.slow.test.ts
//   node test/run.js wire ca    only files whose path contains one of the words
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const args = process.argv.slice(2);
const slow = args.includes("--slow");
const noBuild = args.includes("--no-build");
const words = args.filter(arg => !arg.startsWith("--"));

const files = readdirSync(here, { recursive: true })
  .map(String)
  .filter(file => file.endsWith(".test.ts"))
  .filter(file => file.endsWith(".slow.test.ts") === slow)
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))
  .sort()
  .map(file => relative(root, join(here, file)));
if (files.length === 0) {
  console.error(`no test file matches ${words.join(" ") || "at all"}`);
  process.exit(1);
}

// The end-to-end tests run the program as people do: from dist.
if (!noBuild) {
  const built = spawnSync(process.execPath, [join(root, "bin", "build.js")], { stdio: "inherit", cwd: root });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
const concurrency = process.env.WAYLAY_TEST_CONCURRENCY ?? "2";
const ran = spawnSync(
  process.execPath,
  ["--import", "tsx", "--test", `--test-concurrency=${concurrency}`, "--test-timeout=180000", ...files],
  { stdio: "inherit", cwd: root, env: { ...process.env, NODE_NO_WARNINGS: "1" } },
);
process.exit(ran.status ?? 1);
