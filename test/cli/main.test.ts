import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Command } from "commander";
import { filterText, hideFilterTerms } from "../../src/cli/filter-terms.ts";
import { wantsColour } from "../../src/cli/io.ts";
import { run } from "../../src/cli/main.ts";
import { addConfigOptions, configFlags } from "../../src/cli/options.ts";
import { notedIo } from "../support/io.ts";

async function waylay(...args: string[]) {
  const io = notedIo();
  await run(["node", "waylay", ...args], io);
  return io;
}

describe("main", () => {
  it("prints the version, and the help to standard output", async () => {
    assert.match((await waylay("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await waylay("--help")).stdout, /Commands:\n {2}start /);
    assert.equal((await waylay("help", "flows")).stdout, (await waylay("flows", "--help")).stdout);
  });
  it("takes no command, or options at once, for start", async () => {
    const { stderr, exitCode } = await waylay("-p", "x");
    assert.deepEqual([stderr, exitCode], ['waylay: --port: "x" is no port (0 to 65535)\n', 2]);
  });
  it("never finds a command where objects have properties of their own", async () => {
    assert.match((await waylay("constructor")).stderr, /^waylay: unknown command "constructor"/);
  });
  it("answers wrong usage in one line with status 2", async () => {
    for (const [args, message] of [
      [["flwos"], 'unknown command "flwos"; did you mean "flows"?; see waylay --help'],
      [["flows", "show"], "missing required argument 'ID'"],
      [["flows", "show", "x"], '"x" is no flow\'s id; waylay flows ls shows them'],
      [["flows", "ls", "--limit"], "option '-n, --limit <N>' argument missing"],
      [["flows", "ls", "is:nonsense"], undefined],
      [["flows", "export", "--format", "pdf"], undefined],
      [["start", "extra"], undefined],
    ] as [string[], string | undefined][]) {
      const { stdout, stderr, exitCode } = await waylay(...args);
      assert.match(stderr, /^waylay: [^\n]+\n$/);
      if (message) assert.equal(stderr, `waylay: ${message}\n`);
      assert.deepEqual([stdout, exitCode], ["", 2], args.join(" "));
    }
  });
  it("shows where an error came from only when asked", async () => {
    const io = notedIo({ env: { WAYLAY_DEBUG: "1" } });
    await run(["node", "waylay", "nothing"], io);
    assert.match(io.stderr, /\n {4}at /);
  });
});

describe("filter terms on the command line", () => {
  it("that begin with a minus are no options", () => {
    const args = ["-status:200", "host:x", "-s", "file", "--json", "-header.X-A:b", "-p"];
    const hidden = hideFilterTerms(args);
    assert.deepEqual(
      hidden.map(arg => arg.startsWith("-")),
      [false, false, true, false, true, false, true],
    );
    assert.equal(filterText(hidden), args.join(" "));
  });
  it("are left alone after --", () => {
    assert.deepEqual(hideFilterTerms(["--", "-status:200"]), ["--", "-status:200"]);
  });
});

describe("the options of start on the command line", () => {
  const flagsOf = (...args: string[]) => {
    const command = new Command();
    addConfigOptions(command);
    command.parse(args, { from: "user" });
    return Object.fromEntries(
      Object.entries(configFlags(command)).filter(([, value]) => value !== undefined && value !== false),
    );
  };
  it("not given are not there", () => assert.deepEqual(flagsOf(), {}));
  it("keep lists in order, count switches, and know negation", () => {
    assert.deepEqual(flagsOf("-m", "a", "--mode", "b", "-vv", "--no-ui", "-p", "1", "--pass=x", "--insecure"), {
      mode: ["a", "b"],
      verbose: 2,
      "no-ui": true,
      port: "1",
      pass: ["x"],
      insecure: true,
    });
  });
});

it("colour is for terminals, unless somebody says otherwise", () => {
  assert.equal(wantsColour(true, {}), true);
  assert.equal(wantsColour(false, {}), false);
  assert.equal(wantsColour(true, { NO_COLOR: "1" }), false);
  assert.equal(wantsColour(true, { NO_COLOR: "" }), true, "no-color.org: when present and not empty");
  assert.equal(wantsColour(true, { TERM: "dumb" }), false);
  assert.equal(wantsColour(false, { FORCE_COLOR: "1" }), true);
  assert.equal(wantsColour(true, { FORCE_COLOR: "1", NO_COLOR: "1" }), false);
});
