// What many flows come to.
import assert from "node:assert/strict";
import { it } from "node:test";
import { statsOf } from "../../src/flow/stats.ts";
import { flow } from "../support/flows.ts";

it("no flows come to nothing", () => {
  const stats = statsOf([], 5);
  assert.deepEqual([stats.flows, stats.p50, stats.hosts, stats.slowest], [0, null, [], []]);
});

it("groups by host, type and status; the most frequent first", () => {
  const error = { code: "connect-refused", message: "" };
  const stats = statsOf(
    [
      flow({ id: 1, authority: "a", duration: 10, responseBytes: 100 }),
      flow({ id: 2, authority: "b", duration: 30, responseBytes: 300, contentType: "text/html; charset=utf-8" }),
      flow({ id: 3, authority: "b", duration: 20, status: null, error, responseBytes: 0, contentType: null }),
    ],
    5,
  );
  assert.deepEqual(
    stats.hosts.map(({ name, flows, errors, responseBytes, p50, p95 }) => [
      name,
      flows,
      errors,
      responseBytes,
      p50,
      p95,
    ]),
    [
      ["b", 2, 1, 300, 20, 30],
      ["a", 1, 0, 100, 10, 10],
    ],
  );
  assert.deepEqual(
    stats.types.map(each => each.name),
    ["application/json", "text/html"],
  );
  assert.deepEqual(
    stats.statuses.map(each => [each.name, each.flows]),
    [
      ["200", 2],
      ["error", 1],
    ],
  );
  assert.deepEqual([stats.flows, stats.errors, stats.responseBytes, stats.p50], [3, 1, 400, 20]);
});

it("names the extremes, no more than asked for; how long a tunnel stood is none", () => {
  const flows = [5, 1, 9, 3, 7].map((size, i) => flow({ id: i + 1, duration: 100 - size, responseBytes: size }));
  const stats = statsOf([...flows, flow({ id: 9, tunnel: true, duration: 1e6, responseBytes: 1e6 })], 3);
  assert.deepEqual(
    stats.biggest.map(each => each.id),
    [3, 5, 1],
  );
  assert.deepEqual(
    stats.slowest.map(each => each.id),
    [2, 4, 1],
  );
  assert.equal(stats.p95, 99);
});
