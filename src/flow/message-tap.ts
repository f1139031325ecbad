// One side of an exchange while it runs: references to the bytes that passed, never copies. What is too much to hold goes to the
// store in pieces; what is beyond the limit is only counted.
import type { Field } from "./model.ts";
import { type FlowSink, MAX_PIECES, pieceKey, type Slice } from "./sink.ts";

/** What bounds the bodies of all flows together; the recorder. */
export interface BodyBounds {
  readonly sink: FlowSink;
  /** Content bytes recorded of one message. */
  readonly bodyLimit: number;
  /** Content bytes of one message that may wait in the heap. */
  readonly spillBytes: number;
  /** Content bytes of all messages that may. */
  readonly heldLimit: number;
  /** Content bytes that do. */
  held: number;
  /** The store is behind: a body was cut short. */
  behind(): void;
}

/** Takes secrets out of one message, for the record. */
export interface ScrubbedPart {
  head(bytes: Buffer): Buffer;
  fields(fields: readonly Field[]): readonly Field[];
  /** Called after `head`. */
  content(bytes: Buffer): Buffer;
}

/** Many tiny chunks weigh more than their bytes. */
const CHUNKS_HELD = 2048;

export class MessageTap {
  headBuf: Uint8Array | null = null;
  headStart = 0;
  headEnd = 0;
  /** HTTP/2 has no raw head: its fields, pseudo-fields first. */
  fields: readonly Field[] | null = null;
  trailerBuf: Uint8Array | null = null;
  trailerStart = 0;
  trailerEnd = 0;
  /** Content bytes that passed. */
  size = 0;
  /** Content bytes held in `chunks`. */
  held = 0;
  chunks: Slice[] | null = null;
  /** Content went by that is in no chunk and no piece. */
  truncated = false;
  /** Nothing leaves the heap before secrets have been taken out of it. */
  withheld = false;

  private readonly bounds: BodyBounds;
  private readonly flowId: number;
  readonly part: number;
  private fieldBytes: Uint8Array | null = null;
  private spilled = 0;
  private pieces = 0;

  constructor(bounds: BodyBounds, flowId: number, part: number) {
    this.bounds = bounds;
    this.flowId = flowId;
    this.part = part;
  }

  /** The raw head, blank line included. */
  head(buf: Uint8Array, start: number, end: number): void {
    this.headBuf = buf;
    this.headStart = start;
    this.headEnd = end;
  }

  /** Content bytes [start, end) of `buf`, by reference: the buffer must not be written to again. */
  content(buf: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.size += length;
    if (this.truncated || length === 0) return;
    const { bounds } = this;
    const room = bounds.bodyLimit - this.spilled - this.held;
    if (length > room) {
      // What is kept is a prefix: nothing after this is looked at.
      this.truncated = true;
      if (room <= 0) return;
      end = start + room;
    }
    const slice: Slice = { buf, start, end };
    if (this.chunks === null) this.chunks = [slice];
    else this.chunks.push(slice);
    this.held += end - start;
    bounds.held += end - start;
    if (this.held > bounds.spillBytes || this.chunks.length > CHUNKS_HELD || bounds.held > bounds.heldLimit)
      this.spill();
  }

  /** The raw trailer section with its final CRLF. */
  trailers(buf: Uint8Array, start: number, end: number): void {
    this.trailerBuf = buf;
    this.trailerStart = start;
    this.trailerEnd = end;
  }

  /** Hands what is held to the store. If that is too far behind, this body's recording ends here. */
  spill(): void {
    const { chunks, held, bounds } = this;
    if (chunks === null) return;
    if (this.withheld) {
      if (bounds.held > bounds.heldLimit) this.drop();
      return;
    }
    this.chunks = null;
    this.held = 0;
    bounds.held -= held;
    if (this.pieces < MAX_PIECES && bounds.sink.room(held)) {
      bounds.sink.piece(pieceKey(this.flowId, this.part, this.pieces++), chunks, held);
      this.spilled += held;
    } else {
      this.truncated = true;
      bounds.behind();
    }
  }

  /** `fields` as the store keeps them. */
  get encodedFields(): Uint8Array {
    this.fieldBytes ??= new TextEncoder().encode(JSON.stringify(this.fields));
    return this.fieldBytes;
  }

  /** Lets go of content that the store has no room for. */
  drop(): void {
    if (this.chunks === null) return;
    this.truncated = true;
    this.bounds.held -= this.held;
    this.held = 0;
    this.chunks = null;
    this.bounds.behind();
  }

  /** Takes secrets out of what is held. Trailers go: nobody can say what is in them. */
  scrub(part: ScrubbedPart): void {
    const { headBuf, chunks } = this;
    if (headBuf !== null) {
      const head = part.head(
        Buffer.from(headBuf.buffer, headBuf.byteOffset, headBuf.byteLength).subarray(this.headStart, this.headEnd),
      );
      this.head(head, 0, head.length);
    }
    if (this.fields !== null) this.fields = part.fields(this.fields);
    this.trailerBuf = null;
    if (chunks === null) return;
    const content = part.content(Buffer.concat(chunks.map(({ buf, start, end }) => buf.subarray(start, end))));
    this.bounds.held += content.length - this.held;
    this.held = content.length;
    this.chunks = [{ buf: content, start: 0, end: content.length }];
  }

  /** Lets go of every reference; the counts stay. */
  release(): void {
    this.bounds.held -= this.held;
    this.held = 0;
    this.chunks = null;
    this.headBuf = null;
    this.fields = null;
    this.fieldBytes = null;
    this.trailerBuf = null;
  }
}
