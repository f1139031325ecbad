// House rules that a machine can hold: names, sizes, what must not be in any file, and that there are tests at all.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SourceFile, sourceFiles } from "./support/sources.ts";

const src = sourceFiles("src");
const tests = sourceFiles("test");
const all = [...src, ...tests, ...sourceFiles("bench"), ...sourceFiles("bin")];

/** Beyond this the idea has split and the file has not (house rule 4). */
const LINES_MAX = 400;

describe("tidy", () => {
  it("there are tests, and each file of them has some", () => {
    const files = tests.filter(file => file.path.endsWith(".test.ts"));
    assert.ok(files.length > 40, `only ${files.length} test files`);
    assert.deepEqual(paths(files.filter(file => !/\b(it|test)\(/.test(file.text))), []);
  });

  it("every room has tests", () => {
    const rooms = (list: readonly SourceFile[]) => new Set(list.map(file => file.path.split("/")[1]));
    const tested = rooms(tests);
    // gateway only joins the others: what it joins is tested end to end.
    const untested = [...rooms(src)].filter(room => !room.endsWith(".ts") && room !== "gateway" && !tested.has(room));
    assert.deepEqual(untested, []);
  });

  it("nothing is called util, helper, common, misc or index", () => {
    assert.deepEqual(
      paths(all.filter(file => /\/(util|utils|helper|helpers|common|misc|index)\.\w+$/.test(file.path))),
      [],
    );
    assert.deepEqual(paths(all.filter(file => /\/(util|utils|helper|helpers|common|misc)\//.test(file.path))), []);
  });

  it("no default exports, no barrels", () => {
    assert.deepEqual(paths(src.filter(file => /^export default\b/m.test(file.text))), []);
    assert.deepEqual(paths(src.filter(isBarrel)), []);
  });

  it("no file needs a scroll bar", () => {
    const long = src.filter(file => file.text.split("\n").length > LINES_MAX);
    assert.deepEqual(
      long.map(file => `${file.path}: ${file.text.split("\n").length} lines`),
      [],
    );
  });

  it("time and chance are arguments where decisions are made", () => {
    const ambient = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\brandomBytes\(|\brandomUUID\(/;
    // A worker's entry is the gateway of its own thread: a clock cannot be handed to it.
    const pure = src.filter(file => /^src\/(wire|match|rules|flow)\/(?!.*\bworker\.ts$)/.test(file.path));
    assert.deepEqual(paths(pure.filter(file => ambient.test(file.text))), []);
  });

  it("nothing names the place where it was written", () => {
    // Put together here, so that this file does not.
    const places = [["", "work", ""].join("/"), ["", "tmp", "brief"].join("/")];
    assert.deepEqual(paths(all.filter(file => places.some(place => file.text.includes(place)))), []);
  });
});

/** Hands on what others export and has nothing of its own. */
function isBarrel(file: SourceFile): boolean {
  return (
    /^export (\*|(type )?\{[^}]*\}) from\b/m.test(file.text) &&
    !/^export (async |abstract )*(function|class|const|interface|type \w)/m.test(file.text)
  );
}

function paths(files: readonly SourceFile[]): string[] {
  return files.map(file => file.path);
}
