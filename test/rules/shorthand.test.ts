// Short forms as they are typed: the same rules underneath, faults said in what was typed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OPTIONS } from "../../src/config/options.ts";
import { compileRules } from "../../src/rules/compile.ts";
import { decideRequest } from "../../src/rules/decide.ts";
import { describePlan } from "../../src/rules/describe.ts";
import { showDiagnostic } from "../../src/rules/diagnostics.ts";
import { loadShortForms, SHORT_FORMS, type TypedForm } from "../../src/rules/shorthand.ts";
import { ambientOf, get } from "./support.ts";

type Kind = TypedForm["kind"];
const typed = (...forms: readonly [Kind, string][]): TypedForm[] =>
  forms.map(([kind, text]) => ({ kind, text, path: written => `/cwd/${written}` }));

describe("typed short forms", () => {
  it("are the options of the command line that say so", () => {
    const named = OPTIONS.filter(option => option.shortForm).map(option => option.name);
    assert.deepEqual(named.toSorted(), [...SHORT_FORMS].sort());
  });

  it("run edits first and what answers last, each kind in the order typed", () => {
    const { file, faults } = loadShortForms(
      typed(
        ["map-local", "path:/x=mock.json"],
        ["block", "path:/never"],
        ["set-header", "host:a.com=X-A: ${env:TOKEN} =:"],
        ["set-header", " *=X-B:b"],
        ["cors", ""],
      ),
      { env: () => "t" },
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(
      file!.rules.map(rule => rule.name),
      ["--set-header 1", "--set-header 2", "--cors", "--block", "--map-local"],
    );
    const plan = decideRequest(compileRules(file!.rules), get("/x", "a.com"), ambientOf());
    assert.deepEqual(describePlan(plan), ["set X-A: t =:", "set X-B: b", "answer 200 (file)"]);
    assert.deepEqual(plan.answer?.content.kind === "file" && plan.answer.content.file, "/cwd/mock.json");
  });

  for (const [kind, text, carets, message] of [
    ["set-header", "hots:x=A: b", "^^^^", /^unknown key hots; did you mean host\?$/],
    ["set-header", "X-A: b", "^^^^^^", /^it wants FILTER=NAME: VALUE$/],
    ["set-header", "host:a=nocolon", "       ^^^^^^^", /a header's name, a colon and its value/],
    ["set-header", "host:a=bad name: x", "       ^^^^^^^^^^^", /is no header name/],
    ["set-header", "status:500=A: b", "           ^^^^", /cannot wait for status:/],
    ["set-header", "*=A: ${nope}", "  ^^^^^^^^^^", /unknown name in/],
    ["block", "method:GET (", "           ^", /the filter ends too early/],
    ["throttle", "*=slow 5g", "  ^^^^^^^", /did you mean slow 3g\?/],
    ["map-local", "*=", "  ^", /^it wants FILTER=PATH$/],
    ["map-remote", "host:a=b.com", "       ^^^^^", /a URL with http/],
    ["remove-header", "*=a b", "  ^^^", /is no header name/],
  ] as const) {
    it(`${kind} ${text}`, () => {
      const { file, faults } = loadShortForms(typed([kind, text]), {});
      assert.equal(file, null);
      const shown = showDiagnostic(faults[0]!.diagnostic, text);
      assert.deepEqual([shown.source, shown.carets, shown.place.split(":")[0]], [text, carets, `--${kind}`]);
      assert.match(shown.message, message);
    });
  }
});
