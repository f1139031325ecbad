// mitmproxy's command-line half, in Python. Its flows live in memory until an addon takes them, here none does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accepting, type Contestant, executable, freePort, launch } from "../contestant.ts";

export const mitmdump: Contestant = {
  name: "mitmdump",
  setup: "`-q`, bodies over 1 MB streamed instead of collected",
  missing: () => (executable("mitmdump") ? undefined : "mitmdump is not installed"),
  start: async scene => {
    const port = await freePort();
    const folder = join(scene.folder, `mitmdump-${port}`);
    const settings = {
      confdir: folder,
      stream_large_bodies: "1m",
      ssl_verify_upstream_trusted_ca: scene.ca.certFile,
    };
    const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const command = [executable("mitmdump") as string, "-q", "--listen-host", "127.0.0.1", "-p", String(port), ...set];
    const started = await launch(scene, command, port, () => accepting(port));
    return { ...started, caPem: readFileSync(join(folder, "mitmproxy-ca-cert.pem"), "utf8") };
  },
};
