// When what happened within one exchange, and what HAR makes of it.
import type { Timings } from "./model.ts";

// Moments that the engine marks on a tap, as indexes into its marks.
export const T_DNS_START = 0;
export const T_DNS_END = 1;
export const T_CONNECT_START = 2;
export const T_CONNECT_END = 3;
export const T_TLS_START = 4;
export const T_TLS_END = 5;
/** The first byte of the request went to the server. */
export const T_SEND_START = 6;
/** The last byte of the request did. */
export const T_SEND_END = 7;
/** The first byte of the answer came. */
export const T_FIRST_BYTE = 8;

/** Marks of a flow of which nothing is known yet: NaN throughout. A literal of doubles, which V8 copies in one go. */
export function noMarks(): number[] {
  return [NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN];
}

/** How many numbers a flow's timings are in the store, in the order of `Timings`. */
export const TIMING_COUNT = 7;

/**
 * Writes the timings in whole microseconds, -1 for "does not apply", to `out` from `at` on. `blocked` is all the time before sending that is
 * neither DNS nor connecting, so that the parts add up to the duration (`connect` includes `tls`, HAR 1.2). An answer that began
 * before the request was sent ends the sending: HAR knows no overlap.
 */
export function writeTimings(out: Float64Array, at: number, marks: number[], startedAt: number, endedAt: number): void {
  const connectEnd = marks[T_TLS_END]! > 0 ? marks[T_TLS_END]! : marks[T_CONNECT_END]!;
  const dns = span(marks[T_DNS_START]!, marks[T_DNS_END]!);
  const connect = span(marks[T_CONNECT_START]!, connectEnd);
  const sendStart = marks[T_SEND_START]!;
  const firstByte = marks[T_FIRST_BYTE]!;
  // A request that was whole before it had a connection was sent once it had one.
  let sendEnd = Math.max(marks[T_SEND_END]!, sendStart);
  if (!(sendEnd <= firstByte) && firstByte > 0) sendEnd = firstByte;
  const before = span(startedAt, sendStart > 0 ? sendStart : endedAt);
  const blocked = before < 0 ? -1 : before - Math.max(dns, 0) - Math.max(connect, 0);
  out[at] = blocked < 0 ? -1 : blocked;
  out[at + 1] = dns;
  out[at + 2] = connect;
  out[at + 3] = span(marks[T_TLS_START]!, marks[T_TLS_END]!);
  out[at + 4] = span(sendStart, sendEnd);
  out[at + 5] = span(sendEnd, firstByte > 0 ? firstByte : endedAt);
  out[at + 6] = span(firstByte, endedAt);
}

export function timingsOf(marks: number[], startedAt: number, endedAt: number): Timings {
  const out = new Float64Array(TIMING_COUNT);
  writeTimings(out, 0, marks, startedAt, endedAt);
  return timingsFrom(out);
}

/** Timings in milliseconds from microseconds in the order of `Timings`. */
export function timingsFrom(micros: ArrayLike<number>): Timings {
  const ms = (index: number): number => {
    const value = micros[index] ?? -1;
    return value < 0 ? -1 : value / 1000;
  };
  return { blocked: ms(0), dns: ms(1), connect: ms(2), tls: ms(3), send: ms(4), wait: ms(5), receive: ms(6) };
}

/** Whole microseconds between two moments; -1 if either is unknown, 0 if they are out of order. */
function span(from: number, to: number): number {
  const us = (to - from) * 1000;
  // NaN fails both.
  return us >= 0 ? Math.round(us) : us < 0 ? 0 : -1;
}
