// `waylay flows …`: what was recorded. One file a subcommand; here only their options.

import { type Command, Option } from "commander";
import { FORMATS } from "../../flow/formats/table.ts";
import { type Define, example } from "../command.ts";
import { addConfigOptions } from "../options.ts";

export const defineFlows: Define = (command, io) => {
  const sub = (spec: string, summary: string): Command => {
    const made = command.command(spec).description(summary);
    addConfigOptions(made, ["home"]);
    return made.option("-s, --session <FILE>", "session to read (default: the newest in HOME/sessions)");
  };

  example(
    sub("ls", "list flows, oldest first")
      .argument("[FILTER...]", "status:>=400, host:*.example.com, -method:GET, … (words are AND)")
      .option("-n, --limit <N>", "only the last N")
      .option("-F, --follow", "go on with those that end from now on, until Ctrl-C")
      .option("--json", "one flow summary a line")
      .action(async (words: string[], _options: unknown, self: Command) => {
        await (await import("./flows-ls.ts")).list(words, self, io);
      }),
    "waylay flows ls status:>=400 -host:*.example.com",
    "waylay flows ls --follow -n 10 host:api.example.com",
    "waylay flows ls --json 'duration:>1s OR is:error' | jq .url",
  );

  example(
    sub("show", "show flows: both messages as they were on the wire, bodies decoded")
      .argument("<ID...>", "numbers as flows ls shows them")
      .option("--raw", "the very bytes: heads, bodies as recorded, and nothing else")
      .option("--json", "everything but the bodies, one object a line")
      .option("--full", "bodies to their end")
      .action(async (ids: string[], _options: unknown, self: Command) => {
        await (await import("./flows-show.ts")).show(ids, self, io);
      }),
    "waylay flows show 12",
    "waylay flows show 12 --raw | xxd | less",
  );

  example(
    sub("export", "write flows in another format")
      .argument("[ID...]", "which; without ids and --filter all")
      .addOption(
        new Option("--format <FORMAT>", FORMATS.map(({ name, doc }) => `${name} (${doc})`).join("; "))
          .choices(FORMATS.map(format => format.name))
          .default("har"),
      )
      .option("-f, --filter <FILTER>", "those that match")
      .option("-o, --output <FILE>", "instead of standard output")
      .action(async (ids: string[], _options: unknown, self: Command) => {
        await (await import("./flows-export.ts")).exportFlows(ids, self, io);
      }),
    "waylay flows export --format har -o all.har",
    "waylay flows export --format curl 12",
  );

  example(
    sub("body", "write one body, as it was recorded")
      .argument("<ID>", "a number as flows ls shows it")
      .addOption(
        new Option("--side <SIDE>", "request or response").choices(["request", "response"]).default("response"),
      )
      .option("--decoded", "with its content codings (gzip, br, …) undone")
      .option("-o, --output <FILE>", "instead of standard output")
      .action(async (id: string, _options: unknown, self: Command) => {
        await (await import("./flows-body.ts")).writeBody(id, self, io);
      }),
    "waylay flows body 12 --side response --decoded -o picture.png",
  );

  example(
    sub("diff", "compare two flows (headers, JSON by structure, text by lines) or sessions; status 1 if they differ")
      .argument("<A>", "a number as flows ls shows it, or a session file")
      .argument("<B>", "another")
      .option("--json", "the comparison as one JSON object")
      .action(async (a: string, b: string, _options: unknown, self: Command) => {
        await (await import("./flows-diff.ts")).diff(a, b, self, io);
      }),
    "waylay flows diff 12 17",
    "waylay flows diff before.waylay after.waylay   # by method and URL: new, gone, changed, slower",
  );

  const replay = command
    .command("replay")
    .description("send a recorded request again through the running waylay, and compare the new answer with the old");
  addConfigOptions(replay, ["home", "control"]);
  example(
    replay
      .argument("<ID>", "a number as flows ls shows it")
      .option("-n, --times <N>", "so often, one after another")
      .option(
        "--edit <EDIT>",
        "method=M, url=URL, header=NAME:VALUE (without a value: take it out), body=TEXT, body=@FILE (repeatable)",
        (edit: string, edits: string[] = []) => [...edits, edit],
      )
      .option("--json", "an object a line: the new flow, and the comparison")
      .action(async (id: string, _options: unknown, self: Command) => {
        await (await import("./flows-replay.ts")).replay(id, self, io);
      }),
    "waylay flows replay 12 --times 5",
    "waylay flows replay 12 --edit header=Authorization: --edit body=@login.json",
  );

  example(
    sub("stats", "count flows by host, type and status: times, bytes, the slowest and the biggest")
      .argument("[FILTER...]", "of those that match")
      .option("-n, --top <N>", "lines a table (default: 10)")
      .option("--json", "everything as one JSON object")
      .action(async (words: string[], _options: unknown, self: Command) => {
        await (await import("./flows-stats.ts")).stats(words, self, io);
      }),
    "waylay flows stats time:>-1h -type:image/*",
    "waylay flows stats --json | jq '.hosts[] | [.name, .p95]'",
  );

  example(command, "waylay flows ls", "waylay flows show 1");
};
