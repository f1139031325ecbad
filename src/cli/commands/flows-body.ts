// `waylay flows body`: the content of one message, byte for byte.

import type { Command } from "commander";
import type { Side } from "../../flow/model.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { writeResult } from "../result.ts";
import { noSuchFlow, parseFlowId, withSession } from "../session.ts";

interface Options {
  readonly side: Side;
  readonly decoded?: boolean;
  readonly output?: string;
}

export async function writeBody(idText: string, command: Command, io: Io): Promise<void> {
  const { side, decoded = false, output } = command.opts<Options>();
  const id = parseFlowId(idText);
  await withSession(command, io, async session => {
    const flow = session.get(id);
    const body = session.body(id, side, { decoded });
    if (!flow || !body) throw noSuchFlow(id);
    const facts = flow[side]?.body;
    if (!facts || facts.size === 0) throw new CommandError(`the ${side} of flow ${id} has no body`);
    await writeResult(io, output, [body.bytes]);
    if (facts.truncated) io.err(`only ${facts.recorded} of ${facts.size} bytes were recorded (start --body-limit)\n`);
    if (body.problem) throw new CommandError(body.problem);
  });
}
