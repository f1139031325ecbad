// ca/*.md say what the code does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BACKDATE_MS, DAY_MS, LEAF_VALIDITY_MS, ROOT_VALIDITY_MS, SERIAL_BYTES } from "../../src/ca/profiles.ts";
import { TRUST_STORES } from "../../src/ca/trust/change.ts";

const text = (name: string) => readFileSync(new URL(`../../ca/${name}`, import.meta.url), "utf8");

test("profiles.md gives the periods and sizes of profiles.ts", () => {
  const doc = text("profiles.md");
  assert.match(doc, new RegExp(`${BACKDATE_MS / DAY_MS} days back, ${ROOT_VALIDITY_MS / DAY_MS / 365} years on`));
  assert.match(doc, new RegExp(`${Math.ceil(LEAF_VALIDITY_MS / DAY_MS)} days in all`));
  assert.match(doc, new RegExp(`${SERIAL_BYTES * 8} bits, random`));
});

test("trust.md has a row for every store", () => {
  const rows = [...text("trust.md").matchAll(/^\| `(\w+)` \|/gm)].map(match => match[1]);
  assert.deepEqual(
    rows,
    TRUST_STORES.map(store => store.id),
  );
});
