// The formats that flows are exported to; help, completion and the export command come from this table.
import { CURL } from "./curl.ts";
import type { Format } from "./format.ts";
import { HAR } from "./har.ts";
import { RAW } from "./raw.ts";

export const FORMATS: readonly Format[] = [HAR, CURL, RAW];

/** The format of that name; undefined if there is none. */
export function findFormat(name: string): Format | undefined {
  return FORMATS.find(format => format.name === name.toLowerCase());
}
