// The waylay that runs on a home, found by its control socket.

import { existsSync } from "node:fs";
import { resolveConfig, resolveHome } from "../config/resolve.ts";
import type { Flags } from "../config/settings.ts";
import type { ControlClient } from "../control/client.ts";
import { CommandError } from "./command.ts";
import type { Io } from "./io.ts";

/** How long a waylay may take to say what it does, milliseconds; one that is stuck must not hold up a look at its files. */
const PATIENCE_MS = 2000;

/** Connects to the running waylay that `--home` and `--control` mean. Throws CommandError if there is none. */
export async function runningWaylay(flags: Flags, io: Io): Promise<ControlClient> {
  const { control } = await resolveConfig({ home: flags.home, control: flags.control }, io);
  const { connectControl } = await import("../control/connect.ts");
  try {
    return await connectControl(control);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" || code === "ECONNREFUSED" ? "" : ` (${code})`;
    throw new CommandError(
      `no waylay answers at ${control}${why}; waylay start starts one, --home or --control name another`,
    );
  }
}

/** The session that the running waylay records to, with all flows that are over written to it; undefined if none runs. */
export async function recordingSession(flags: Flags, io: Io): Promise<string | undefined> {
  const status = await askRunning(flags, io, client => client.call("status", {}));
  return status?.session;
}

/** What the running waylay answers; undefined if none runs, or it does not answer in time. */
export async function askRunning<T>(
  flags: Flags,
  io: Io,
  question: (client: ControlClient) => Promise<T>,
): Promise<T | undefined> {
  // Without a home there is nobody to ask, and no reason to make one.
  if (!existsSync(resolveHome(flags, io))) return undefined;
  const client = await runningWaylay(flags, io).catch(() => undefined);
  if (client === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  const answer = await Promise.race([question(client), patience]).catch(() => undefined);
  clearTimeout(timer);
  client.close();
  return answer;
}
