import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { decideRequest } from "../../src/rules/decide.ts";
import { type Reload, RuleFiles } from "../../src/rules/files.ts";
import { DISK_MOCKS } from "../../src/rules/mock-files.ts";
import { MockFault } from "../../src/rules/render.ts";
import { RuleSwitches } from "../../src/rules/state.ts";
import { eventually } from "../support/peer.ts";
import { ambientOf, get } from "./support.ts";

const rule = (name: string): string => `rules:\n  - { name: ${name}, when: '*', tag: t }\n`;

describe("rule files", () => {
  let home = "";
  let files: RuleFiles;
  let reloaded: (outcome: Reload) => void = () => {};

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "waylay-rules-"));
  });
  afterEach(() => {
    files.close();
    rmSync(home, { recursive: true });
  });

  const open = (paths: readonly string[]): RuleFiles => {
    const switches = new RuleSwitches(join(home, "rules.state.json"));
    files = new RuleFiles({
      paths,
      policy: {},
      switches,
      env: () => undefined,
      onReload: outcome => reloaded(outcome),
    });
    return files;
  };
  const applied = (): readonly string[] => decideRequest(files.program, get("/"), ambientOf()).rules;
  /** The next reload. The watchers do not keep the process alive, so a timer does. */
  const reload = (): Promise<Reload> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no reload")), 5000);
      reloaded = outcome => {
        clearTimeout(late);
        resolve(outcome);
      };
    });

  it("a folder's files by name, and files in the order given", () => {
    mkdirSync(join(home, "r"));
    for (const name of ["b", "a"]) writeFileSync(join(home, "r", `${name}.yaml`), rule(name));
    writeFileSync(join(home, "r", "ignored.txt"), "not yaml: [");
    writeFileSync(join(home, "z.yaml"), rule("z"));
    assert.ok(open([join(home, "z.yaml"), join(home, "r")]).load());
    assert.deepEqual(applied(), ["z", "a", "b"]);
  });

  it("a save is in force within 200 ms, a broken one leaves the old rules and says where", async () => {
    const path = join(home, "a.yaml");
    writeFileSync(path, rule("one"));
    assert.ok(open([path]).load());
    files.watch();
    const before = files.program;
    let done = reload();
    let started = performance.now();
    writeFileSync(path, rule("two"));
    await done;
    assert.ok(performance.now() - started < 200);
    assert.deepEqual([applied(), decideRequest(before, get("/"), ambientOf()).rules], [["two"], ["one"]]);

    done = reload();
    started = performance.now();
    writeFileSync(`${path}.swp`, "rules:\n  - { name: x, wen: '*', tag: t }\n");
    renameSync(`${path}.swp`, path);
    const { problems } = await done;
    assert.ok(performance.now() - started < 200);
    assert.deepEqual(applied(), ["two"]);
    assert.ok(
      problems.some(each => each.text.startsWith(`${path}:2:16: error: unknown key "wen"; did you mean when?`)),
    );
  });

  it("what else happens in their folder, and a save that changes nothing, is no reload", async () => {
    const path = join(home, "a.yaml");
    writeFileSync(path, "vars: { t: '${file:token}' }\nrules: [{ name: one, when: '*', tag: '${t}' }]\n");
    writeFileSync(join(home, "token"), "abc");
    assert.ok(open([path]).load());
    files.watch();
    let reloads = 0;
    reloaded = () => reloads++;
    for (let i = 0; i < 10; i++) {
      writeFileSync(join(home, "session.waylay"), "x".repeat(i));
      writeFileSync(join(home, "other.yaml"), rule("other"));
      writeFileSync(path, readFileSync(path));
      await new Promise(resolve => setTimeout(resolve, 30));
    }
    await new Promise(resolve => setTimeout(resolve, 200));
    assert.equal(reloads, 0);
    const done = reload();
    writeFileSync(join(home, "token"), "def");
    await done;
    assert.deepEqual(decideRequest(files.program, get("/"), ambientOf()).flow?.tags, ["def"]);
  });

  it("a file that is written to without end is read all the same", async () => {
    const path = join(home, "a.yaml");
    writeFileSync(path, rule("one"));
    assert.ok(open([path]).load());
    files.watch();
    const writing = setInterval(() => writeFileSync(path, rule("two")), 10);
    // It may be read while it is empty: then it is read again.
    await eventually(() => applied()[0] === "two").finally(() => clearInterval(writing));
  });

  it("a file that comes into a folder, or goes, is one", async () => {
    assert.ok(open([home]).load());
    files.watch();
    let done = reload();
    writeFileSync(join(home, "a.yaml"), rule("one"));
    await done;
    assert.deepEqual(applied(), ["one"]);
    done = reload();
    rmSync(join(home, "a.yaml"));
    await done;
    assert.deepEqual(applied(), []);
  });

  it("what is not there, or no text, is a problem and no crash", () => {
    assert.ok(!open([join(home, "none.yaml"), join(home, "none")]).load());
    assert.equal(files.problems.length, 2);
    assert.ok(files.problems.some(each => each.text.includes("none.yaml is not there")));
  });

  it("a switch that another process makes is in force within 200 ms", async () => {
    const path = join(home, "a.yaml");
    writeFileSync(path, rule("one"));
    assert.ok(open([path]).load());
    files.watch();
    const done = reload();
    const started = performance.now();
    new RuleSwitches(join(home, "rules.state.json")).set(`${path}#one`, false);
    await done;
    assert.ok(performance.now() - started < 200);
    assert.deepEqual([applied(), files.rules.map(each => each.enabled)], [[], [false]]);
    // Ours does not undo it.
    assert.ok(files.switch("one", true));
    assert.deepEqual(applied(), ["one"]);
  });

  it("a rule that an earlier file leaves nothing to is said", () => {
    writeFileSync(join(home, "a.yaml"), "rules: [{ name: all, when: 'host:a.com', block: 403 }]\n");
    writeFileSync(join(home, "b.yaml"), "rules: [{ name: late, when: 'host:a.com path:/x', tag: t }]\n");
    assert.ok(open([home]).load());
    assert.match(
      files.problems.map(each => each.text).join("\n"),
      /b\.yaml:1:\d+: warning: it is never asked: "all" in /,
    );
  });

  it("switches outlive the process and touch no file", () => {
    const path = join(home, "a.yaml");
    writeFileSync(path, rule("one"));
    open([path]).load();
    assert.ok(files.switch("one", false));
    assert.ok(!files.switch("none", false));
    assert.deepEqual(applied(), []);
    open([path]).load();
    assert.deepEqual(applied(), []);
    assert.equal(readFileSync(path, "utf8"), rule("one"));
    assert.ok(files.switch(`${path}#one`, true));
    assert.deepEqual(applied(), ["one"]);
  });

  it("vars from files", () => {
    writeFileSync(join(home, "token"), "abc\n");
    writeFileSync(join(home, "a.yaml"), "vars: { t: '${file:token}' }\nrules: [{ name: a, when: '*', tag: '${t}' }]\n");
    assert.ok(open([join(home, "a.yaml")]).load());
    assert.deepEqual(decideRequest(files.program, get("/"), ambientOf()).flow?.tags, ["abc"]);
  });
});

describe("mock folders", () => {
  it("have no way out", async () => {
    const home = mkdtempSync(join(tmpdir(), "waylay-mocks-"));
    const root = join(home, "m");
    mkdirSync(join(root, "sub"), { recursive: true });
    mkdirSync(join(home, "m-other"));
    writeFileSync(join(home, "secret"), "s");
    writeFileSync(join(home, "m-other", "a"), "s");
    writeFileSync(join(root, "a.txt"), "a");
    writeFileSync(join(root, "..odd"), "odd");
    symlinkSync(join(home, "secret"), join(root, "link"));
    symlinkSync(home, join(root, "up"));
    symlinkSync("loop", join(root, "loop"));
    const read = async (path: string): Promise<string> => {
      try {
        return (await DISK_MOCKS.below(root, path, ["index.html"])).bytes.toString();
      } catch (fault) {
        assert.ok(fault instanceof MockFault);
        return String(fault.status);
      }
    };
    assert.equal(await read("a.txt"), "a");
    assert.equal(await read("/sub/../a.txt"), "a");
    assert.equal(await read("..odd"), "odd");
    for (const path of [
      "../secret",
      "/../secret",
      "sub/../../secret",
      "link",
      "up/secret",
      "loop",
      "a\0.txt",
      "../m-other/a",
      "none",
      "sub",
      "/",
      "a.txt/b",
    ]) {
      assert.equal(await read(path), "404", path);
    }
    rmSync(home, { recursive: true });
  });
});
