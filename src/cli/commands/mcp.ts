// `waylay mcp`: the running waylay as tools for a model, over standard input and output (Model Context Protocol).

import type { Command } from "commander";
import { programVersion } from "../../config/version.ts";
import { type Define, example } from "../command.ts";
import type { Io } from "../io.ts";
import { addConfigOptions, configFlags } from "../options.ts";
import { runningWaylay } from "../running.ts";

export const defineMcp: Define = (command, io) => {
  command.option("--no-redact", "show credentials, cookies and tokens as they are");
  addConfigOptions(command, ["home", "control"]);
  example(
    command,
    "waylay mcp    # is started by a model's program, for example with",
    '{"mcpServers": {"waylay": {"command": "waylay", "args": ["mcp"]}}}',
  );
  command.action(async (_options: unknown, self: Command) => serve(self, io));
};

async function serve(command: Command, io: Io): Promise<void> {
  const { redact } = command.opts<{ redact: boolean }>();
  const flags = configFlags(command);
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  const { mcpServer } = await import("../../control/mcp/server.ts");
  const server = mcpServer({ version: programVersion(), connect: () => runningWaylay(flags, io), redact });
  const ended = new Promise<void>(resolve => {
    server.server.onclose = resolve;
  });
  // The transport does not notice by itself that nobody says any more.
  process.stdin.once("end", () => void server.close());
  await server.connect(new StdioServerTransport());
  await Promise.race([ended, io.untilStopped()]);
  await io.exit(0);
}
