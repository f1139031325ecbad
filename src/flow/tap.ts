// What the engine holds of the flow that it carries. It sets the plain facts, hands over heads and content as they pass, and says
// when it is over. Everything costs next to nothing until then.
import { MessageTap, type ScrubbedPart } from "./message-tap.ts";
import type { ConnFacts, FlowError, FlowState, Side, Timings } from "./model.ts";
import type { Recorder } from "./recorder.ts";
import { type Extra, FLAG_MODIFIED, FLAG_TUNNEL, type FlowRow, HTTP_UNKNOWN } from "./row.ts";
import { PART_REQUEST, PART_RESPONSE, PART_SENT_REQUEST, PART_SENT_RESPONSE, type Slice } from "./sink.ts";
import { noMarks, timingsOf } from "./timing.ts";

/** Takes secrets out of a flow before it is written. */
export interface Scrubber {
  part(side: Side): ScrubbedPart;
}

export class FlowTap implements FlowRow {
  readonly id: number;
  readonly clientConn: number;
  readonly mode: string;
  startedAt: number;
  endedAt = NaN;
  state: FlowState = "active";

  // Set by the engine as it learns them.
  scheme = "";
  method = "";
  host = "";
  port = 0;
  path = "";
  /** What the client got; set with `responseHead`. */
  status = 0;
  reason = "";
  /** Content-Type of the response; of the request as long as there is no response. */
  contentType = "";
  clientVersion = HTTP_UNKNOWN;
  serverVersion = HTTP_UNKNOWN;
  flags = 0;
  forgotten = false;
  scrubber: Scrubber | null = null;
  /** Tunnels only (FLAG_TUNNEL): bytes that the client sent, and that the server did. */
  clientBytes = 0;
  serverBytes = 0;

  readonly request: MessageTap;
  readonly response: MessageTap;
  /** What went on instead of what was received, where a rule or a person changed it. */
  sentRequest: MessageTap | null = null;
  sentResponse: MessageTap | null = null;
  interims: Slice[] | null = null;
  readonly marks: number[] = noMarks();

  readonly client: ConnFacts | undefined;
  server: ConnFacts | undefined;

  private serverId = 0;
  private notes: Extra | null = null;
  private readonly recorder: Recorder;

  /** Made by `Recorder.begin`. */
  constructor(recorder: Recorder, id: number, startedAt: number, clientConn: number, mode: string) {
    this.recorder = recorder;
    this.id = id;
    this.startedAt = startedAt;
    this.clientConn = clientConn;
    this.client = recorder.factsOf(clientConn);
    this.mode = mode;
    this.request = new MessageTap(recorder, id, PART_REQUEST);
    this.response = new MessageTap(recorder, id, PART_RESPONSE);
  }

  get serverConn(): number {
    return this.serverId;
  }

  /** The connection must have been told to the recorder before. */
  set serverConn(id: number) {
    this.serverId = id;
    this.server = this.recorder.factsOf(id);
  }

  /** The raw request head as received, blank line included. Also of a message that was refused: whatever came of it. */
  requestHead(buf: Uint8Array, start: number, end: number): void {
    this.request.head(buf, start, end);
  }

  /** The raw head of the final response as received. A second one (an answer that was thrown away) replaces the first. */
  responseHead(buf: Uint8Array, start: number, end: number, status: number, reason: string): void {
    this.response.head(buf, start, end);
    this.status = status;
    this.reason = reason;
  }

  /** The raw head of a 1xx answer. */
  interim(buf: Uint8Array, start: number, end: number): void {
    if (this.interims === null) this.interims = [];
    this.interims.push({ buf, start, end });
  }

  /** Content bytes by reference: the buffer must not be written to again. */
  requestContent(buf: Uint8Array, start: number, end: number): void {
    this.request.content(buf, start, end);
  }

  responseContent(buf: Uint8Array, start: number, end: number): void {
    this.response.content(buf, start, end);
  }

  requestTrailers(buf: Uint8Array, start: number, end: number): void {
    this.request.trailers(buf, start, end);
  }

  responseTrailers(buf: Uint8Array, start: number, end: number): void {
    this.response.trailers(buf, start, end);
  }

  /**
   * The message was changed: what is told to the tap that this answers is what was sent on, what is told to the flow's own methods stays
   * the record of what was received. Tell the sent content only if it differs; `content(buf, 0, 0)` says that it became empty.
   */
  sent(side: Side): MessageTap {
    this.flags |= FLAG_MODIFIED;
    if (side === "request") {
      this.sentRequest ??= this.sentTap(PART_SENT_REQUEST);
      return this.sentRequest;
    }
    this.sentResponse ??= this.sentTap(PART_SENT_RESPONSE);
    return this.sentResponse;
  }

  private sentTap(part: number): SentTap {
    const tap = new SentTap(this.recorder, this.id, part);
    tap.withheld = this.scrubber !== null;
    return tap;
  }

  /** Marks a moment (T_… of timing.ts), epoch milliseconds; now, if not given. */
  mark(moment: number, at: number = this.recorder.now()): void {
    this.marks[moment] = at;
  }

  defect(name: string): void {
    const extra = this.extraNotes();
    extra.defects = addOnce(extra.defects, name);
  }

  /** A rule was applied. */
  rule(name: string): void {
    const extra = this.extraNotes();
    extra.rules = addOnce(extra.rules, name);
  }

  tag(name: string): void {
    const extra = this.extraNotes();
    extra.tags = addOnce(extra.tags, name);
  }

  /** Something about the flow that people should know: an edit that could not be made, say. */
  note(text: string): void {
    const extra = this.extraNotes();
    extra.notes = addOnce(extra.notes, text);
  }

  /** From now on content is counted only. */
  withoutContent(): void {
    this.request.truncated = true;
    this.response.truncated = true;
  }

  /** Nothing of the flow is to be kept or shown. */
  forget(): void {
    this.forgotten = true;
    this.withoutContent();
  }

  /**
   * From now on nothing of the flow is written before its end, and then only what the scrubber leaves of it. `path` is what may be
   * shown of the target.
   */
  scrubWith(scrubber: Scrubber, path: string): void {
    this.scrubber = scrubber;
    this.path = path;
    for (const message of this.messages()) message.withheld = true;
  }

  /** Called by the recorder at the end. */
  scrub(): void {
    const { scrubber } = this;
    if (scrubber === null) return;
    this.request.scrub(scrubber.part("request"));
    this.response.scrub(scrubber.part("response"));
    this.sentRequest?.scrub(scrubber.part("request"));
    this.sentResponse?.scrub(scrubber.part("response"));
  }

  /** What went wrong; the first one told is the cause and stays. */
  error(code: string, message: string, side?: "client" | "server" | "proxy"): void {
    const extra = this.extraNotes();
    if (extra.error) return;
    const error: FlowError = side ? { code, message, side } : { code, message };
    extra.error = error;
  }

  /** Tells the feed that something worth showing changed: the answer's head is there, the flow waits at a breakpoint. */
  changed(): void {
    this.recorder.changed(this);
  }

  /** The flow is over. Later calls do nothing. */
  finish(state: "complete" | "error"): void {
    if (this.endedAt >= 0) return;
    this.state = state;
    this.recorder.finished(this);
  }

  get requestBytes(): number {
    if (this.flags & FLAG_TUNNEL) return this.clientBytes;
    return isContentChanged(this.sentRequest) ? this.sentRequest.size : this.request.size;
  }

  get responseBytes(): number {
    if (this.flags & FLAG_TUNNEL) return this.serverBytes;
    return isContentChanged(this.sentResponse) ? this.sentResponse.size : this.response.size;
  }

  get duration(): number {
    // Differences of epoch times carry noise below the microsecond; a clock may be set back.
    return Math.max(0, Math.round((this.endedAt - this.startedAt) * 1000) / 1000);
  }

  get timings(): Timings {
    return timingsOf(this.marks, this.startedAt, this.endedAt);
  }

  get extra(): Extra | null {
    const { sentRequest, sentResponse } = this;
    if (isContentChanged(sentRequest)) (this.extraNotes().originalBytes ??= {}).request = this.request.size;
    if (isContentChanged(sentResponse)) (this.extraNotes().originalBytes ??= {}).response = this.response.size;
    return this.notes;
  }

  /** What few flows have, to be added to: `websocket`, `packets`, `comment`, `color`. */
  extraNotes(): Extra {
    this.notes ??= {};
    return this.notes;
  }

  private messages(): MessageTap[] {
    return [this.request, this.response, this.sentRequest, this.sentResponse].filter(message => message !== null);
  }

  /** Hands all content that is held to the store. */
  spill(): void {
    this.request.spill();
    this.response.spill();
    this.sentRequest?.spill();
    this.sentResponse?.spill();
  }

  /** Goes without the content that is held: the store has no room for it. */
  drop(): void {
    this.request.drop();
    this.response.drop();
    this.sentRequest?.drop();
    this.sentResponse?.drop();
  }

  /** Lets go of every byte; the facts stay for whoever still looks at the event. */
  release(): void {
    this.request.release();
    this.response.release();
    this.sentRequest?.release();
    this.sentResponse?.release();
    this.interims = null;
  }
}

/** Knows whether its content was told at all: a message of which only the head was changed has the content of the original. */
class SentTap extends MessageTap {
  contentTold = false;

  override content(buf: Uint8Array, start: number, end: number): void {
    this.contentTold = true;
    super.content(buf, start, end);
  }
}

function isContentChanged(sent: MessageTap | null): sent is MessageTap {
  return sent instanceof SentTap && sent.contentTold;
}

function addOnce(list: string[] | undefined, name: string): string[] {
  if (list === undefined) return [name];
  if (!list.includes(name)) list.push(name);
  return list;
}
