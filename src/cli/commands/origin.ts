// `waylay origin`: the local test origin, until somebody stops it.
import { join } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../../config/error.ts";
import { resolveHome } from "../../config/resolve.ts";
import { parsePort } from "../../config/units.ts";
import type { Answered, Origin, OriginOptions } from "../../origin/server.ts";
import { CommandError, type Define, example } from "../command.ts";
import type { Io } from "../io.ts";
import { statusBrush } from "../render/paint.ts";
import { printableLine } from "../render/printable.ts";

const DEFAULT_PORT = 8000;
const PORTS_TRIED = 20;

interface Flags {
  port?: string;
  host: string;
  tls?: boolean;
  home?: string;
  json?: boolean;
  quiet?: boolean;
}

export const defineOrigin: Define = (command, io) => {
  command
    .option("-p, --port <N>", `port; 0 picks a free one (default: ${DEFAULT_PORT})`)
    .option("--host <ADDR>", "address to bind", "127.0.0.1")
    .option("--tls", "speak HTTPS too, on the same port, with certificates from waylay's root")
    .option("--home <DIR>", "where the root is kept (env WAYLAY_HOME) (default: ~/.waylay)")
    .option("--json", "one JSON object a line on standard output")
    .option("-q, --quiet", "no line for each request");
  example(command, "waylay origin --tls", "curl --cacert ~/.waylay/ca/root.crt https://localhost:8000/");
  command.action(async (_flags: unknown, self: Command) => {
    await serveUntilStopped(self.opts<Flags>(), io);
  });
};

async function serveUntilStopped(flags: Flags, io: Io): Promise<void> {
  const stopped = io.untilStopped();
  const onAnswer = flags.quiet ? undefined : (answered: Answered) => io.out(answeredLine(answered, flags, io));
  const options: OriginOptions = {
    host: flags.host,
    ...(flags.tls ? { tls: await certificates(flags, io) } : {}),
    ...(onAnswer ? { onAnswer } : {}),
  };
  const origin = await listen(flags, options, io);
  io.out(readyLine(origin, flags, io));
  await stopped;
  await origin.close();
  await io.exit(0);
}

/** A default port that is taken: the next free one, said plainly. A port that was named and is taken: an error. */
async function listen(flags: Flags, options: OriginOptions, io: Io): Promise<Origin> {
  const { startOrigin } = await import("../../origin/server.ts");
  const named = flags.port === undefined ? undefined : parsePort(flags.port);
  if (flags.port !== undefined && named === undefined) {
    throw new ConfigError("--port", `"${flags.port}" is no port (0 to 65535)`);
  }
  const first = named ?? DEFAULT_PORT;
  for (let port = first; ; port++) {
    try {
      const origin = await startOrigin({ ...options, port });
      if (port !== first) io.err(`port ${first} is taken; the origin listens on ${port}\n`);
      return origin;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException; // a listener fails with nothing else
      if (code === "EADDRINUSE" && named === undefined && port < first + PORTS_TRIED) continue;
      const why = code === "EADDRINUSE" ? "is taken" : `cannot be bound: ${message}`;
      throw new CommandError(`${flags.host} port ${port} ${why}`, 2, { cause: error });
    }
  }
}

async function certificates(flags: Flags, io: Io): Promise<NonNullable<OriginOptions["tls"]>> {
  const [{ openRoot }, { LeafCache }, os] = await Promise.all([
    import("../../ca/root.ts"),
    import("../../ca/leaf.ts"),
    import("node:os"),
  ]);
  const root = openRoot(join(resolveHome(flags.home === undefined ? {} : { home: flags.home }, io), "ca"), {
    user: os.userInfo().username,
    host: os.hostname(),
    passphrase: io.env.WAYLAY_CA_PASSPHRASE,
    now: Date.now,
  });
  const leaves = new LeafCache(root, { now: Date.now, max: 100 });
  return { contextFor: host => leaves.get(host) };
}

function readyLine({ host, port, tlsPort }: Origin, flags: Flags, io: Io): string {
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  const http = `http://${shown}:${port}/`;
  const https = tlsPort === undefined ? undefined : `https://${host === "127.0.0.1" ? "localhost" : shown}:${tlsPort}/`;
  if (flags.json) return `${JSON.stringify({ event: "ready", pid: process.pid, host, port, http, https })}\n`;
  return `${io.paint.bold("waylay origin")} at ${http}${https ? ` and ${https}` : ""}\n`;
}

function answeredLine(answered: Answered, flags: Flags, io: Io): string {
  if (flags.json) return `${JSON.stringify({ event: "request", ...answered })}\n`;
  const { method, url, status, durationMs, complete } = answered;
  const note = complete ? "" : io.paint.red("  connection lost");
  return `${method.padEnd(7)} ${statusBrush(io.paint, status)(String(status))} ${`${Math.round(durationMs)} ms`.padStart(8)}  ${printableLine(url)}${note}\n`;
}
