// docs/options.md is written from the tables that the program reads, so it cannot lie. After a change of the tables:
//   WAYLAY_UPDATE_DOCS=1 node --import tsx --test test/docs/options.test.ts
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { it } from "node:test";
import { LIMITS, type LimitSpec } from "../../src/config/limits.ts";
import { isNotYet, NOT_YET, OPTIONS, type OptionSpec } from "../../src/config/options.ts";

const FILE = new URL("../../docs/options.md", import.meta.url);

it("docs/options.md says what the tables say", () => {
  const page = optionsPage();
  if (process.env.WAYLAY_UPDATE_DOCS) writeFileSync(FILE, page);
  assert.equal(
    readFileSync(FILE, "utf8"),
    page,
    "run: WAYLAY_UPDATE_DOCS=1 node --import tsx --test test/docs/options.test.ts",
  );
});

function optionsPage(): string {
  const later = NOT_YET.filter(entry => entry.value !== undefined).map(({ what }) => what);
  return `# Options and limits

Written from \`src/config/options.ts\` and \`src/config/limits.ts\` by \`test/docs/options.test.ts\`.

## Options of \`waylay start\`

On the command line, or by their long names in \`HOME/config.yaml\` (\`port: 9090\`, \`pass: [a.example, "*.b.example"]\`,
\`limit: {head: 1MB}\`); the command line wins. Paths in config.yaml are relative to it. Sizes: \`16MB\`, \`256KiB\` (kB, MB, GB
are powers of ten). Durations: \`500ms\`, \`10s\`, \`2m\`, \`1h\`. † is not in this version yet, and says so when asked for; so do ${later.join(", ")}.

| option | meaning | default |
| --- | --- | --- |
${OPTIONS.map(optionRow).join("\n")}

## Limits

\`--limit NAME=VALUE\` changes one, repeatably.

| limit | default | why |
| --- | --- | --- |
${Object.values<LimitSpec>(LIMITS).map(limitRow).join("\n")}
`;
}

function optionRow({ name, short, value, repeat, commandLineOnly, doc, fallback }: OptionSpec): string {
  const names = `\`${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}\`${isNotYet(name) ? " †" : ""}`;
  const remarks = [repeat ? "repeatable" : "", commandLineOnly ? "command line only" : ""].filter(text => text !== "");
  return `| ${names} | ${cellText(doc)}${remarks.length > 0 ? ` (${remarks.join("; ")})` : ""} | ${fallback ? `\`${fallback}\`` : ""} |`;
}

function limitRow({ name, unit, value, why }: LimitSpec): string {
  return `| \`${name}\` | ${valueText(unit, value)} | ${cellText(why)} |`;
}

function valueText(unit: LimitSpec["unit"], value: number): string {
  if (unit === "count") return String(value);
  if (value === 0) return "none";
  const steps: [string, number][] =
    unit === "ms"
      ? [
          ["min", 60_000],
          ["s", 1000],
          ["ms", 1],
        ]
      : [
          ["GB", 1e9],
          ["MB", 1e6],
          ["MiB", 2 ** 20],
          ["KiB", 2 ** 10],
          ["B", 1],
        ];
  const [name, size] = steps.find(([, step]) => value % step === 0)!; // the last step is 1
  return `${value / size} ${name}`;
}

function cellText(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
