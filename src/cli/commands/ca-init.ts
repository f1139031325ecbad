// `waylay ca init`: a root of ours, or the user's own brought home. A root that is there is never lost.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { CaError } from "../../ca/error.ts";
import { readIfThere, rootFiles, setAside } from "../../ca/files.ts";
import { importRoot } from "../../ca/import.ts";
import { checkedRoot, openRoot, type Root } from "../../ca/root.ts";
import {
  anchorFacts,
  caDirOf,
  facts,
  givenPassphrase,
  json,
  newPassphrase,
  owner,
  withPassphrase,
} from "../authority.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";

interface Options {
  readonly cert?: string;
  readonly key?: string;
  readonly encrypt?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function initialise(command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const caDir = caDirOf(command, io);
  const files = rootFiles(caDir);
  const isThere = existsSync(files.certificate) || existsSync(files.key);
  const given = await givenPassphrase(command, io);
  const own = ownPair(options, io);
  const changes = own !== undefined || options.encrypt === true;
  if (isThere && changes && !options.force) throw new CaError("exists", caDir);

  const passphrase = options.encrypt && given === undefined ? await encryption(files.key, io) : given;
  const replaces = isThere && options.force === true;
  const root = await withPassphrase(passphrase, io, secret => {
    const unlocking = { passphrase: secret, now: Date.now };
    if (own) checkedRoot(own.certificate, own.key, own.source, unlocking); // before anything is moved
    const aside = replaces ? setAside(caDir, Date.now()) : undefined;
    if (aside !== undefined) sayAside(aside, io);
    return own ? importRoot(caDir, own, own.source, unlocking) : openRoot(caDir, { ...unlocking, ...owner() });
  });
  tell(root, options, io);
}

interface OwnPair {
  readonly certificate: string;
  readonly key: string;
  readonly source: Root["files"];
}

function ownPair({ cert, key }: Options, io: Io): OwnPair | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new CommandError("--cert and --key go together", 2);
  const source = { certificate: resolve(io.cwd, cert), key: resolve(io.cwd, key), der: "" };
  return { certificate: textOf(source.certificate), key: textOf(source.key), source };
}

function textOf(path: string): string {
  const text = readIfThere(path);
  if (text === null) throw new CommandError(`${path} does not exist`, 2);
  return text;
}

async function encryption(keyFile: string, io: Io): Promise<string> {
  const passphrase = await newPassphrase(keyFile, io);
  if (passphrase !== undefined) return passphrase;
  throw new CommandError(
    "no passphrase, or not the same twice; WAYLAY_CA_PASSPHRASE or --passphrase-file gives one",
    2,
  );
}

function sayAside(aside: string, io: Io): void {
  const cert = join(aside, "root.crt");
  io.err(`The old root was put aside in ${aside}\n`);
  io.err(`Where it is still trusted, take it out: waylay ca uninstall --cert ${cert}\n`);
}

function tell(root: Root, options: Options, io: Io): void {
  for (const warning of root.warnings) io.err(`${io.errPaint.yellow("warning:")} ${warning}\n`);
  if (options.json) io.out(json({ ...anchorFacts(root), created: root.created }));
  else {
    const rows = [
      ["Subject", root.subject],
      ["SHA-256", root.fingerprint256],
      ["Certificate", root.files.certificate],
    ] as const;
    io.out(facts(rows, io));
  }
  io.err(root.created ? "\nTrust it: waylay ca install\n" : "\nIt was there already; nothing was changed.\n");
}
