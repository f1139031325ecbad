import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { scratch } from "../scene.ts";

const DIST = fileURLToPath(new URL("../../../dist/flow/store/store.js", import.meta.url));

test("the store's thread starts from what was built", { skip: skipWithoutDist() }, async () => {
  const { openStore } = (await import(pathToFileURL(DIST).href)) as typeof import("../../../src/flow/store/store.ts");
  const store = await openStore({ file: join(scratch(), "built.waylay"), onProblem: assert.fail });
  assert.equal(store.nextFlowId, 1);
  await store.close();
});

function skipWithoutDist(): string | false {
  if (existsSync(DIST)) return false;
  const reason = "dist is not built: NOT TESTED; run npm run build";
  if (process.env.WAYLAY_TEST_REQUIRE_ALL) throw new Error(reason);
  return reason;
}
