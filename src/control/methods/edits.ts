// Edits of messages as callers write them, for replay and for breakpoints.
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { badParam } from "../error.ts";

const text = z.strictObject({ text: z.string().describe("sent in UTF-8, in the message's content coding") });
const bytes = z.strictObject({ base64: z.base64().describe("sent as they are") });
const file = z.strictObject({ file: z.string().min(1).describe("absolute, on waylay's machine; sent as it is") });

export const content = z.union([text, bytes, file]);

export const fields = z.array(z.tuple([z.string().min(1), z.string()])).describe("all fields, in order");

export type Content = z.output<typeof content>;

/** Reads what is in a file. `path` is the parameter's, for the error. */
export async function contentOf(
  content: Content | undefined,
  path: string,
): Promise<{ readonly text: string } | { readonly bytes: Buffer } | undefined> {
  if (content === undefined || "text" in content) return content;
  if ("base64" in content) return { bytes: Buffer.from(content.base64, "base64") };
  if (!isAbsolute(content.file)) throw badParam(`${path}.file`, "wants an absolute path");
  try {
    return { bytes: await readFile(content.file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // readFile rejects with the system's
    throw badParam(`${path}.file`, `${content.file} cannot be read (${code})`);
  }
}
