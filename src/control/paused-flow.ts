import type { FlowSummary } from "../flow/model.ts";
import type { Paused, Turn } from "../proxy/hold.ts";

/** The summary of a flow that waits at a breakpoint. */
export interface PausedFlow extends FlowSummary {
  readonly paused: {
    readonly turn: Turn;
    /** Epoch milliseconds. */
    readonly since: number;
    /** When it will wait no longer; null: it waits until somebody decides. */
    readonly until: number | null;
  };
}

export function pausedFlow({ flow, message, since, until }: Paused): PausedFlow {
  return { ...flow, paused: { turn: message.turn, since, until } };
}
