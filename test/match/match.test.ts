import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import Database from "libsql";
import type { Filter, Node } from "../../src/match/ast.ts";
import { compileFilter } from "../../src/match/compile.ts";
import { explain, explainNode, whyNot } from "../../src/match/explain.ts";
import { FIELDS } from "../../src/match/fields.ts";
import { parseFilter } from "../../src/match/parse.ts";
import { printFilter } from "../../src/match/print.ts";
import { type SqlColumns, toSql } from "../../src/match/sql.ts";
import { CASES, NOW_MS, SAMPLES } from "./cases.ts";

const moment = { nowMs: () => NOW_MS };

function parsed(text: string): Filter {
  const result = parseFilter(text);
  assert.ok(result.ok, `${text}: ${result.ok ? "" : result.error.message}`);
  return result.filter;
}

function stripped(node: Node): unknown {
  return JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === "span" ? undefined : value)));
}

describe("filter: the same cases over the predicate and over SQL", () => {
  const columns: SqlColumns = {
    columns: {
      id: "id",
      time: "started_at",
      method: "method",
      url: "url",
      scheme: "scheme",
      host: "host",
      port: "port",
      path: "path",
      status: "status",
      type: "type",
      size: "size",
      duration: "duration",
      process: "process",
      mode: "mode",
      comment: "comment",
      rules: "rules",
      tags: "tags",
    },
    flags: { active: "active" },
  };
  const db = new Database(":memory:");
  db.exec(
    "CREATE TABLE flows (id INTEGER, started_at REAL, method TEXT, url TEXT, scheme TEXT, host TEXT, port INTEGER, path TEXT, status INTEGER, type TEXT, size INTEGER, duration REAL, process TEXT, mode TEXT, comment TEXT, rules TEXT, tags TEXT, active INTEGER)",
  );
  const insert = db.prepare("INSERT INTO flows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (const s of SAMPLES) {
    insert.run([
      s.id ?? null,
      s.startedAt ?? null,
      s.method ?? null,
      s.url ?? null,
      s.scheme ?? null,
      s.host ?? null,
      s.port ?? null,
      s.path ?? null,
      s.status ?? null,
      s.contentType ?? null,
      s.size ?? null,
      s.duration ?? null,
      s.process ?? null,
      s.mode ?? null,
      s.comment ?? null,
      JSON.stringify(s.rules ?? []),
      JSON.stringify(s.tags ?? []),
      s.is?.("active") ? 1 : 0,
    ]);
  }
  const bySql = (filter: Filter): { names: string[]; exact: boolean } => {
    const sql = toSql(filter, columns, moment);
    const rows = db.prepare(`SELECT id FROM flows WHERE ${sql.where} ORDER BY id`).all([...sql.params]) as {
      id: number;
    }[];
    return { names: rows.map(row => SAMPLES.find(each => each.id === row.id)!.name), exact: sql.exact };
  };

  for (const [text, expected] of CASES) {
    it(text || "(empty)", () => {
      const filter = parsed(text);
      const matches = compileFilter(filter, moment);
      assert.deepEqual(
        SAMPLES.filter(matches).map(each => each.name),
        expected,
      );
      const { names, exact } = bySql(filter);
      if (exact) assert.deepEqual(names, expected);
      else for (const name of expected) assert.ok(names.includes(name), `SQL lost ${name}`);
      for (const sample of SAMPLES) assert.equal(whyNot(filter, sample, moment).length === 0, matches(sample));
    });
  }

  it("SQL alone is enough for what is in columns", () => {
    for (const text of [
      "host:*.x.com",
      "-status:5xx",
      "tag:todo OR rule:*",
      "size:>1MB -is:active",
      "path:/v2/* time:-10m",
    ]) {
      assert.ok(toSql(parsed(text), columns, moment).exact, text);
    }
    for (const text of ["word", "header.a:b", "host:/x/", "host:ü.de", "host:a OR body:b"]) {
      assert.ok(!toSql(parsed(text), columns, moment).exact, text);
    }
  });

  it("thousands of terms stay inside SQLite's expression depth", () => {
    const text = Array.from({ length: 1500 }, (_, i) => `id:${i}`)
      .join(" OR ")
      .slice(0, 9_990)
      .replace(/ OR [^ ]*$| O?$/, "");
    assert.equal(bySql(parsed(text)).names.length, SAMPLES.length);
  });

  it("random combinations: predicate and SQL agree", () => {
    const pool = CASES.map(([text]) => text).filter(text => text !== "");
    const any = fc.letrec<{ node: string }>(tie => ({
      node: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(...pool),
        fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a} ${b})`),
        fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a} OR ${b})`),
        tie("node").map(a => `NOT (${a})`),
      ),
    })).node;
    fc.assert(
      fc.property(any, text => {
        const filter = parsed(text);
        const expected = SAMPLES.filter(compileFilter(filter, moment)).map(each => each.name);
        const { names, exact } = bySql(filter);
        if (exact) assert.deepEqual(names, expected);
        for (const name of expected) assert.ok(names.includes(name));
      }),
      { numRuns: 400 },
    );
  });
});

describe("filter: any text is a filter or a fault that points inside it", () => {
  const words = [
    "host:",
    "status:",
    "path:/",
    "(",
    ")",
    " ",
    "-",
    "NOT ",
    " OR ",
    '"',
    "*",
    "\\",
    "/",
    "a",
    "5xx",
    "..",
    ">",
    "time:",
    "-10m",
    "é",
    "is:",
    "size:",
    "1kB",
    "/i",
    "[",
    "header.x:",
    "2026-11-22",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 12 }).map(parts => parts.join("")),
    fc.constantFrom(...CASES.map(([each]) => each)),
  );

  it("never throws, spans inside", () => {
    fc.assert(
      fc.property(text, each => {
        const result = parseFilter(each);
        if (!result.ok) {
          const { column, length, message, expected } = result.error;
          assert.ok(
            column >= 1 && length >= 0 && column - 1 + length <= each.length,
            `${column}+${length} in ${each.length}`,
          );
          assert.ok(message.length > 0 && expected.length > 0);
          return;
        }
        const spans = (node: Node): void => {
          assert.ok(node.span.start >= 0 && node.span.start <= node.span.end && node.span.end <= each.length);
          if (node.kind === "and" || node.kind === "or") node.items.forEach(spans);
          if (node.kind === "not") spans(node.item);
        };
        spans(result.filter.root);
        assert.ok(explain(result.filter).length > 0);
        for (const sample of SAMPLES) compileFilter(result.filter, moment)(sample);
      }),
      { numRuns: 3000 },
    );
  });

  it("what is printed parses to the same filter", () => {
    fc.assert(
      fc.property(text, each => {
        const result = parseFilter(each);
        if (!result.ok) return;
        const again = parseFilter(printFilter(result.filter));
        assert.ok(again.ok, `${JSON.stringify(each)} printed as ${JSON.stringify(printFilter(result.filter))}`);
        assert.deepEqual(stripped(again.filter.root), stripped(result.filter.root));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("filter: faults", () => {
  const faults: readonly (readonly [string, number, RegExp])[] = [
    ["hots:example.com", 1, /unknown key hots; did you mean host\?/],
    ["method:GET heder.accept:x", 12, /unknown key heder\.accept; did you mean header\.accept\?/],
    ["header:x", 1, /did you mean header\.NAME\?/],
    ["packets.retransmit:1", 1, /did you mean packets\.retransmits\?/],
    ["status:abc", 8, /"abc" is no value for status:/],
    ["status:200..x", 13, /no value for status/],
    ["status:>", 9, /no value/],
    ["size:1XB", 6, /no value for size/],
    ["time:yesterday", 6, /no value for time/],
    ["is:websockt", 4, /did you mean websocket\?/],
    ["host:", 6, /needs a value/],
    ["host: x", 6, /needs a value/],
    ["(a b", 1, /never closed/],
    ["a b)", 4, /closes nothing/],
    ["a OR", 5, /ends too early/],
    ["OR a", 1, /nothing stands before OR/],
    ["a OR OR b", 6, /nothing stands before OR/],
    ["NOT", 4, /ends too early/],
    ['a "b', 3, /quote is never closed/],
    ["host:/(/", 6, /missing closing \)/],
    ["host:/a\\1/", 6, /backreferences/],
    [`${"(".repeat(200)}a`, 101, /nested too deep/],
    ["a ".repeat(6000), 10001, /too long/],
  ];
  for (const [text, column, message] of faults) {
    it(text.slice(0, 40), () => {
      const result = parseFilter(text);
      assert.ok(!result.ok);
      assert.match(result.error.message, message);
      assert.equal(result.error.column, column);
    });
  }
});

describe("filter: in words", () => {
  const said: readonly (readonly [string, string])[] = [
    ["", "everything"],
    ["host:*.example.com method:GET", 'host ends with ".example.com" and method is "GET"'],
    ["(status:5xx OR is:error) -path:/v2/*", '(status is 500 to 599 or it is error) and not path begins with "/v2/"'],
    [
      "size:>1MB duration:<=200ms time:-10m",
      "size is more than 1000000 bytes and duration is at most 200ms and time is since 10m ago",
    ],
    ["foo", 'URL, headers or a text body contains "foo"'],
    ["header.x:* host:/a/i", "header.x is there and host matches /a/i"],
  ];
  for (const [text, sentence] of said) it(text || "(empty)", () => assert.equal(explain(parsed(text)), sentence));

  it("why not: the terms that failed", () => {
    const failed = whyNot(parsed("method:GET host:*.x.com (status:404 OR port:80)"), SAMPLES[0]!, moment);
    assert.deepEqual(failed.map(explainNode), ['host ends with ".x.com"', "status is 404", "port is 80"]);
  });

  it("each field's example is a filter", () => {
    for (const field of FIELDS) parsed(field.example);
  });
});
