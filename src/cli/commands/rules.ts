// `waylay rules …`: what the rules say, and what they would do. One file a subcommand; here only their options.

import type { Command } from "commander";
import { type Define, example } from "../command.ts";
import { addConfigOptions } from "../options.ts";

export const defineRules: Define = (command, io) => {
  const sub = (spec: string, summary: string): Command => command.command(spec).description(summary);
  /** Which rules: those that a running waylay has, unless others are named. */
  const ofRules = (made: Command): Command => {
    addConfigOptions(made, ["home", "control", "rules"]);
    return made;
  };

  const check = sub("check", "find every fault in rule files, with its place")
    .argument("[FILE...]", "files and folders (default: HOME/rules)")
    .option("--json", "one fault a line")
    .action(async (paths: string[], _options: unknown, self: Command) => {
      await (await import("./rules-check.ts")).check(paths, self, io);
    });
  addConfigOptions(check, ["home"]);
  example(check, "waylay rules check mocks.yaml", "waylay rules check --json rules/ | jq .message");

  example(
    ofRules(sub("explain", "rule by rule: does it match, why not, and what does it change"))
      .argument("[URL]", "a request as curl would send it")
      .option("--flow <ID>", "a recorded flow instead, as flows ls shows it")
      .option("--request <FILE>", "a raw HTTP/1.1 request from a file instead; - for standard input")
      .option("-s, --session <FILE>", "session of the flow (default: what the running waylay records, or the newest)")
      .option("-X, --method <METHOD>", "method of the request (default: GET, or POST with --data)")
      .option("-H, --header <LINE>", "a header, as in 'Accept: */*' (repeatable)", repeated)
      .option("-d, --data <TEXT>", "content of the request; @FILE reads it from a file")
      .option("--matched", "only the rules that match")
      .option("--json", "everything as one object")
      .action(async (url: string | undefined, _options: unknown, self: Command) => {
        await (await import("./rules-explain.ts")).explain(url, self, io);
      }),
    "waylay rules explain https://example.com/api -r mocks.yaml",
    "waylay rules explain --flow 12",
    "waylay rules explain http://localhost/pay -X POST -H 'Content-Type: application/json' -d '{}'",
  );

  example(
    ofRules(sub("ls", "list the rules, on or off, and the lessons that come with waylay"))
      .option("--json", "one rule or lesson a line")
      .action(async (_options: unknown, self: Command) => {
        await (await import("./rules-ls.ts")).list(self, io);
      }),
    "waylay rules ls",
  );

  const add = sub("add", "put a lesson that comes with waylay into HOME/rules")
    .argument("<NAME...>", "as rules ls shows it")
    .option("-f, --force", "replace what is there")
    .action((names: string[], _options: unknown, self: Command) =>
      import("./rules-add.ts").then(({ add }) => add(names, self, io)),
    );
  addConfigOptions(add, ["home"]);
  example(add, "waylay rules add plain no-cache");

  for (const [word, on] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    example(
      ofRules(sub(word, `switch rules ${on ? "on" : "off"} without touching their file; a running waylay follows`))
        .argument("<NAME...>", "a rule, or a file for all of its rules")
        .action(async (names: string[], _options: unknown, self: Command) => {
          await (await import("./rules-switch.ts")).switchRules(names, on, self, io);
        }),
      `waylay rules ${word} 'no cache'`,
    );
  }

  example(
    sub("import", "turn the rules of another program into ours, and say what stays behind")
      .argument("<PROGRAM>", "whistle, mitmproxy or charles")
      .argument(
        "<FILE>",
        "its rules: whistle's text, mitmproxy's config.yaml, Charles' exported XML; - for standard input",
      )
      .option("-o, --output <FILE>", "instead of standard output")
      .action(async (program: string, file: string, _options: unknown, self: Command) => {
        await (await import("./rules-import.ts")).importRules(program, file, self, io);
      }),
    "waylay rules import whistle rules.txt -o ~/.waylay/rules/from-whistle.yaml",
  );

  example(
    sub("schema", "print the JSON Schema of rule files, for editors").action(async () => {
      await (await import("./rules-schema.ts")).schema(io);
    }),
    "waylay rules schema > rules.schema.json",
  );

  example(command, "waylay rules add cors", "waylay rules check", "waylay rules explain https://example.com/");
};

function repeated(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
