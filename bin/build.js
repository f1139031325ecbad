// Builds dist/ from src/ with the TypeScript compiler. `--if-possible` is for `prepare`: it says what is missing
// instead of failing when the package was installed without its development dependencies.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ifPossible = process.argv.includes("--if-possible");

let compiler;
try {
  const packageJson = createRequire(import.meta.url).resolve("typescript/package.json");
  compiler = join(dirname(packageJson), "bin", "tsc");
} catch {
  const line = "waylay is not built: the TypeScript compiler is a development dependency. Run: npm ci --include=dev";
  if (ifPossible) {
    console.error(line);
    process.exit(0);
  }
  console.error(line);
  process.exit(1);
}

rmSync(join(root, "dist"), { recursive: true, force: true });
const built = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
  cwd: root,
});
if (built.status !== 0) process.exit(built.status ?? 1);
copyPlain(join(root, "src"), join(root, "dist"));

/** tsc leaves files that are JavaScript already (the workers' boot.mjs) where they are. */
function copyPlain(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyPlain(join(from, entry.name), join(to, entry.name));
    else if (entry.name.endsWith(".mjs")) {
      if (!existsSync(to)) mkdirSync(to, { recursive: true });
      copyFileSync(join(from, entry.name), join(to, entry.name));
    }
  }
}
