// The client's side of one exchange as the exchange sees it, whatever protocol the client speaks.
import type { Conn } from "../net/conn.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import type { Answer } from "./answers.ts";
import type { Entry } from "./entry.ts";

/** How an exchange leaves the client's side. */
export type Ending =
  /** The next request may come. */
  | "keep"
  /** Everything was said; the connection ends. */
  | "close"
  /** The answer broke off where an orderly end shows it (a length or a last chunk is missing). */
  | "truncate"
  /** The answer broke off where an orderly end would look whole: only a reset shows it. */
  | "reset";

/** The client's side of one exchange, whatever protocol it speaks. */
export interface ClientStream {
  readonly conn: Conn;
  readonly entry: Entry;
  /** It frames content by its own means: chunks are taken off for it, and trailers come by sendTrailers(). */
  readonly bare: boolean;
  /** `dechunk`: the content follows bare, until the connection ends. */
  sendHead(head: ResponseHead, dechunk: boolean): void;
  sendBytes(buf: Buffer, start: number, end: number): void;
  /** The trailer section behind content whose chunks were taken off. */
  sendTrailers(buf: Buffer, start: number, end: number): void;
  /** Writes what was sent so far; false asks to stop until `Exchange.onClientDrain`. */
  flush(): boolean;
  /** An answer of our own, whole. `close` ends the connection with it. Returns the head as sent. */
  sendAnswer(answer: Answer, head: boolean, close: boolean): Buffer;
  /** The exchange takes request bytes (again). */
  resumeRequest(): void;
  pauseRequest(): void;
  /** The exchange is over and will not call again. */
  over(ending: Ending): void;
  /** Hands the bare connection over, with what was read of it but not used. */
  takeOver(): Buffer;
}
