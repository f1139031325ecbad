// `waylay flows diff`: what two flows have not in common. Its status is that of diff(1): 0 the same, 1 different.

import type { Command } from "commander";
import type { Session } from "../../flow/store/session.ts";
import type { Io } from "../io.ts";
import { printable } from "../render/printable.ts";
import { noSuchFlow, parseFlowId, withSession } from "../session.ts";

export async function diff(aText: string, bText: string, command: Command, io: Io): Promise<void> {
  const { json } = command.opts<{ json?: boolean }>();
  if (![aText, bText].some(text => /^\d+$/.test(text))) {
    const { compareSessions } = await import("./flows-diff-sessions.ts");
    return compareSessions(aText, bText, json === true, io);
  }
  const [a, b] = [parseFlowId(aText), parseFlowId(bText)];
  const { compareStored } = await import("../../flow/diff/stored.ts");
  const { diffLines } = await import("../../flow/diff/text.ts");
  await withSession(command, io, session => {
    const compared = compareStored(session, found(session, a), found(session, b));
    const lines = diffLines(compared, { redact: false }).flatMap(line => line.split("\n"));
    if (json) io.out(`${JSON.stringify(compared)}\n`);
    else if (lines.length > 0) io.out(`${lines.map(line => coloured(printable(line), io)).join("\n")}\n`);
    if (!compared.same) io.exitCode = 1;
  });
}

function found(session: Session, id: number) {
  const flow = session.find(id);
  if (!flow) throw noSuchFlow(id);
  return flow;
}

export function coloured(line: string, { paint }: Io): string {
  if (line.startsWith("+")) return paint.green(line);
  return line.startsWith("-") ? paint.red(line) : line;
}
