import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compileRules } from "../../src/rules/compile.ts";
import {
  decideConnect,
  decideRequest,
  decideResponse,
  EMPTY_PLAN,
  EMPTY_PROGRAM,
  EMPTY_RESPONSE_PLAN,
  programFor,
} from "../../src/rules/decide.ts";
import { explainRules } from "../../src/rules/explain.ts";
import { subjectOf } from "../../src/rules/facts.ts";
import { RuleHits } from "../../src/rules/hits.ts";
import {
  ambientOf,
  connectFacts,
  get,
  headBytes,
  programOf,
  requestFacts,
  requestHead,
  responseFacts,
  responseHead,
  rulesOf,
} from "./support.ts";

const ok = responseFacts(responseHead(headBytes("HTTP/1.1 200 OK", "Content-Type: text/html")));

describe("decideRequest", () => {
  it("gives the shared empty plan when no rule has anything to say", () => {
    assert.equal(decideRequest(EMPTY_PROGRAM, get("/"), ambientOf()), EMPTY_PLAN);
    const program = programOf("rules: [{ name: a, when: host:b.com, tag: x }]");
    assert.equal(decideRequest(program, get("/"), ambientOf()), EMPTY_PLAN);
    assert.equal(decideResponse(program, EMPTY_PLAN, get("/"), ok, ambientOf()), EMPTY_RESPONSE_PLAN);
  });

  it("applies all that match, in order, until one answers or is final", () => {
    const rules = (last: string): string =>
      `rules: [{ name: a, when: '*', tag: a }, { name: b, when: '*', ${last} }, { name: c, when: '*', tag: c }]`;
    assert.deepEqual(decideRequest(programOf(rules("tag: b")), get("/"), ambientOf()).rules, ["a", "b", "c"]);
    assert.deepEqual(decideRequest(programOf(rules("tag: b, final: true")), get("/"), ambientOf()).rules, ["a", "b"]);
    assert.deepEqual(decideRequest(programOf(rules("block: 403")), get("/"), ambientOf()).rules, ["a", "b"]);
    assert.deepEqual(decideRequest(programOf(rules("tag: b, enabled: false")), get("/"), ambientOf()).rules, [
      "a",
      "c",
    ]);
  });

  it("asks for the body only when the head leaves it open", () => {
    const program = programOf("rules: [{ name: a, when: 'path:/x request.body:*secret*', tag: t }]");
    assert.equal(decideRequest(program, get("/y"), ambientOf()), EMPTY_PLAN);
    assert.ok(decideRequest(program, get("/x"), ambientOf()).needsBody > 0);
    const hits = new RuleHits();
    const plan = decideRequest(program, { ...get("/x"), bodyText: "a secret" }, ambientOf({ hits }));
    assert.deepEqual([plan.rules, plan.needsBody, hits.count("test.yaml#a")], [["a"], 0, 1]);
    assert.equal(decideRequest(program, { ...get("/x"), bodyText: "" }, ambientOf()), EMPTY_PLAN);
  });

  it("unless, process, sample, times, between", () => {
    const runs = (rule: string, count: number, change: (i: number) => object = () => ({})): string => {
      const program = programOf(`rules: [{ name: a, when: '*', tag: t, ${rule} }]`);
      const hits = new RuleHits();
      let seen = "";
      for (let i = 0; i < count; i++) {
        const facts = { ...get("/"), ...change(i) };
        seen += decideRequest(program, facts, ambientOf({ hits, random: () => i / count, ...change(i) })).rules.length;
      }
      return seen;
    };
    assert.equal(runs("unless: 'host:*.com'", 1), "0");
    assert.equal(runs("unless: 'host:*.org'", 1), "1");
    assert.equal(
      runs("process: 'curl*'", 2, i => ({ process: i === 0 ? "curl" : "firefox" })),
      "10",
    );
    assert.equal(runs("sample: 30%", 10), "1110000000");
    assert.equal(runs("times: 2", 4), "1100");
    assert.equal(runs("times: { after: 2 }", 4), "0011");
    assert.equal(runs("times: { every: 2 }", 4), "0101");
    const at = (hour: number): number => new Date(2026, 10, 22, hour).getTime();
    assert.equal(
      runs("between: ['09:00', '17:00']", 3, i => ({ nowMs: at([8, 9, 17][i]!) })),
      "010",
    );
    assert.equal(
      runs("between: ['22:00', '06:00']", 3, i => ({ nowMs: at([23, 5, 12][i]!) })),
      "110",
    );
    assert.equal(
      runs("between: ['2026-11-22T10:00Z', '2026-11-22T11:00Z']", 2, i => ({
        nowMs: Date.parse(`2026-11-22T1${i}:30Z`),
      })),
      "10",
    );
  });

  it("answers in turn, the last one for ever", () => {
    const program = programOf(
      "rules: [{ name: a, when: '*', answer: [{ status: 500 }, { status: 502 }, { status: 200 }] }]",
    );
    const ambient = ambientOf();
    const statuses = [1, 2, 3, 4].map(() => decideRequest(program, get("/"), ambient).answer?.status);
    assert.deepEqual(statuses, [500, 502, 200, 200]);
  });

  it("the place below a folder comes decoded, and what is filled in cannot climb", () => {
    const program = programOf("rules: [{ name: a, when: 'path:/v2/*', answer: { file: ./m/ } }]");
    const content = decideRequest(program, get("/v2/a%20b/%2e%2e/c.json?x"), ambientOf()).answer?.content;
    assert.deepEqual(content?.kind === "folder" && content.path, "a b/../c.json");
    const filled = programOf("rules: [{ name: a, when: 'path:/v2/*', answer: { file: './m/${1}.json' } }]");
    const file = decideRequest(filled, get("/v2/../../etc/passwd"), ambientOf()).answer?.content;
    assert.equal(file?.kind === "file" && file.file, "./m/etc/passwd.json");
  });
});

describe("decideResponse", () => {
  it("rules with response terms wait; rules without were judged on the request as received", () => {
    const program = programOf(`
rules:
  - { name: early, when: 'request.header.x:1', response: { status: 201 } }
  - { name: late, when: 'path:/a type:text/html', response: { headers: { set: { Y: z } } }, tag: page }
  - { name: never, when: 'status:404', response: { status: 200 } }`);
    const facts = get("/a", "a.com", "X: 1");
    const plan = decideRequest(program, facts, ambientOf());
    assert.deepEqual([plan.rules, plan.judgesResponse], [["early"], true]);
    const response = decideResponse(program, plan, facts, ok, ambientOf());
    assert.deepEqual(
      [response.rules, response.head.map(op => op.kind), response.flow?.tags],
      [["late"], ["status", "set"], ["page"]],
    );
    assert.ok(!decideRequest(program, get("/b"), ambientOf()).rules.includes("early"));
  });

  it("asks for the body only when the response's head leaves it open", () => {
    const program = programOf("rules: [{ name: a, when: 'status:200 response.body:*x*', response: { status: 500 } }]");
    const plan = decideRequest(program, get("/"), ambientOf());
    assert.ok(decideResponse(program, plan, get("/"), ok, ambientOf()).needsBody > 0);
    assert.equal(decideResponse(program, plan, get("/"), { ...ok, status: 404 }, ambientOf()).needsBody, 0);
    assert.deepEqual(decideResponse(program, plan, get("/"), { ...ok, bodyText: "axb" }, ambientOf()).rules, ["a"]);
  });
});

describe("decideConnect", () => {
  it("--only and --pass", () => {
    const program = programFor({ only: "host:*.a.com path:/x", pass: ["b.a.com"] });
    const on = (host: string): string => decideConnect(program, connectFacts({ host })).intercept;
    assert.deepEqual([on("x.a.com"), on("b.a.com"), on("other.com")], ["decrypt", "pass", "pass"]);
    assert.throws(() => programFor({ only: "hots:a" }), /did you mean host/);
    assert.equal(programFor({}), EMPTY_PROGRAM);
  });

  it("rules pass or refuse, and say which they were", () => {
    const program = programOf(
      "rules: [{ name: bank, when: 'host:*.bank.com', connection: { tls: pass } }, { name: no, when: port:25, connection: { tls: refuse } }]",
    );
    assert.deepEqual(decideConnect(program, connectFacts({ host: "www.bank.com" })), {
      intercept: "pass",
      rules: ["bank"],
      reason: "rule bank",
      connection: null,
    });
    assert.equal(decideConnect(program, connectFacts({ port: 25 })).intercept, "refuse");
    assert.equal(decideConnect(program, connectFacts()).intercept, "decrypt");
  });
});

describe("the index", () => {
  const terms = [
    "host:a.com",
    "host:*.a.com",
    "host:*a.com",
    "host:x.a.com OR host:b.com",
    "path:/v1/*",
    "path:/v1/x",
    "path:/v*",
    "method:post",
    "-method:GET",
    "query.q:*",
    "request.header.x:1",
    "host:/a/",
    "'*'",
    "port:443",
    "host:*a*",
    "host:/^X/i OR host:b.*",
    "path:*1*",
    "path:/V[0-9]+$/i OR path:/x.*y/",
    "path:*/x host:*c*",
    "path:/ method:GET",
    "NOT (host:a.com OR path:/v1/*)",
  ];
  const hosts = ["a.com", "x.a.com", "y.x.a.com", "ba.com", "b.com", "A.COM"];
  const targets = ["/", "/v1/x", "/v1/x?q=1", "/v1", "/v2/x?p"];

  it("never loses a rule", () => {
    const pair = fc
      .tuple(fc.constantFrom(...terms), fc.constantFrom(...terms))
      .map(([a, b]) => (a === "'*'" || b === "'*'" ? "*" : `${a} ${b}`));
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...hosts),
        fc.constantFrom(...targets),
        fc.constantFrom("GET", "POST"),
        (whens, host, target, method) => {
          const text = `rules: [${whens.map((when, i) => `{ name: r${i}, when: '${when}', tag: t }`).join(", ")}]`;
          const facts = requestFacts(requestHead(headBytes(`${method} ${target} HTTP/1.1`, `Host: ${host}`, "X: 1")));
          const alone = whens.flatMap((when, i) => {
            const one = compileRules(rulesOf(`rules: [{ name: r${i}, when: '${when}', tag: t }]`));
            return one.rules[0]!.atRequest.certain(subjectOf(facts)) ? [`r${i}`] : [];
          });
          const program = programOf(text);
          assert.deepEqual(decideRequest(program, facts, ambientOf()).rules, alone);
          assert.equal(
            program.index.mayMatch(facts.host, facts.method, facts.target, facts.fields),
            program.index.candidates(facts).length > 0,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("1,000 rules of which none matches cost a request microseconds", () => {
    const text = `rules:\n${Array.from({ length: 1000 }, (_, i) => `  - { name: r${i}, when: '${["host:h%.com", "host:*.h%.com", "path:/p%/*", "host:h%.com path:/x method:GET"][i % 4]!.replace("%", String(i))}', tag: t }`).join("\n")}`;
    const program = programOf(text);
    const facts = get("/v1/users/12345?fields=name", "api.example.com");
    const ambient = ambientOf();
    for (let i = 0; i < 5000; i++) decideRequest(program, facts, ambient);
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) assert.equal(decideRequest(program, facts, ambient), EMPTY_PLAN);
    const micros = ((performance.now() - started) * 1000) / 20_000;
    assert.ok(micros < 10, `${micros} us a decision`);
  });
});

describe("explain", () => {
  it("rule by rule: matched, or which term failed, and the diff", () => {
    const rules = rulesOf(`
rules:
  - { name: one, when: 'host:a.com method:POST', tag: x }
  - { name: two, when: host:a.com, request: { headers: { set: { Accept: b }, remove: [X] } } }
  - { name: three, when: status:500, response: { status: 200 } }
  - { name: four, when: '*', block: 403 }
  - { name: five, when: '*', tag: y }`);
    const head = requestHead(headBytes("GET / HTTP/1.1", "Host: a.com", "X: 1", "Accept: a"));
    const explained = explainRules(rules, { request: requestFacts(head), requestHead: head }, ambientOf());
    assert.deepEqual(
      explained.map(each => [each.name, each.verdict]),
      [
        ["one", "no"],
        ["two", "matched"],
        ["three", "open"],
        ["four", "matched"],
        ["five", "passed"],
      ],
    );
    assert.deepEqual(explained[0]!.because, ['method is "POST": no']);
    assert.deepEqual(explained[1]!.requestDiff, ["- X: 1", "- Accept: a", "+ Accept: b"]);
    assert.deepEqual(explained[1]!.does, ["set Accept: b", "remove X"]);
  });
});
