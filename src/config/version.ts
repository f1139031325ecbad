import { readFileSync } from "node:fs";

/** The version in package.json, which lies two folders up both in src and in dist. */
export function programVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version; // our own file
}
