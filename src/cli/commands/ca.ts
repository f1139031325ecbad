// `waylay ca …`: the root that intercepted connections are signed with. One file a subcommand; here only their options.

import { type Command, InvalidArgumentError, Option } from "commander";
import { TRUST_STORES } from "../../ca/trust/change.ts";
import { type Define, example } from "../command.ts";
import type { Io } from "../io.ts";
import { addConfigOptions } from "../options.ts";

const KEYLESS = ["home"];
const WITH_KEY = ["home", "passphrase-file"];
const STORES = TRUST_STORES.map(store => store.id);

export const defineCa: Define = (command, io) => {
  const sub = (spec: string, summary: string, options: readonly string[]): Command => {
    const made = command.command(spec).description(summary);
    addConfigOptions(made, options);
    return made;
  };

  example(
    sub("init", "make the root, or bring your own", WITH_KEY)
      .option("--cert <FILE>", "your own root, or an intermediate followed by its chain (PEM)")
      .option("--key <FILE>", "the private key of --cert (PEM)")
      .option("--encrypt", "ask for a passphrase and encrypt the key with it")
      .option("--force", "put a root that is there aside (nothing is deleted)")
      .option("--json", "one JSON object")
      .action(async (_options: unknown, self: Command) => {
        await (await import("./ca-init.ts")).initialise(self, io);
      }),
    "waylay ca init",
    "waylay ca init --cert corp-issuing.pem --key corp-issuing.key",
  );

  example(
    sub("show", "show the root and who trusts it", WITH_KEY)
      .option("--json", "one JSON object")
      .action(async (_options: unknown, self: Command) => {
        await (await import("./ca-show.ts")).show(self, io);
      }),
    "waylay ca show",
    "waylay ca show --json | jq -r .fingerprint256",
  );

  example(
    sub("export", "write the root for other programs", WITH_KEY)
      .addOption(new Option("--format <FORMAT>", "pem, der or p12").choices(["pem", "der", "p12"]).default("pem"))
      .option("-o, --output <FILE>", "instead of standard output")
      .option("--with-key", "the private key too, encrypted (pem and p12)")
      .option("--export-passphrase-file <FILE>", "passphrase of what is written (or env WAYLAY_EXPORT_PASSPHRASE)")
      .action(async (_options: unknown, self: Command) => {
        await (await import("./ca-export.ts")).exportRoot(self, io);
      }),
    "waylay ca export > waylay.pem",
    "waylay ca export --format p12 --with-key -o waylay.p12",
  );

  defineTrust("install", "have systems and browsers trust the root", sub, io);
  defineTrust("uninstall", "undo what install did", sub, io);

  example(
    sub("issue", "make a certificate and key for a server or client of yours", WITH_KEY)
      .argument("<KIND>", "server or client")
      .argument("<NAME...>", "server: DNS names and addresses; client: one name")
      .option("-o, --output <DIR>", "folder for NAME.crt and NAME.key (default: this one)")
      .option("--force", "overwrite files that are there")
      .option("--json", "one JSON object")
      .action(async (kind: string, names: string[], _options: unknown, self: Command) => {
        await (await import("./ca-issue.ts")).issueFiles(kind, names, self, io);
      }),
    "waylay ca issue server dev.example localhost 127.0.0.1",
    "waylay ca issue client ann",
  );

  example(command, "waylay ca show", "waylay ca install");
};

function defineTrust(
  action: "install" | "uninstall",
  summary: string,
  sub: (spec: string, summary: string, options: readonly string[]) => Command,
  io: Io,
): void {
  const store = new Option("--store <STORE>", `only this kind, repeatable (${STORES.join(", ")})`);
  store.argParser((text: string, before: string[] | undefined) => {
    if (!STORES.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${STORES.join(", ")}.`);
    return [...(before ?? []), text];
  });
  example(
    sub(action, `${summary}; shows what it will do, and asks`, KEYLESS)
      .addOption(store)
      .option("--cert <FILE>", "another root than the one in HOME, such as one put aside")
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "show what would be done, and do nothing")
      .option("--json", "one JSON object")
      .action(async (_options: unknown, self: Command) => {
        await (await import("./ca-trust.ts")).changeTrust(action, self, io);
      }),
    `waylay ca ${action}`,
    `waylay ca ${action} --store nss --yes`,
  );
}
