// `waylay rules …` as it is typed, with homes of its own and no waylay running.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run } from "../../../src/cli/main.ts";
import { rulesSchema } from "../../../src/rules/schema.ts";
import { temporary } from "../../ca/scene.ts";
import { type NotedIo, notedIo } from "../../support/io.ts";

interface User {
  readonly home: string;
  file(name: string, text: string): string;
  rules(...args: string[]): Promise<NotedIo>;
}

function user(t: TestContext, scene: { width?: number; env?: Record<string, string> } = {}): User {
  const home = temporary(t);
  return {
    home,
    file(name, text) {
      writeFileSync(join(home, name), text);
      return join(home, name);
    },
    async rules(...args) {
      const env = { HOME: home, WAYLAY_HOME: home, ...scene.env };
      const io = notedIo({ env, cwd: home, ...(scene.width === undefined ? {} : { width: scene.width }) });
      await run(["node", "waylay", "rules", ...args], io);
      return io;
    },
  };
}

test("check shows every fault with place, caret and what was meant, and fails", async t => {
  const { file, rules } = user(t);
  file("bad.yaml", "rules:\n  - name: a\n    when: hots:x\n    tga: t\n");
  const { stdout, exitCode } = await rules("check", "bad.yaml");
  assert.equal(exitCode, 1);
  const [first, second, verdict] = stdout.split("\n\n") as [string, string, string];
  assert.match(
    first,
    /^bad\.yaml:3:11: error: unknown key hots; did you mean host\?\n {6}when: hots:x\n {12}\^\^\^\^\n {2}expected one of method, /,
  );
  assert.match(
    second,
    /^bad\.yaml:4:5: error: unknown key "tga"; did you mean tag\?\n {6}tga: t\n {6}\^\^\^\n {2}expected /,
  );
  assert.equal(verdict, "✗ 2 errors in 1 file\n");
});

test("check warns of rules that can never match, also where another file takes everything, and does not fail", async t => {
  const { file, rules } = user(t);
  file("a.yaml", "rules:\n  - { name: all of a, when: 'host:a.com', block: 403 }\n");
  file(
    "b.yaml",
    "rules:\n  - { name: late, when: 'host:a.com path:/x', tag: t }\n  - { name: never, when: 'method:GET method:PUT', tag: t }\n",
  );
  const { stdout, exitCode } = await rules("check", "a.yaml", "b.yaml");
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /b\.yaml:2:\d+: warning: it is never asked: "all of a" in .*a\.yaml matches whatever it matches/,
  );
  assert.match(stdout, /b\.yaml:3:\d+: warning: it can never match: method:GET and method:PUT exclude each other/);
  assert.match(stdout, /\n! 2 warnings in 2 files\n$/);
});

test("check --json is one fault a line, with both ends of its place", async t => {
  const { file, rules } = user(t);
  file("bad.yaml", "rules:\n  - name: a\n    when: '*'\n    tga: t\n");
  const { stdout, exitCode } = await rules("check", "--json", "bad.yaml");
  const [fault, ...rest] = stdout.trim().split("\n");
  const { file: path, expected, ...place } = JSON.parse(fault!);
  assert.deepEqual(place, {
    severity: "error",
    line: 4,
    column: 5,
    endLine: 4,
    endColumn: 8,
    message: 'unknown key "tga"; did you mean tag?',
  });
  assert.ok(path.endsWith("/bad.yaml") && expected.includes("tag"));
  assert.deepEqual([rest, exitCode], [[], 1]);
});

test("check of good files, of nothing, and of what is not there", async t => {
  const { home, file, rules } = user(t);
  assert.match((await rules("check")).stderr, /^waylay: .*\/rules has no rule file \(\.yaml or \.yml\)\n$/);
  mkdirSync(join(home, "empty"));
  const empty = await rules("check", "empty");
  assert.deepEqual([empty.exitCode, empty.stderr.includes("has no rule file")], [1, true]);
  const gone = await rules("check", "gone.yaml");
  assert.deepEqual([gone.exitCode, /gone\.yaml is not there/.test(gone.stdout)], [1, true]);
  file("good.yaml", "rules:\n  - { name: a, when: '*', tag: t }\n");
  assert.deepEqual((await rules("check", "good.yaml")).stdout, "✓ 1 rule in 1 file, no faults\n");
});

test("a terminal gets the fault around its caret and no line longer than itself", async t => {
  const { file, rules } = user(t, { width: 80, env: { NO_COLOR: "1" } });
  file("long.yaml", `rules:\n  - { name: ${"n".repeat(120)}, when: '*', tga: t }\n`);
  const lines = (await rules("check", "long.yaml")).stdout.split("\n");
  assert.ok(lines.slice(1).every(line => line.length <= 80));
  const [source, carets] = lines.slice(1) as [string, string];
  assert.equal(source.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1), "tga");
});

const SHOWN = `rules:
  - name: plain
    when: host:a.com
    request: { acceptEncoding: plain, headers: { set: { X-A: b } } }
  - { name: elsewhere, when: 'host:b.com method:PUT', tag: t }
  - { name: later, when: 'status:500', tag: broken }
  - { name: off, when: '*', enabled: false, tag: t }
  - { name: mock, when: 'path:/m', answer: { json: {} } }
  - { name: behind, when: '*', tag: t }
`;

test("explain says of each rule whether it matches, which term failed, and the diff", async t => {
  const { file, rules } = user(t);
  file("r.yaml", SHOWN);
  const { stdout, exitCode } = await rules("explain", "https://a.com/m?x", "-r", "r.yaml", "-H", "Accept-Encoding: br");
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    [
      "GET https://a.com/m?x",
      "",
      "✓ plain  r.yaml",
      '    matches when host is "a.com"',
      "    set Accept-Encoding: identity",
      "    set X-A: b",
      "    - Accept-Encoding: br",
      "    + Accept-Encoding: identity",
      "    + X-A: b",
      '✗ elsewhere  r.yaml  host is "b.com": no, method is "PUT": no',
      "? later  r.yaml  waits for the response",
      "○ off  r.yaml  off",
      "✓ mock  r.yaml",
      '    matches when path is "/m"',
      "    answer 200 (text)",
      "– behind  r.yaml  not asked: a rule before it ends the list",
      "",
      "2 rules together",
      "    set Accept-Encoding: identity",
      "    set X-A: b",
      "    answer 200 (text)",
      "    - Accept-Encoding: br",
      "    + Accept-Encoding: identity",
      "    + X-A: b",
      "",
    ].join("\n"),
  );
});

test("explain --json is one object; --matched leaves the others out", async t => {
  const { file, rules } = user(t);
  file("r.yaml", SHOWN);
  const { stdout } = await rules("explain", "a.com/m", "-r", "r.yaml", "--json", "--matched");
  const { request, rules: all, together } = JSON.parse(stdout);
  assert.deepEqual(request, { method: "GET", scheme: "http", host: "a.com", port: 80, path: "/m" });
  assert.deepEqual(
    all.map((each: { name: string; verdict: string }) => [each.name, each.verdict]),
    [
      ["plain", "matched"],
      ["mock", "matched"],
    ],
  );
  assert.deepEqual(together.does.at(-1), "answer 200 (text)");
});

test("explain takes a raw request as an editor writes it, and compares contents", async t => {
  const { file, rules } = user(t);
  file(
    "r.yaml",
    "rules:\n  - name: price\n    when: 'request.body:*cost*'\n    request: { json: { set: { $.cost: 2 } } }\n",
  );
  file("q.http", 'PUT /pay HTTP/1.1\nHost: shop:8080\nContent-Type: application/json\n\n{"cost":1}');
  const { stdout, stderr } = await rules("explain", "--request", "q.http", "-r", "r.yaml");
  assert.equal(stderr, "");
  assert.match(stdout, /^PUT http:\/\/shop:8080\/pay\n/);
  assert.match(stdout, /\n {4}- \{"cost":1\}\n {4}\+ \{"cost":2\}\n/);
});

test("explain refuses what it cannot explain in one line", async t => {
  const { file, rules } = user(t);
  file("bad.yaml", "rules: 1\n");
  file("q.http", "hello\n");
  for (const [args, status, line] of [
    [[], 2, /^waylay: wants a URL, --flow ID or --request FILE\n$/],
    [["ftp://a"], 2, /^waylay: "ftp:\/\/a" is no URL of http or https\n$/],
    [["http://a", "--flow", "1"], 2, /^waylay: --flow is a whole request/],
    [["http://a", "-r", "bad.yaml"], 1, /^waylay: the rules have errors, .*bad\.yaml:1:8: error: .*\n$/],
    [["--request", "q.http"], 1, /^waylay: the request is not valid HTTP\/1\.1: .*\n$/],
    [["--request", "gone"], 1, /^waylay: gone cannot be read \(ENOENT\)\n$/],
  ] as const) {
    const { stdout, stderr, exitCode } = await rules("explain", ...args);
    assert.deepEqual([stdout, exitCode], ["", status], args.join(" "));
    assert.match(stderr, line);
  }
});

test("add puts a lesson and what it names into HOME/rules, once", async t => {
  const { home, rules } = user(t);
  assert.match((await rules("ls")).stdout, /^no rules are in force\n\nlessons .*\n( {4}\S+ .*\n)+$/);
  assert.equal((await rules("add", "map-local", "plain")).exitCode, 0);
  for (const name of ["map-local.yaml", "plain.yaml", "mocks/a.json", "schema.json"])
    assert.ok(existsSync(join(home, "rules", name)), name);
  assert.match((await rules("add", "plain")).stderr, /plain\.yaml is there already; --force replaces it\n$/);
  assert.equal((await rules("add", "plain", "--force")).exitCode, 0);
  assert.match((await rules("add", "../x")).stderr, /no lesson is called/);
  assert.match((await rules("add", "plian")).stderr, /did you mean "plain"\?/);
  assert.equal((await rules("check")).stdout, "✓ 2 rules in 2 files, no faults\n");
});

test("enable and disable take a rule or a file, and leave the file alone", async t => {
  const { home, rules } = user(t);
  await rules("add", "refresh");
  const text = readFileSync(join(home, "rules", "refresh.yaml"), "utf8");
  const states = async () => {
    const lines = (await rules("ls", "--json")).stdout.trim().split("\n");
    return lines.map(line => JSON.parse(line)).flatMap(each => ("enabled" in each ? [each.enabled] : []));
  };
  assert.deepEqual(await states(), [true, false]);
  assert.equal((await rules("enable", "Refresh to somewhere else")).exitCode, 0);
  assert.deepEqual(await states(), [true, true]);
  assert.match((await rules("disable", "refresh")).stdout, /^off no Refresh .*\noff Refresh to somewhere else .*\n$/);
  assert.deepEqual(await states(), [false, false]);
  assert.match((await rules("explain", "http://a/")).stdout, /○ no Refresh {2}refresh\.yaml {2}off\n/);
  assert.match((await rules("enable", "refrehs")).stderr, /did you mean "refresh"\?/);
  assert.equal(readFileSync(join(home, "rules", "refresh.yaml"), "utf8"), text);
});

test("schema is the one that the shipped files point to", async t => {
  assert.deepEqual(JSON.parse((await user(t).rules("schema")).stdout), rulesSchema());
});

test("import writes rules that load, and says on standard error what stays behind", async t => {
  const { home, file, rules } = user(t);
  file("whistle.txt", "a.com 127.0.0.1:3000\nb.com weinre://x\n");
  const { stdout, stderr, exitCode } = await rules("import", "whistle", "whistle.txt");
  assert.equal(exitCode, 0);
  assert.match(stdout, /^# Imported from whistle, whistle\.txt\.\n\nrules:\n {2}- # line 1\n/);
  assert.equal(
    stderr,
    "whistle.txt:2: weinre://x  weinre:// has no equal here\n1 rule, 1 left behind; waylay rules check\n",
  );
  assert.equal((await rules("import", "whistle", "whistle.txt", "-o", "out.yaml")).stdout, "");
  assert.equal(readFileSync(join(home, "out.yaml"), "utf8"), stdout);
  assert.match((await rules("import", "charels", "x")).stderr, /did you mean "charles"\?/);
  file("none.txt", "hello\n");
  assert.match((await rules("import", "whistle", "none.txt")).stderr, /no rule that could be carried over\n$/);
});
