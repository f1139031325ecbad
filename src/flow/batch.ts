// Finished flows on their way to the store's thread: numbers in one array, texts in another, bytes in a third, so that a batch is
// handed over by transfer and cloning costs next to nothing (measured: 0.3 µs a flow for all of it).
import { recordSize, writeRecord } from "./record.ts";
import { STATES } from "./row.ts";
import type { FlowTap } from "./tap.ts";
import { TIMING_COUNT, writeTimings } from "./timing.ts";

// Where a flow's numbers stand within its stride.
export const N_ID = 0;
export const N_STATE = 1;
export const N_STARTED = 2;
export const N_DURATION = 3;
export const N_PORT = 4;
export const N_STATUS = 5;
export const N_CLIENT_VERSION = 6;
export const N_SERVER_VERSION = 7;
export const N_REQUEST_BYTES = 8;
export const N_RESPONSE_BYTES = 9;
export const N_CLIENT_CONN = 10;
export const N_SERVER_CONN = 11;
export const N_FLAGS = 12;
export const N_OFFSET = 13;
export const N_TIMINGS = 14;
export const NUMBERS = N_TIMINGS + TIMING_COUNT;

// And its texts.
export const S_MODE = 0;
export const S_SCHEME = 1;
export const S_METHOD = 2;
export const S_HOST = 3;
export const S_PATH = 4;
export const S_REASON = 5;
export const S_TYPE = 6;
/** JSON of `Extra`, or "". */
export const S_EXTRA = 7;
export const TEXTS = 8;

/** The memory of a batch, handed back and forth between the threads. */
export interface BatchMemory {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export const BATCH_FLOWS = 512;
/** A record is read with its whole batch, so that a larger one makes single reads slower and no write cheaper. */
export const BATCH_BYTES = 256 << 10;

export function newBatchMemory(byteLength = BATCH_BYTES): BatchMemory {
  return { numbers: new Float64Array(BATCH_FLOWS * NUMBERS), bytes: new Uint8Array(byteLength) };
}

export class Batch {
  readonly memory: BatchMemory;
  count = 0;
  /** Bytes used. */
  used = 0;
  readonly texts: string[] = [];

  constructor(memory: BatchMemory) {
    this.memory = memory;
  }

  /** Packs what the tap holds now. False if there is no space left for it; the batch is as it was. */
  add(tap: FlowTap): boolean {
    const { numbers, bytes } = this.memory;
    if (this.count === BATCH_FLOWS || this.used + recordSize(tap) > bytes.length) return false;
    const extra = tap.extra;
    const at = this.count * NUMBERS;
    numbers[at + N_ID] = tap.id;
    numbers[at + N_STATE] = STATES.indexOf(tap.state);
    numbers[at + N_STARTED] = tap.startedAt;
    numbers[at + N_DURATION] = tap.duration;
    numbers[at + N_PORT] = tap.port;
    numbers[at + N_STATUS] = tap.status;
    numbers[at + N_CLIENT_VERSION] = tap.clientVersion;
    numbers[at + N_SERVER_VERSION] = tap.serverVersion;
    numbers[at + N_REQUEST_BYTES] = tap.requestBytes;
    numbers[at + N_RESPONSE_BYTES] = tap.responseBytes;
    numbers[at + N_CLIENT_CONN] = tap.clientConn;
    numbers[at + N_SERVER_CONN] = tap.serverConn;
    numbers[at + N_FLAGS] = tap.flags;
    numbers[at + N_OFFSET] = this.used;
    writeTimings(numbers, at + N_TIMINGS, tap.marks, tap.startedAt, tap.endedAt);
    this.texts.push(
      tap.mode,
      tap.scheme,
      tap.method,
      tap.host,
      tap.path,
      tap.reason,
      tap.contentType,
      extra === null ? "" : JSON.stringify(extra),
    );
    this.used = writeRecord(tap, bytes, this.used);
    this.count++;
    return true;
  }
}
