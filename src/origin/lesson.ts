// What a lesson is: one endpoint of the origin, with the line that explains it and the command that tries it.
import type { IncomingMessage, ServerResponse } from "node:http";

/** The headings of the index page, in their order. */
export const TOPICS = ["Request", "Coding", "Framing", "Status", "State", "Body", "Time", "Content"] as const;
export type Topic = (typeof TOPICS)[number];

export interface Lesson {
  /** First path segment that this lesson answers, without slashes. */
  name: string;
  topic: Topic;
  /** One line: what is to be seen here. */
  doc: string;
  /** A path (with query) that shows it. */
  example: string;
  /** Options that curl needs besides `-i` to show it. */
  curl?: string;
  /** Only these methods are answered; others get a 405 that names them. Default: every method. */
  methods?: readonly string[];
  run(visit: Visit): void | Promise<void>;
}

/** One request on its way through the origin. */
export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  /** The target, parsed against scheme and authority as the client knows them. */
  url: URL;
  /** Decoded path segments after the lesson's name. */
  rest: readonly string[];
  facts: OriginFacts;
}

/** What lessons may know of the origin they run in. */
export interface OriginFacts {
  /** Random per origin; signs digest nonces, so that none has to be remembered. */
  secret: Buffer;
  startedAtMs: number;
  now(): number;
}

/** A request that a lesson cannot answer as asked: becomes an answer with this status that says why. */
export class LessonError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads a whole number from a path segment or query value; throws a 400 that names the bounds. */
export function wholeNumber(text: string | null | undefined, name: string, min: number, max: number): number {
  const value = Number(text);
  if (text === null || text === undefined || !/^\d+$/.test(text) || value < min || value > max) {
    throw new LessonError(400, `${name} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Like `wholeNumber` for a query value that may be left out. */
export function queryNumber(url: URL, name: string, fallback: number, min: number, max: number): number {
  const text = url.searchParams.get(name);
  return text === null ? fallback : wholeNumber(text, name, min, max);
}
