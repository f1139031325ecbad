// Two recorded flows compared.
import { textOf } from "../decode/charset.ts";
import type { Side } from "../model.ts";
import type { Session } from "../store/session.ts";
import type { StoredFlow } from "../store/stored-flow.ts";
import type { Content } from "./bodies.ts";
import { type ComparedFlow, diffFlows, type FlowDiff } from "./flows.ts";

export function compareStored(session: Session, a: StoredFlow, b: StoredFlow): FlowDiff {
  return diffFlows(comparable(session, a), comparable(session, b));
}

function comparable(session: Session, flow: StoredFlow): ComparedFlow {
  const content = (side: Side): Content | null => {
    const body = session.body(flow.row.id, side, { decoded: true });
    return body === undefined ? null : { bytes: body.bytes, text: textOf(body.bytes, body.contentType)?.text ?? null };
  };
  return { flow: flow.whole(), request: content("request"), response: content("response") };
}
