import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ClientCertificate } from "./tls-client.ts";

/** Where a certificate of ours and its key stand (PEM). */
export interface ClientCertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/** Reads both files, each time anew: certificates that are short-lived are renewed in place. Rejects with a sentence. */
export async function readClientCertificate(files: ClientCertificateFiles): Promise<ClientCertificate> {
  const [certPem, keyPem] = await Promise.all([textOf(files.cert), textOf(files.key)]);
  const { passphrase } = files;
  const id = createHash("sha256")
    .update(JSON.stringify([certPem, keyPem, passphrase]))
    .digest("base64");
  return { id, certPem, keyPem, passphrase };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${path} cannot be read (${code})`);
  }
}
