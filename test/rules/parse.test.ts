import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import Ajv from "ajv";
import fc from "fast-check";
import { parse as parseYaml } from "yaml";
import { NOT_YET } from "../../src/rules/actions/not-yet.ts";
import { OFFERED_ACTIONS } from "../../src/rules/actions/table.ts";
import { compileRules } from "../../src/rules/compile.ts";
import { decideConnect, decideRequest, decideResponse } from "../../src/rules/decide.ts";
import { describePlan } from "../../src/rules/describe.ts";
import { formatDiagnostic } from "../../src/rules/diagnostics.ts";
import { parseRules } from "../../src/rules/parse.ts";
import { rulesReference } from "../../src/rules/reference.ts";
import { rulesSchema } from "../../src/rules/schema.ts";
import { type Shorthand, shorthandFile, splitShorthand } from "../../src/rules/shorthand.ts";
import { ambientOf, connectFacts, get, headBytes, programOf, responseFacts, responseHead, rulesOf } from "./support.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** A rule with just this action, in block form. */
function ruleWith(key: string, value: string, when: string): string {
  let text = `rules:\n  - name: r\n    when: '${when}'\n`;
  const path = key.split(".");
  path.forEach((part, depth) => {
    text += `${" ".repeat(4 + 2 * depth)}${part}:${depth === path.length - 1 ? ` ${value}` : ""}\n`;
  });
  return text;
}

describe("every action's example", () => {
  const validate = new Ajv().compile(rulesSchema() as object); // a schema is an object
  for (const action of OFFERED_ACTIONS) {
    it(action.key, () => {
      const when = action.phase === "connect" ? "host:a.com" : "host:a.com path:/*";
      const text = ruleWith(action.key, action.example, when);
      const program = programOf(text, { env: () => "x" });
      assert.ok(validate(parseYaml(text)), JSON.stringify(validate.errors));
      const facts = get("/v1/a?page=1&utm_source=x", "a.com", "Cookie: session=1; lang=en; _ga=2", "Referer: http://a");
      const ambient = ambientOf();
      const plan = decideRequest(program, facts, ambient);
      const response = decideResponse(
        program,
        plan,
        facts,
        responseFacts(responseHead(headBytes("HTTP/1.1 200 OK"))),
        ambient,
      );
      const does = [
        ...describePlan(plan),
        ...describePlan(response),
        decideConnect(program, connectFacts({ host: "a.com" })).intercept,
      ];
      if (action.key !== "request.keepHost") assert.ok(does.length > 1 || does[0] !== "decrypt", "it says nothing");
      assert.deepEqual(plan.rules, ["r"]);
    });
  }

  it("the schema refuses what the parser refuses", () => {
    for (const text of [
      "rules: [{ when: a, blok: 403 }]",
      "rules: [{ name: a, block: 403 }]",
      "rule: []",
      "rules: [{ when: a, request: { headers: { sett: {} } } }]",
    ]) {
      assert.ok(!validate(parseYaml(text)), text);
      assert.ok(!parseRules("x", text).ok, text);
    }
  });
});

describe("what this version does not carry out is refused by name", () => {
  const values: Readonly<Record<string, string>> = {
    messages: "{ drop: true }",
    replay: "3",
    script: "./x.ts",
    "connection.upstream": "pac:./proxy.pac",
    "connection.tls.alpn": "h2",
  };
  for (const { key } of NOT_YET) {
    it(key, () => {
      const { ok, diagnostics } = parseRules("x", ruleWith(key, values[key] ?? "", "host:a.com"));
      assert.ok(!ok);
      assert.equal(diagnostics.length, 1);
      assert.match(diagnostics[0]!.message, new RegExp(`^${key}: .* is not in this version yet$`));
    });
  }
});

describe("generated files are what the tables give", () => {
  it("docs/rules.md", () => assert.equal(readFileSync(join(ROOT, "docs", "rules.md"), "utf8"), rulesReference()));
  it("rules/schema.json", () =>
    assert.deepEqual(JSON.parse(readFileSync(join(ROOT, "rules", "schema.json"), "utf8")), rulesSchema()));
});

describe("any text is rules or diagnostics with spans inside it", () => {
  const bits = [
    "rules:\n",
    "  - name: a\n",
    "    when: host:a\n",
    "    when: '",
    "'\n",
    "    request:\n",
    "      headers:\n",
    "        set: { A: b }\n",
    "    block: 403\n",
    "    answer: { json: ",
    " }\n",
    "&a ",
    "*a",
    "<<: ",
    "${x}",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "\t",
    "# x\n",
    "!!binary ",
    "|\n",
    "vars: { a: 1 }\n",
    "? ",
    "%YAML 1.2\n---\n",
    "\u0000",
    "🙂",
    "\r\n",
    "    sample: 10%\n",
    "    times: {",
    "    between: [09:00, 10:00]\n",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.array(fc.constantFrom(...bits), { maxLength: 14 }).map(parts => parts.join("")),
    fc.json().map(value => `rules: ${value}`),
  );

  it("holds", () => {
    fc.assert(
      fc.property(text, each => {
        const { ok, rules, diagnostics } = parseRules("f.yaml", each, { env: () => undefined });
        assert.ok(ok || diagnostics.some(one => one.severity === "error"));
        for (const one of diagnostics) {
          assert.ok(one.span.start >= 0 && one.span.start <= one.span.end && one.span.end <= each.length);
          assert.ok(one.message.length > 0);
          assert.ok(formatDiagnostic(one, each).startsWith("f.yaml:"));
        }
        decideRequest(compileRules(rules), get("/x"), ambientOf());
      }),
      { numRuns: 1500 },
    );
  });

  it("aliases that loop or flood, and huge files, are faults", () => {
    const flood = `a: &a [${"x,".repeat(20)}]\nb: &b [${"*a,".repeat(20)}]\nc: &c [${"*b,".repeat(20)}]\nd: &d [${"*c,".repeat(20)}]\ne: &e [${"*d,".repeat(20)}]\nf: &f [${"*e,".repeat(20)}]\n`;
    for (const text of [
      "rules:\n - &r\n   when: '*'\n   request: { json: { set: { a: &x { b: *x } } } }\n",
      `${flood}rules: [{ when: '*', answer: { json: *f } }]\n`,
      `rules: []\n#${"x".repeat(10_000_000)}`,
      `rules: ${"[".repeat(5000)}`,
    ]) {
      const started = performance.now();
      assert.ok(!parseRules("f.yaml", text).ok);
      assert.ok(performance.now() - started < 3000);
    }
  });
});

describe("short forms", () => {
  it("are the same rules underneath", () => {
    const forms: readonly Shorthand[] = [
      { kind: "map-local", filter: "path:/a/*", to: "/mocks/" },
      { kind: "map-remote", filter: "host:a.com", to: "https://b.com" },
      { kind: "map-remote", filter: "host:c.com", to: "https://b.com/x" },
      { kind: "set-header", filter: "*", name: "X-A", value: "1" },
      { kind: "remove-header", filter: "*", name: "X-B" },
      { kind: "no-cache", filter: "*" },
      { kind: "plain", filter: "*" },
      { kind: "cors", filter: "*" },
      { kind: "throttle", filter: "*", speed: "4g" },
      { kind: "throttle", filter: "*", speed: "50kB/s" },
      { kind: "block", filter: "host:ads.com" },
    ];
    const program = compileRules(rulesOf(shorthandFile(forms)));
    assert.equal(program.rules.length, forms.length);
    const plan = decideRequest(program, get("/q?x", "a.com"), ambientOf());
    assert.deepEqual(plan.route, { scheme: "https", host: "b.com", port: 443 });
    assert.ok(plan.head.some(op => op.kind === "set" && op.name === "X-A"));
    assert.equal(plan.connection?.throttle?.downPerSecond, 50_000);
  });

  it("split at the first = outside quotes", () => {
    assert.deepEqual(splitShorthand("host:a path:/x=./m"), { filter: "host:a path:/x", value: "./m" });
    assert.deepEqual(splitShorthand('url:"*a=b*"=./m=n'), { filter: 'url:"*a=b*"', value: "./m=n" });
    assert.equal(splitShorthand("nothing"), null);
  });
});
