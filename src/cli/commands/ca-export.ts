// `waylay ca export`: the root's certificate for other programs, with its key only if asked.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { CaError, reasonOf } from "../../ca/error.ts";
import { type ExportFormat, exportCertificate, exportWithKey } from "../../ca/export.ts";
import { writeOut } from "../../ca/files.ts";
import { loadRoot } from "../../ca/root.ts";
import { anchorIn, caDirOf, givenPassphrase, newPassphrase, withPassphrase } from "../authority.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";

interface Options {
  readonly format: ExportFormat;
  readonly output?: string;
  readonly withKey?: boolean;
  readonly exportPassphraseFile?: string;
}

export async function exportRoot(command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const caDir = caDirOf(command, io);
  const toFile = options.output !== undefined && options.output !== "-";
  if (!toFile && io.outIsTerminal && options.format !== "pem") {
    throw new CommandError(`${options.format} is binary: name a file with -o FILE`, 2);
  }
  const passphrase = exportPassphrase(options, io);
  const bytes = options.withKey
    ? await certificateAndKey(command, options.format, caDir, passphrase, io)
    : exportCertificate(anchorIn(caDir), options.format, passphrase);
  if (toFile) writeOut(resolve(io.cwd, options.output!), bytes, options.withKey === true);
  else io.outBytes(bytes);
}

async function certificateAndKey(
  command: Command,
  format: ExportFormat,
  caDir: string,
  given: string | undefined,
  io: Io,
): Promise<Buffer> {
  if (format === "der") throw new CommandError("der holds no key: --with-key wants --format pem or p12", 2);
  anchorIn(caDir); // "no root" comes before any question
  const passphrase = given ?? (await newPassphrase("what is exported", io));
  if (!passphrase) {
    throw new CommandError(
      "a key leaves only encrypted: set WAYLAY_EXPORT_PASSPHRASE or --export-passphrase-file FILE",
      2,
    );
  }
  return withPassphrase(await givenPassphrase(command, io), io, unlock => {
    const root = loadRoot(caDir, { passphrase: unlock, now: Date.now });
    if (root === null) throw new CaError("no-root", caDir);
    return exportWithKey(root, format, passphrase, unlock);
  });
}

/** The first line of the file, as with --passphrase-file. */
function exportPassphrase({ exportPassphraseFile }: Options, io: Io): string | undefined {
  if (exportPassphraseFile === undefined) return io.env.WAYLAY_EXPORT_PASSPHRASE;
  const file = resolve(io.cwd, exportPassphraseFile);
  try {
    return readFileSync(file, "utf8").split(/\r?\n/, 1)[0];
  } catch (error) {
    throw new CommandError(`--export-passphrase-file: ${file} cannot be read (${reasonOf(error)})`, 2);
  }
}
