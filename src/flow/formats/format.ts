// What a format is: recorded flows in, text or bytes out, piece by piece, so that a large session never stands in memory as a whole.
import type { StoredFlow } from "../store/stored-flow.ts";

export interface Format {
  readonly name: string;
  readonly doc: string;
  /** Of the files it makes, without the dot. */
  readonly extension: string;
  readonly mediaType: string;
  write(flows: Iterable<StoredFlow>, about: About): Generator<string | Uint8Array>;
}

export interface About {
  /** waylay's own version, for formats that name their maker. */
  readonly version: string;
}
