// docs/rules.md, from the tables of fields and actions. A test holds that the file is what this gives.
import { FIELDS } from "../match/fields.ts";
import type { Action } from "./actions/action.ts";
import { NOT_YET } from "./actions/not-yet.ts";
import { OFFERED_ACTIONS } from "./actions/table.ts";

/** The reference of the rule language, in Markdown. */
export function rulesReference(): string {
  const rows = (actions: readonly Action[]): string[] => [
    "| key | what it does | example |",
    "| --- | --- | --- |",
    ...actions.map(each => `| \`${each.key}\` | ${cell(each.doc)} | \`${cell(each.example)}\` |`),
  ];
  const of = (title: string, intro: string, prefix: (key: string) => boolean): string[] => [
    "",
    `## ${title}`,
    "",
    intro,
    "",
    ...rows(OFFERED_ACTIONS.filter(each => prefix(each.key))),
  ];
  return `${[
    "# Rules",
    "",
    "<!-- Generated from src/match/fields.ts and src/rules/actions: do not edit. -->",
    "",
    "A rule file is YAML with `rules:` (a list) and `vars:` (texts for `${NAME}`). Each rule has a `name`, a `when` in the filter language, and actions. Rules run top to bottom; all that match apply, until one answers or says `final: true`. `when` is judged on the message as received; put it in single quotes when it holds quotes, `#`, `!` or `: `. Terms on the response allow response actions only; `connection` actions need terms that are known before a request: host, port, client, process, mode.",
    "",
    "Conditions beside `when`: `unless: FILTER` · `process: NAME` · `sample: 10%` · `times: 3`, `times: { after: 3 }`, `times: { every: 3 }` · `between: [09:00, 17:30]` · `enabled: false` · `final: true`.",
    "",
    "Texts may hold `${method}`, `${url}`, `${scheme}`, `${host}`, `${port}`, `${path}`, `${query}` (with its ?), `${query.NAME}`, `${header.NAME}`, `${response.header.NAME}`, `${cookie.NAME}`, `${client}`, `${status}`, `${time}`, `${timestamp}`, `${uuid}`, `${random}`, `${env:NAME}`, `${file:PATH}`, vars, and what `when` caught: `${1}` for the first `*` or group, `${name}` for a named group. `$${` is a plain `${`.",
    "",
    "## Working with rule files",
    "",
    "- `waylay start -r FILE` takes a file or a folder (default: `HOME/rules`); a save is in force for the next request, and a broken file leaves its last good rules in force.",
    "- `waylay rules check FILE…` shows every fault with line, column, caret and what was expected, and warns of rules that can never match; exit status 1 if there is an error.",
    "- `waylay rules explain URL`, `--flow ID` or `--request FILE`: rule by rule, whether it matches, which term failed, and the diff that it makes.",
    "- `waylay rules ls` lists what is in force, and the lessons that `waylay rules add NAME` puts into `HOME/rules`.",
    "- `waylay rules enable|disable NAME` switches a rule, or all of a file, without touching it; a running waylay follows at once.",
    "- `waylay rules import whistle|mitmproxy|charles FILE` turns their rules into ours, and says line by line what stays behind.",
    "- Common wishes need no file: `--set-header`, `--remove-header`, `--map-local`, `--map-remote`, `--block`, `--throttle`, `--no-cache`, `--plain`, `--cors` of `waylay start` are rules that run before those of files.",
    "- `waylay rules schema` prints the JSON Schema; `# yaml-language-server: $schema=./schema.json` as first line lets editors complete.",
    ...of("Requests", "Edits of the request on its way to the server.", key => key.startsWith("request.")),
    ...of("Answers without the server", "The request goes no further.", key => key === "answer" || key === "block"),
    ...of("Responses", "Edits of the answer on its way to the client.", key => key.startsWith("response.")),
    ...of("Network", "Connections, their speed and their faults.", key =>
      /^(connection\.|timeout|throttle|fault)/.test(key),
    ),
    ...of(
      "Flow control",
      "What is recorded, shown, held and repeated.",
      key => !/^(request|response|connection)\.|^(answer|block|timeout|throttle|fault)$/.test(key),
    ),
    "",
    "## Not in this version yet",
    "",
    "These are refused when a file is loaded, never ignored.",
    "",
    ...NOT_YET.map(({ key, value, what }) => `- \`${key}\`${value === undefined ? "" : ` (${what})`}`),
    "",
    "## Filters",
    "",
    'Words joined by a space are AND; `OR`, `-term` or `NOT term`, parentheses, `key:value`, `*` for anything, `"…"`, `/regex/i`, `>=500`, `200..299`, `5xx`.',
    "",
    "| key | what it looks at | example |",
    "| --- | --- | --- |",
    ...FIELDS.map(
      each =>
        `| \`${each.key}${each.named === undefined ? "" : ".NAME"}\` | ${cell(each.doc)} | \`${cell(each.example)}\` |`,
    ),
  ].join("\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
