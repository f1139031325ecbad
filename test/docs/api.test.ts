// docs/api.md is written from the tables of methods, events and errors, so it cannot lie. After a change of the tables:
//   WAYLAY_UPDATE_DOCS=1 node --import tsx --test test/docs/api.test.ts
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { it } from "node:test";
import { apiPage } from "../../src/control/docs.ts";

const FILE = new URL("../../docs/api.md", import.meta.url);

it("docs/api.md says what the tables say", () => {
  const page = apiPage();
  if (process.env.WAYLAY_UPDATE_DOCS) writeFileSync(FILE, page);
  assert.equal(
    readFileSync(FILE, "utf8"),
    page,
    "run: WAYLAY_UPDATE_DOCS=1 node --import tsx --test test/docs/api.test.ts",
  );
});
