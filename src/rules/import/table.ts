// The programs whose rules are read.
import { importCharles } from "./charles.ts";
import type { Importer } from "./imported.ts";
import { importMitmproxy } from "./mitmproxy.ts";
import { importWhistle } from "./whistle.ts";

export interface ImportSource {
  readonly name: string;
  /** What its file is. */
  readonly doc: string;
  readonly read: Importer;
}

export const IMPORT_SOURCES: readonly ImportSource[] = [
  { name: "whistle", doc: "a rule file", read: importWhistle },
  { name: "mitmproxy", doc: "config.yaml, or its options, one a line", read: importMitmproxy },
  { name: "charles", doc: "exported tool settings (XML)", read: importCharles },
];
