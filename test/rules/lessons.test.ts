// Each shipped file in rules/ is a lesson that loads as it stands and does what it says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { compileRules } from "../../src/rules/compile.ts";
import { decideRequest, decideResponse, type RequestFacts } from "../../src/rules/decide.ts";
import { describePlan } from "../../src/rules/describe.ts";
import { RuleFiles } from "../../src/rules/files.ts";
import { DISK_MOCKS } from "../../src/rules/mock-files.ts";
import { renderAnswer } from "../../src/rules/render.ts";
import { RuleSwitches } from "../../src/rules/state.ts";
import { ambientOf, get, headBytes, requestFacts, requestHead, responseFacts, responseHead } from "./support.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "rules");

const post = (target: string): RequestFacts =>
  requestFacts(requestHead(headBytes(`POST ${target} HTTP/1.1`, "Host: a.com", "Content-Length: 0")));

/** [file, request, response lines, what is done]. */
const SHOWN: readonly (readonly [string, RequestFacts, readonly string[], readonly string[]])[] = [
  ["plain", get("/", "a.com", "Accept-Encoding: gzip"), [], ["set Accept-Encoding: identity"]],
  ["connection", get("/connection/x"), [], ["set Connection: close"]],
  ["refresh", get("/refresh"), ["Refresh: 1; url=/a"], ["remove Refresh"]],
  [
    "cookies",
    get("/cookies", "a.com", "Cookie: _ga=1"),
    [],
    [
      "remove cookie _ga",
      "remove cookie _gid",
      "set cookie seen-by=waylay",
      'change Set-Cookie *: {"Secure":false,"SameSite":"Lax"}',
      "take Set-Cookie tracker out",
    ],
  ],
  ["auth", get("/basic-auth"), [], [`set Authorization: Basic ${Buffer.from("me:secret").toString("base64")}`]],
  ["no-cache", get("/"), [], ["remove If-None-Match", "set Cache-Control: no-cache", "set Cache-Control: no-store"]],
  ["cors", get("/", "a.com", "Origin: https://b.com"), [], ["set Access-Control-Allow-Origin: https://b.com"]],
  ["mock", get("/mock/users/7"), [], ["answer 200 (text)"]],
  ["map-local", get("/local/a.json"), [], ["answer 200 (folder)"]],
  [
    "map-remote",
    get("/api/x?y", "www.example.com"),
    [],
    ["target becomes /v2/x?y", "send to https://staging.example.com:443"],
  ],
  ["slow", get("/slow/3"), [], ["delayMs: 2000"]],
  ["faults", post("/pay"), [], ["answer 503 (text)"]],
  [
    "inject",
    get("/page"),
    ["Content-Type: text/html"],
    ["put script into the page at head-start", "put style into the page at head-end"],
  ],
  ["redact", get("/"), [], ["redact header Authorization", "redact cookie session", "redact json user.password"]],
  ["script", get("/script/json"), [], [`ask the script ${join(FOLDER, "scripts", "quota.ts")}`]],
  ["block", get("/", "x.doubleclick.net"), [], ["answer 403 (none)"]],
  [
    "client-certificate",
    get("/", "mtls.example.com"),
    [],
    [`clientCertificate: {"cert":"${join(FOLDER, "me.crt")}","key":"${join(FOLDER, "me.key")}"}`],
  ],
];

function load(name: string): RuleFiles {
  const files = new RuleFiles({
    paths: [join(FOLDER, `${name}.yaml`)],
    policy: {},
    switches: new RuleSwitches(null),
    env: each => (each === "WAYLAY_PASSWORD" ? "secret" : undefined),
    onReload: () => {},
  });
  assert.ok(files.load(), files.problems.map(each => each.text).join("\n"));
  assert.deepEqual(files.problems, []);
  return files;
}

describe("lessons", () => {
  for (const [name, request, responseLines, does] of SHOWN) {
    it(name, () => {
      const program = compileRules(load(name).rules);
      const ambient = ambientOf({ random: () => 0.05 });
      const plan = decideRequest(program, request, ambient);
      const response = responseFacts(responseHead(headBytes("HTTP/1.1 200 OK", ...responseLines)));
      const done = [...describePlan(plan), ...describePlan(decideResponse(program, plan, request, response, ambient))];
      for (const each of does) assert.ok(done.includes(each), `${each} is not among\n${done.join("\n")}`);
    });
  }

  it("every file is shown here, and says what it teaches", () => {
    const files = readdirSync(FOLDER).filter(file => file.endsWith(".yaml"));
    assert.deepEqual(files.map(file => file.replace(".yaml", "")).sort(), SHOWN.map(([name]) => name).sort());
    for (const file of files) {
      const [schema, first, second] = readFileSync(join(FOLDER, file), "utf8").split("\n");
      assert.equal(schema, "# yaml-language-server: $schema=./schema.json");
      assert.match(first!, /^# Teaches: /);
      assert.match(second!, /^# /);
    }
  });

  it("the mock of map-local is served, with ranges", async () => {
    const program = load("map-local").program;
    for (const [line, status, size] of [
      ["X: y", 200, 33],
      ["Range: bytes=2-7", 206, 6],
      ["Range: bytes=-4", 206, 4],
      ["Range: bytes=99-", 416, 0],
    ] as const) {
      const facts = get("/local/a.json", "a.com", line);
      const { answer } = decideRequest(program, facts, ambientOf());
      const rendered = await renderAnswer(answer!, facts, Buffer.alloc(0), DISK_MOCKS, 0);
      assert.deepEqual([rendered.status, rendered.body.length], [status, size]);
    }
    const facts = get("/local/", "a.com");
    const page = await renderAnswer(
      decideRequest(program, facts, ambientOf()).answer!,
      facts,
      Buffer.alloc(0),
      DISK_MOCKS,
      0,
    );
    assert.match(page.head.toString(), /text\/html/);
  });
});
