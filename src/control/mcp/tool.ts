// What one tool of the MCP server is.
import type { z } from "zod";
import type { ControlClient } from "../client.ts";
import type { Shower } from "./shower.ts";

/** What a tool works with. */
export interface Bench {
  readonly client: ControlClient;
  /** How flows are shown: with secrets or without. */
  readonly shower: Shower;
  /** The other side does not want the answer any more. */
  readonly signal: AbortSignal;
}

export interface Tool<P extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  /** For the model: what it does, and when to use it. */
  readonly doc: string;
  readonly params: P;
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** Text for the model, short: what was left out is said, with how to get it. */
  run(params: z.output<P>, bench: Bench): Promise<string>;
}

/** Gives an entry its type. */
export function tool<P extends z.ZodObject>(entry: Tool<P>): Tool<P> {
  return entry;
}
