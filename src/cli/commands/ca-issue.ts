// `waylay ca issue`: a certificate and its key as two files.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { CaError, reasonOf } from "../../ca/error.ts";
import { writeOut } from "../../ca/files.ts";
import { type Issued, issueClient, issueServer } from "../../ca/issue.ts";
import { loadRoot, type Root } from "../../ca/root.ts";
import { makeFolder } from "../../config/folder.ts";
import { caDirOf, dayText, facts, givenPassphrase, json, withPassphrase } from "../authority.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";

interface Options {
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function issueFiles(kind: string, names: readonly string[], command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const issue = issuerOf(kind, names);
  const caDir = caDirOf(command, io);
  const issued = await withPassphrase(await givenPassphrase(command, io), io, passphrase => {
    const root = loadRoot(caDir, { passphrase, now: Date.now });
    if (root === null) throw new CaError("no-root", join(caDir, "root.crt"));
    return issue(root);
  }).catch((error: unknown) => {
    const misspelt = error instanceof CaError && ["bad-name", "bad-client-name"].includes(error.code);
    throw misspelt ? new CommandError(error.message, 2, { cause: error }) : error;
  });
  const files = write(issued, options, io);
  const notAfter = issued.notAfter;
  if (options.json)
    io.out(json({ ...files, names: issued.names, serial: issued.serial, notAfter: notAfter.toISOString() }));
  else {
    const rows = [
      ["Names", issued.names.join(", ")],
      ["Valid to", dayText(notAfter)],
      ["Certificate", files.certificate],
      ["Key", files.key],
    ] as const;
    io.out(facts(rows, io));
  }
}

function issuerOf(kind: string, [first, ...more]: readonly string[]): (root: Root) => Issued {
  if (first === undefined) throw new CommandError("a name is missing", 2); // commander has seen to that
  if (kind === "server") return root => issueServer(root, [first, ...more], Date.now());
  if (kind !== "client") throw new CommandError(`"${kind}" is neither server nor client`, 2);
  if (more.length > 0) throw new CommandError("a client has one name: waylay ca issue client NAME", 2);
  return root => issueClient(root, first, Date.now());
}

function write(issued: Issued, { output = ".", force }: Options, io: Io): { certificate: string; key: string } {
  const folder = resolve(io.cwd, output);
  const base = join(folder, fileName(issued.names[0]!));
  const files = { certificate: `${base}.crt`, key: `${base}.key` };
  for (const file of Object.values(files)) {
    if (!force && existsSync(file)) throw new CommandError(`${file} is there already; --force overwrites it`);
  }
  try {
    makeFolder(folder);
  } catch (error) {
    throw new CaError("unwritable", folder, reasonOf(error));
  }
  writeOut(files.key, issued.keyPem, true);
  writeOut(files.certificate, issued.certPem, false);
  return files;
}

/** A name becomes part of a file's name only by its harmless characters. */
function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "") || "issued";
}
