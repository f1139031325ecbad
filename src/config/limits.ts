// Every bound of the engine, with its reason: the one table that the engine, `--limit`, config.yaml and the docs read.
// A codec takes the ones it needs as arguments, so it stays ignorant of this file.

import { parseCount, parseDuration, parseSize } from "./units.ts";

/** What a limit counts. Bytes and milliseconds carry their unit in the key's name. */
export type LimitUnit = "bytes" | "ms" | "count";

export interface LimitSpec {
  /** The name in `--limit NAME=VALUE` and below `limits:` in config.yaml. */
  readonly name: string;
  readonly unit: LimitUnit;
  readonly value: number;
  /** Why there is a limit, and why this one. */
  readonly why: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const bytes = (name: string, value: number, why: string): LimitSpec => ({ name, unit: "bytes", value, why });
const ms = (name: string, value: number, why: string): LimitSpec => ({ name, unit: "ms", value, why });
const count = (name: string, value: number, why: string): LimitSpec => ({ name, unit: "count", value, why });

export const LIMITS = {
  // One message
  headBytes: bytes("head", 256 * KIB, "targets of 64 KB and cookie jars pass; servers stop at 8 to 64 KB (431 beyond)"),
  fieldCount: count("fields", 1000, "ten times what browsers send; bounds the work a head can ask for (431 beyond)"),
  emptyLines: count(
    "empty-lines",
    16,
    "RFC 9112 §2.2 skips empty lines before a request; a stream of them is an attack",
  ),
  chunkExtensionBytes: bytes("chunk-extensions", 4 * KIB, "nobody uses them; unbounded they hide a message's size"),
  trailerBytes: bytes("trailers", 64 * KIB, "digests and gRPC status are small; held whole before they are passed on"),
  interimCount: count("interim", 100, "1xx answers before the final one; more is a loop"),

  // Time
  headMs: ms("head-time", 60 * SECOND, "a head must be whole by then; slow ones cost a socket and nothing else (408)"),
  idleMs: ms("idle", 60 * SECOND, "keep-alive without a request, on the client's side; browsers give up sooner"),
  connectMs: ms("connect", 10 * SECOND, "TCP over the worst of links needs 3 s and two retries"),
  tlsHandshakeMs: ms("tls-handshake", 10 * SECOND, "as for connect; a peer that stops half way holds a descriptor"),
  tunnelIdleMs: ms("tunnel-idle", 10 * MINUTE, "neither side has said a word; NATs forget sooner"),
  answerMs: ms("answer", 0, "0 is none: long polls and slow servers are what people debug"),
  lingerMs: ms("linger", 2 * SECOND, "after an early close, read on so that a reset does not destroy the answer"),
  shutdownMs: ms("shutdown", 5 * SECOND, "flows in flight may end after SIGTERM; then they are cut"),

  // Numbers of things
  connections: count("connections", 10_000, "descriptors: two a connection, and ulimits of 65,536"),
  bufferBytes: bytes(
    "buffer",
    64 * KIB,
    "requests sent ahead of their turn that are held of a client; what comes beyond it waits in the kernel",
  ),
  poolPerOrigin: count("pool-per-origin", 64, "idle upstream connections kept for one origin; a page opens 6 to 30"),
  poolTotal: count("pool", 512, "idle upstream connections in all; the oldest goes first"),
  poolIdleMs: ms(
    "pool-idle",
    30 * SECOND,
    "common servers close at 60 to 75 s, Node's at 5 s: reuse is checked anyway",
  ),
  leafCount: count("leaves", 1000, "certificates kept ready; a browser's day sees a few hundred hosts, each 2 KB"),

  // HTTP/2
  h2Streams: count(
    "h2-streams",
    128,
    "requests that a client may have open at once; RFC 9113 §6.5.2 wants 100 at least",
  ),
  h2StreamWindowBytes: bytes("h2-stream-window", 128 * KIB, "what a stream may send ahead of a server that is slower"),
  h2WindowBytes: bytes("h2-window", 1 * MIB, "the same for all streams together: eight that stand still stop the rest"),
  h2IdleFrames: count(
    "h2-idle-frames",
    1000,
    "pings, resets, settings, empty frames at once: a page that is left cancels a few hundred requests",
  ),
  h2IdleFramesPerSecond: count("h2-idle-frame-rate", 100, "of those, forgiven a second; floods send thousands"),

  // Rules
  ruleBodyBytes: bytes(
    "rule-body",
    16_000_000,
    "content that is held so that a rule can see or edit it; longer content streams on unedited, and the flow says so",
  ),

  // Breakpoints
  pausedCount: count("paused", 100, "messages that wait at breakpoints at once; more go through, and say so"),
  pauseMs: ms(
    "pause-time",
    5 * MINUTE,
    "browsers give up about then; what nobody decides on goes on as it is; 0: never",
  ),

  // Control
  controlLineBytes: bytes(
    "control-line",
    16 * MIB,
    "a request of the API with a body to replay in it; more goes by file",
  ),
  controlWaitingBytes: bytes(
    "control-waiting",
    1 * MIB,
    "what a subscriber has not read yet; beyond it events are left out and it is told to resync",
  ),

  // Recording
  spillBytes: bytes(
    "spill",
    256 * KIB,
    "the part of a body that may wait in the heap; the rest goes to the store at once",
  ),
  sessionsBytes: bytes("sessions", 10_000_000_000, "HOME/sessions is pruned to it at start, oldest first"),
  diskFreeBytes: bytes("disk-free", 500_000_000, "recording stops, loudly, rather than fill the disk"),
} as const satisfies Record<string, LimitSpec>;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };

/** The table's values under their keys, some replaced. */
export function limitsWith(changes: Partial<Limits> = {}): Limits {
  const values = Object.fromEntries(Object.entries(LIMITS).map(([key, spec]) => [key, spec.value]));
  return { ...values, ...changes } as Limits; // the keys are the table's own
}

/** `head=512KB`: the one limit it sets, or a sentence on what is wrong with it. */
export function parseLimit(text: string): Partial<Limits> | string {
  const equals = text.indexOf("=");
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  const found = Object.entries<LimitSpec>(LIMITS).find(([, spec]) => spec.name === name);
  if (!found) return `no limit is called "${name}"; there are ${limitNames().join(", ")}`;
  const [key, spec] = found;
  if (equals < 0) return `write ${name}=VALUE, as in ${name}=${example(spec)}`;
  const value = PARSERS[spec.unit](text.slice(equals + 1).trim());
  if (value === undefined)
    return `"${text.slice(equals + 1)}" is no ${WORDS[spec.unit]}; write for example ${example(spec)}`;
  return { [key]: value };
}

export function limitNames(): string[] {
  return Object.values<LimitSpec>(LIMITS).map(spec => spec.name);
}

const PARSERS = { bytes: parseSize, ms: parseDuration, count: parseCount } as const;
const WORDS = { bytes: "size", ms: "duration", count: "number" } as const;

function example(spec: LimitSpec): string {
  if (spec.unit === "bytes") return "512KB";
  if (spec.unit === "ms") return "30s";
  return String(spec.value);
}
