import assert from "node:assert/strict";
import { it } from "node:test";
import { parseRules } from "../../src/rules/parse.ts";

function warnings(...rules: readonly string[]): string[] {
  const loaded = parseRules("f.yaml", `rules: [${rules.map((rule, i) => `{ name: r${i}, ${rule} }`).join(", ")}]`);
  assert.ok(loaded.ok);
  return loaded.diagnostics.map(each => each.message);
}

it("terms that exclude each other are said", () => {
  for (const when of [
    "method:GET method:POST",
    "host:a.com host:*.a.com",
    "status:5xx status:<400",
    "path:/a NOT path:/a",
    "path:/a -(path:/a)",
  ]) {
    assert.match(warnings(`when: '${when}', tag: t`).join(), /can never match: .* exclude each other/, when);
  }
  for (const when of [
    "method:GET OR method:POST",
    "host:x.a.com host:*.a.com",
    "tag:x rule:y header.a:1 header.a:2".replace(/^tag:x rule:y /, ""),
    "port:1.. port:..2",
  ]) {
    assert.deepEqual(warnings(`when: '${when}', tag: t`), [], when);
  }
});

it("rules behind one that always ends the list are said", () => {
  assert.match(
    warnings("when: host:a.com, block: 403", "when: 'host:a.com path:/x', tag: t").join(),
    /never asked: "r0"/,
  );
  assert.match(warnings("when: '*', tag: x, final: true", "when: 'path:/x', tag: t").join(), /never asked: "r0"/);
  assert.deepEqual(warnings("when: host:a.com, block: 403, sample: 10%", "when: host:a.com, tag: t"), []);
  assert.deepEqual(warnings("when: 'host:a.com path:/x', block: 403", "when: host:a.com, tag: t"), []);
  assert.deepEqual(warnings("when: 'status:500', tag: t, final: true", "when: 'status:500', tag: t"), []);
});
