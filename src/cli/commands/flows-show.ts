// `waylay flows show`: flows for reading, as bytes, or as JSON.

import type { Command } from "commander";
import { RAW } from "../../flow/formats/raw.ts";
import type { WholeFlow } from "../../flow/model.ts";
import type { Session } from "../../flow/store/session.ts";
import type { StoredFlow } from "../../flow/store/stored-flow.ts";
import type { Io } from "../io.ts";
import { flowText } from "../render/flow.ts";
import { writeResult } from "../result.ts";
import { noSuchFlow, parseFlowId, withSession } from "../session.ts";

interface Options {
  readonly raw?: boolean;
  readonly json?: boolean;
  readonly full?: boolean;
}

/** Lines of a body on a screen; `--full` and pipes get all. */
const BODY_LINES = 60;
const RULE_WIDTH_MAX = 100;

export async function show(idTexts: readonly string[], command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const ids = idTexts.map(parseFlowId);
  await withSession(command, io, async session => {
    for (const id of ids) {
      if (options.json) io.out(`${JSON.stringify(wholeFlow(session, id))}\n`);
      else if (options.raw) await writeResult(io, undefined, RAW.write([storedFlow(session, id)], { version: "" }));
      else io.out(readable(session, id, options, io));
    }
  });
}

function readable(session: Session, id: number, { full }: Options, io: Io): string {
  const flow = wholeFlow(session, id);
  const bodies = {
    request: session.body(id, "request", { decoded: true }),
    response: session.body(id, "response", { decoded: true }),
  };
  return flowText(flow, bodies, {
    paint: io.paint,
    width: Math.min(io.width ?? RULE_WIDTH_MAX, RULE_WIDTH_MAX),
    bodyLines: full || !io.outIsTerminal ? Number.POSITIVE_INFINITY : BODY_LINES,
  });
}

function wholeFlow(session: Session, id: number): WholeFlow {
  return storedFlow(session, id).whole();
}

function storedFlow(session: Session, id: number): StoredFlow {
  const flow = session.find(id);
  if (!flow) throw noSuchFlow(id);
  return flow;
}
