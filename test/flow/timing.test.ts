import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  noMarks,
  T_CONNECT_END,
  T_CONNECT_START,
  T_DNS_END,
  T_DNS_START,
  T_FIRST_BYTE,
  T_SEND_END,
  T_SEND_START,
  T_TLS_END,
  T_TLS_START,
  timingsOf,
} from "../../src/flow/timing.ts";

const START = 1_700_000_000_000;

function marks(given: Record<number, number>): number[] {
  const all = noMarks();
  for (const [moment, ms] of Object.entries(given)) all[Number(moment)] = START + ms;
  return all;
}

test("a first request on a new TLS connection has every part, and connect includes tls", () => {
  const all = marks({
    [T_DNS_START]: 1,
    [T_DNS_END]: 3,
    [T_CONNECT_START]: 3,
    [T_CONNECT_END]: 8,
    [T_TLS_START]: 8,
    [T_TLS_END]: 20,
    [T_SEND_START]: 20.5,
    [T_SEND_END]: 21,
    [T_FIRST_BYTE]: 30,
  });
  assert.deepEqual(timingsOf(all, START, START + 42), {
    blocked: 1.5,
    dns: 2,
    connect: 17,
    tls: 12,
    send: 0.5,
    wait: 9,
    receive: 12,
  });
});

test("on a reused connection nothing but sending, waiting and receiving applies", () => {
  const all = marks({ [T_SEND_START]: 0.25, [T_SEND_END]: 0.5, [T_FIRST_BYTE]: 4 });
  const timings = timingsOf(all, START, START + 5);
  assert.deepEqual(timings, { blocked: 0.25, dns: -1, connect: -1, tls: -1, send: 0.25, wait: 3.5, receive: 1 });
});

test("a refused connection is all connecting", () => {
  const all = marks({ [T_CONNECT_START]: 1, [T_CONNECT_END]: 3 });
  const timings = timingsOf(all, START, START + 3);
  assert.deepEqual(timings, { blocked: 1, dns: -1, connect: 2, tls: -1, send: -1, wait: -1, receive: -1 });
});

test("a request that was whole before it had a connection waits from the sending on, not from its own end", () => {
  const all = marks({
    [T_SEND_END]: 0.5,
    [T_DNS_START]: 1,
    [T_DNS_END]: 8,
    [T_CONNECT_START]: 8,
    [T_CONNECT_END]: 18,
    [T_SEND_START]: 18,
    [T_FIRST_BYTE]: 24,
  });
  const { blocked, dns, connect, send, wait, receive } = timingsOf(all, START, START + 25);
  assert.deepEqual(
    { blocked, dns, connect, send, wait, receive },
    { blocked: 1, dns: 7, connect: 10, send: 0, wait: 6, receive: 1 },
  );
  assert.equal(blocked + dns + connect + send + wait + receive, 25);
});

test("what was never sent was not waited for", () => {
  const { send, wait } = timingsOf(marks({ [T_SEND_END]: 0.5 }), START, START + 2);
  assert.deepEqual({ send, wait }, { send: -1, wait: -1 });
});

test("an answer before the request was sent ends the sending", () => {
  const all = marks({ [T_SEND_START]: 1, [T_SEND_END]: 9, [T_FIRST_BYTE]: 4 });
  const { send, wait, receive } = timingsOf(all, START, START + 10);
  assert.deepEqual({ send, wait, receive }, { send: 3, wait: 0, receive: 6 });
});

test("an answer that never comes is waited for until the end", () => {
  const { wait, receive } = timingsOf(marks({ [T_SEND_START]: 1, [T_SEND_END]: 2 }), START, START + 10);
  assert.deepEqual({ wait, receive }, { wait: 8, receive: -1 });
});

test("the parts of a whole exchange add up to its duration", () => {
  const gap = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(fc.array(gap, { minLength: 10, maxLength: 10 }), gaps => {
      let at = 0;
      const moments = gaps.map(us => (at += us) / 1000);
      const all = marks(Object.fromEntries(moments.slice(0, 9).map((ms, moment) => [moment, ms])));
      const { blocked, dns, connect, send, wait, receive } = timingsOf(all, START, START + moments[9]!);
      const sum = blocked + dns + connect + send + wait + receive;
      // Each part is rounded to the microsecond, and epoch times themselves are no finer than a quarter of one.
      assert.ok(Math.abs(sum - moments[9]!) < 0.005, `${sum} is not ${moments[9]}`);
    }),
  );
});
