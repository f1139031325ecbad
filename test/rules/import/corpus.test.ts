// The golden files of test/corpus/rules-import: another program's rules, ours, and what stays behind. After a change that is meant:
//   WAYLAY_UPDATE_CORPUS=1 node --import tsx --test test/rules/import/corpus.test.ts
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checked, importedFile } from "../../../src/rules/import/imported.ts";
import { IMPORT_SOURCES, type ImportSource } from "../../../src/rules/import/table.ts";
import { parseRules } from "../../../src/rules/parse.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "corpus", "rules-import");
const BLOCK = /^```(source|yaml|left)\n([\s\S]*?)^```$/gm;

function outcome(source: ImportSource, text: string): { yaml: string; left: string } {
  const imported = checked(source.read(text));
  const left = imported.left.map(({ line, text: said, why }) => `${line}: ${said}: ${why}\n`).join("");
  return { yaml: importedFile(imported, source.name), left };
}

for (const file of readdirSync(FOLDER).sort()) {
  const source = IMPORT_SOURCES.find(each => `${each.name}.md` === file)!;
  const path = join(FOLDER, file);
  describe(file, () => {
    const page = readFileSync(path, "utf8");
    let updated = page;
    for (const section of page.split(/^## /m).slice(1)) {
      it(section.slice(0, section.indexOf("\n")), () => {
        const blocks = new Map([...section.matchAll(BLOCK)].map(match => [match[1]!, match[2]!]));
        const { yaml, left } = outcome(source, blocks.get("source")!.replaceAll("~~~", "```"));
        if (process.env.WAYLAY_UPDATE_CORPUS) {
          const now = section.replace(BLOCK, (whole, name: string) =>
            name === "source" ? whole : `\`\`\`${name}\n${name === "yaml" ? yaml : left}\`\`\``,
          );
          updated = updated.replace(section, () => now);
          writeFileSync(path, updated);
          return;
        }
        assert.equal(yaml, blocks.get("yaml"));
        assert.equal(left, blocks.get("left") ?? "");
        assert.ok(parseRules("imported.yaml", yaml).ok);
      });
    }
  });
}

describe("whatever is imported", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "a.com",
      "file://",
      "http://",
      "{k}",
      "(",
      ")",
      "`",
      "```",
      "/x/i",
      "~d",
      "~u",
      "&",
      "|",
      "!",
      "- ",
      ": ",
    ),
    fc.constantFrom(
      "reqHeaders://",
      "modify_headers:",
      "--map-local",
      "<mapLocalMapping>",
      "</",
      "<rewriteRule>",
      "&amp;",
      "$",
    ),
    fc.string({ maxLength: 6 }),
  );
  for (const source of IMPORT_SOURCES) {
    it(`${source.name}: any text gives rules that load, and says where the rest stands`, () => {
      fc.assert(
        fc.property(fc.array(word, { maxLength: 20 }), fc.constantFrom(" ", "\n", ""), (words, gap) => {
          const text = words.join(gap);
          const imported = checked(source.read(text));
          const { ok } = parseRules("imported.yaml", importedFile(imported, source.name));
          assert.ok(ok || imported.rules.length === 0);
          const lines = text.split("\n").length;
          for (const { line } of [...imported.rules, ...imported.left]) assert.ok(line >= 1 && line <= lines);
        }),
        { numRuns: 300 },
      );
    });
  }
});
