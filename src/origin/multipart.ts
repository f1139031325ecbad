// Reads multipart/form-data (RFC 7578) as it streams by: parts are reported, never collected.
import { LessonError } from "./lesson.ts";

const MAX_PART_HEAD = 16 * 1024; // a part's fields name a file; more is no form

export interface PartHead {
  name: string;
  filename?: string;
  type: string;
}

export interface PartSink {
  begin(head: PartHead): void;
  /** A piece of the current part's content; a view that is good only during the call. */
  content(piece: Buffer): void;
  end(): void;
}

type State = "preamble" | "head" | "content" | "epilogue";

/** Push the body in; throws a LessonError (400) where it is no multipart. */
export class MultipartReader {
  private readonly delimiter: Buffer;
  private readonly sink: PartSink;
  // The first delimiter may open the body without the CRLF that all others have; giving it one makes them alike.
  private held: Buffer = Buffer.from("\r\n");
  private state: State = "preamble";

  constructor(boundary: string, sink: PartSink) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`);
    this.sink = sink;
  }

  push(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    while (this.step());
  }

  /** The body ended; it must have ended with the closing delimiter. */
  finish(): void {
    if (this.state !== "epilogue") throw new LessonError(400, "the multipart body ends before its closing delimiter");
  }

  /** Takes one thing from what is held; false when more bytes are needed. */
  private step(): boolean {
    if (this.state === "epilogue") {
      this.held = Buffer.alloc(0);
      return false;
    }
    return this.state === "head" ? this.takeHead() : this.takeContent();
  }

  private takeContent(): boolean {
    const { held, delimiter } = this;
    const at = held.indexOf(delimiter);
    // Without a delimiter all is content but what might be the start of one.
    this.emit(at >= 0 ? at : Math.max(0, held.length - delimiter.length + 1));
    if (at < 0 || held.length < at + delimiter.length + 2) return false;
    const after = this.held.subarray(delimiter.length);
    if (this.state === "content") this.sink.end();
    const closing = after[0] === 0x2d && after[1] === 0x2d; // "--"
    if (!closing && !(after[0] === 0x0d && after[1] === 0x0a)) {
      throw new LessonError(400, "a multipart delimiter is followed by neither CRLF nor --");
    }
    this.state = closing ? "epilogue" : "head";
    this.held = after; // the head keeps the CRLF, so that an empty one is found by the same search
    return true;
  }

  private emit(bytes: number): void {
    if (this.state === "content" && bytes > 0) this.sink.content(this.held.subarray(0, bytes));
    this.held = this.held.subarray(bytes);
  }

  private takeHead(): boolean {
    const end = this.held.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.held.length > MAX_PART_HEAD) throw new LessonError(400, `a part's head is over ${MAX_PART_HEAD} bytes`);
      return false;
    }
    this.sink.begin(partHead(this.held.toString("utf8", 0, end)));
    this.held = this.held.subarray(end + 4);
    this.state = "content";
    return true;
  }
}

/** The boundary parameter of a multipart content type, or undefined. */
export function multipartBoundary(type: string): string | undefined {
  const match = /^multipart\/[^;]+;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  return match?.[1] ?? match?.[2];
}

function partHead(text: string): PartHead {
  const disposition = /^content-disposition:(.*)$/im.exec(text)?.[1] ?? "";
  const name = quoted(disposition, "name");
  if (name === undefined) throw new LessonError(400, "a part has no Content-Disposition with a name");
  const filename = quoted(disposition, "filename");
  const type = /^content-type:\s*(.*?)\s*$/im.exec(text)?.[1] ?? "text/plain";
  return filename === undefined ? { name, type } : { name, filename, type };
}

/** Browsers escape only the quote, CR and LF, as percent-escapes (HTML, multipart/form-data encoding algorithm). */
function quoted(disposition: string, name: string): string | undefined {
  const match = new RegExp(`[;\\s]${name}="([^"]*)"`, "i").exec(disposition);
  return match?.[1]?.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n");
}
