// Proxies from npm. They are no dependencies of waylay: they are taken from a folder of their own in the user's cache,
// and put there only when asked for (--with-npm).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { accepting, type Contestant, freePort, launch } from "../contestant.ts";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "waylay-bench");

/** Installs what `npmContestants` run. */
export function installNpmProxies(): void {
  mkdirSync(cache, { recursive: true });
  if (!existsSync(join(cache, "package.json"))) writeFileSync(join(cache, "package.json"), '{"private":true}\n');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "mockttp", "http-mitm-proxy"], {
    cwd: cache,
    stdio: "inherit",
  });
}

export const npmContestants: readonly Contestant[] = [
  npmContestant("mockttp", "`forAnyRequest().thenPassThrough()`"),
  npmContestant("http-mitm-proxy", "`keepAlive: true`, no handlers"),
];

function npmContestant(name: string, setup: string): Contestant {
  return {
    name,
    setup,
    missing: () =>
      existsSync(join(cache, "node_modules", name)) ? undefined : `${name} is not installed (--with-npm)`,
    start: async scene => {
      const port = await freePort();
      const folder = join(scene.folder, `${name}-${port}`);
      mkdirSync(folder);
      const driver = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
      const command = [process.execPath, driver, join(cache, "package.json"), String(port), folder];
      const env = { NODE_EXTRA_CA_CERTS: scene.ca.certFile };
      const started = await launch(scene, command, port, () => accepting(port), env);
      return { ...started, caPem: readFileSync(join(folder, "certs", "ca.pem"), "utf8") };
    },
  };
}
