// What one entry of the table is.
import type { z } from "zod";
import type { Archive } from "./archive/archive.ts";
import type { Engine } from "./engine.ts";
import type { EventHub, Subscriber } from "./events/hub.ts";

/** What a method works with. */
export interface Scope {
  readonly engine: Engine;
  readonly archive: Archive;
  readonly hub: EventHub;
  readonly caller: Caller;
}

/** Who asks. */
export interface Caller {
  /** Where notifications go; null if the transport has no way to send any. */
  readonly subscriber: Subscriber | null;
}

export interface Method<P extends z.ZodObject = z.ZodObject, R = unknown> {
  /** What it does: sentences for people. */
  readonly doc: string;
  readonly params: P;
  /** The shape of the answer, as docs/api.md shows it. */
  readonly result: string;
  /** Throws ControlError for what the caller can do something about. */
  run(params: z.output<P>, scope: Scope): R | Promise<R>;
}

/** Gives an entry its type. */
export function method<P extends z.ZodObject, R>(entry: Method<P, R>): Method<P, R> {
  return entry;
}
