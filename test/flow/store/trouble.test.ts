import assert from "node:assert/strict";
import { test } from "node:test";
import { Trouble } from "../../../src/flow/store/trouble.ts";

function stage() {
  const clock = { now: 50 };
  const told: string[] = [];
  const trouble = new Trouble(
    () => clock.now,
    message => told.push(message),
  );
  return { clock, told, trouble };
}

test("while nothing fails nothing is said, and nothing waits", () => {
  const { told, trouble } = stage();
  trouble.succeeded("goes on");
  assert.equal(trouble.pausing, false);
  assert.deepEqual(told, []);
});

test("a failure is said once, and for a second nothing is tried", () => {
  const { clock, told, trouble } = stage();
  trouble.failed("full");
  assert.equal(trouble.pausing, true);
  clock.now += 1000;
  assert.equal(trouble.pausing, false);
  trouble.failed("full");
  assert.deepEqual(told, ["full"]);
});

test("a disk that takes one batch and refuses the next is one outage; its end is said when it has been calm for a while", () => {
  const { clock, told, trouble } = stage();
  for (let i = 0; i < 20; i++) {
    trouble.failed("full");
    clock.now += 5000;
    trouble.succeeded("goes on");
  }
  assert.deepEqual(told, ["full"]);
  clock.now += 5000;
  trouble.succeeded("goes on");
  trouble.succeeded("goes on");
  assert.deepEqual(told, ["full", "goes on"]);
  trouble.failed("full again");
  assert.deepEqual(told, ["full", "goes on", "full again"]);
});
