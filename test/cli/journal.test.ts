import assert from "node:assert/strict";
import { it } from "node:test";
import { Journal } from "../../src/cli/journal.ts";
import { flow } from "../support/flows.ts";
import { notedIo } from "../support/io.ts";

const nextTurn = () => new Promise(resolve => setImmediate(resolve));

it("finished flows are lines, written together once a turn, below one heading on a terminal", async () => {
  const io = notedIo({ width: 100 });
  const writes: string[] = [];
  io.out = text => void writes.push(text);
  const journal = new Journal(io, { json: false });
  journal.take({ type: "flow.started", flow: flow({ id: 1 }) });
  journal.take({ type: "flow.completed", flow: flow({ id: 1 }) });
  journal.take({ type: "flow.completed", flow: flow({ id: 2 }) });
  assert.equal(writes.length, 0);
  await nextTurn();
  assert.equal(writes.length, 1);
  assert.equal(writes[0]!.split("\n").length, 4);
  journal.take({ type: "flow.completed", flow: flow({ id: 3 }) });
  await nextTurn();
  assert.equal(writes[1]!.split("\n").length, 2);
  assert.equal(journal.count, 3);
});

it("as JSON they are the summary and the event's name", async () => {
  const io = notedIo();
  const journal = new Journal(io, { json: true });
  journal.take({ type: "flow.completed", flow: flow({ id: 7 }) });
  await nextTurn();
  assert.deepEqual(JSON.parse(io.stdout), { event: "flow", ...flow({ id: 7 }) });
});

it("a reader that does not read costs no memory: what it missed is counted, and said when it reads again", async () => {
  const io = notedIo();
  let outWaiting = 5 << 20;
  Object.defineProperty(io, "outWaiting", { get: () => outWaiting });
  const journal = new Journal(io, { json: true });
  for (let id = 1; id <= 1000; id++) journal.take({ type: "flow.completed", flow: flow({ id }) });
  await nextTurn();
  assert.equal(io.stdout, "");
  outWaiting = 0;
  journal.take({ type: "flow.completed", flow: flow({ id: 1001 }) });
  await nextTurn();
  const lines = io.stdout
    .trim()
    .split("\n")
    .map(line => JSON.parse(line));
  assert.deepEqual([lines[0], lines[1].id, lines.length], [{ event: "missed", flows: 1000 }, 1001, 2]);
});
