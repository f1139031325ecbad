// A text in the person's own editor.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "./command.ts";
import type { Io } from "./io.ts";

/** Resolves with what the person made of it. Messages hold secrets: the file is its owner's alone, and gone afterwards. */
export async function editText(text: string, { env }: Io): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waylay-edit-"));
  const file = join(folder, "message.http");
  try {
    await writeFile(file, text, { mode: 0o600 });
    await runEditor(env.VISUAL || env.EDITOR || "vi", file);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `EDITOR` is a command line, as in git: `code --wait`. */
async function runEditor(editor: string, file: string): Promise<void> {
  const child = spawn("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
  const status = await new Promise<number | null>(resolve => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  if (status !== 0)
    throw new CommandError(`the editor (${editor}) ended with ${status ?? "an error"}; $EDITOR names it`);
}
