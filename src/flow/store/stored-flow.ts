// One recorded flow, read as far as it is asked for: a filter on its status never loads its bytes.
import { textOf } from "../decode/charset.ts";
import { decodeContent } from "../decode/content.ts";
import { fieldOf, readFields, readHead } from "../head.ts";
import type { BodyFacts, ConnFacts, Field, FlowSummary, InterimAnswer, Message, Side, WholeFlow } from "../model.ts";
import type { FlowRecord, MessageRecord } from "../record.ts";
import { type FlowRow, summaryOf } from "../row.ts";
import { PART_REQUEST, PART_RESPONSE, PART_SENT_REQUEST, PART_SENT_RESPONSE } from "../sink.ts";
import type { Contents } from "./contents.ts";
import { flowRowOf, type StoredRow } from "./rows.ts";

export class StoredFlow {
  readonly row: FlowRow;
  private readonly place: number;
  private readonly contents: Contents;
  private readonly factsOf: (conn: number) => ConnFacts | undefined;
  private loaded: FlowRecord | null | undefined;
  private summarized: FlowSummary | undefined;

  constructor(stored: StoredRow, contents: Contents, factsOf: (conn: number) => ConnFacts | undefined) {
    this.row = flowRowOf(stored);
    this.place = stored.place;
    this.contents = contents;
    this.factsOf = factsOf;
  }

  summary(): FlowSummary {
    this.summarized ??= summaryOf(this.row, this.factsOf(this.row.clientConn), this.factsOf(this.row.serverConn));
    return this.summarized;
  }

  whole(): WholeFlow {
    const record = this.record();
    return {
      ...this.summary(),
      request: this.message("request"),
      response: this.row.status > 0 || hasResponse(record) ? this.message("response") : null,
      interim: record === null ? [] : record.interims.map(interimOf),
    };
  }

  /** The fields of the message as sent on. */
  fields(side: Side): readonly Field[] {
    return fieldsIn(this.headRecord(side));
  }

  /** The raw head as sent on; null if there is none. */
  head(side: Side): Uint8Array | null {
    return this.headRecord(side)?.head ?? null;
  }

  /** The recorded content, as on the wire: what was sent on, or what was received. */
  content(side: Side, version: "sent" | "received" = "sent"): Buffer {
    const part = version === "sent" && this.isContentChanged(side) ? PARTS[side].sent : PARTS[side].received;
    return this.contents.content(this.row.id, part, this.record()?.messages[part].content ?? null);
  }

  contentType(side: Side): string | null {
    return fieldOf(this.fields(side), "content-type");
  }

  contentEncoding(side: Side): string | null {
    return encodingOf(this.fields(side));
  }

  /** The decoded content as text; undefined if there is none or it is no text. */
  text(side: Side): string | undefined {
    const content = this.content(side);
    if (content.length === 0) return undefined;
    return textOf(decodeContent(content, this.contentEncoding(side)).bytes, this.contentType(side))?.text;
  }

  private record(): FlowRecord | null {
    if (this.loaded === undefined) this.loaded = this.contents.record(this.place);
    return this.loaded;
  }

  private message(side: Side): Message {
    const { received, sent } = PARTS[side];
    const record = this.record();
    const before = record?.messages[received];
    const after = record?.messages[sent];
    const size = side === "request" ? this.row.requestBytes : this.row.responseBytes;
    const bodyPart = this.isContentChanged(side) ? sent : received;
    const head = this.headRecord(side);
    const fields = fieldsIn(head);
    const message: Message = {
      head: base64(head?.head),
      headers: fields,
      trailers: trailersIn(isEmpty(after) ? before : after),
      body: this.bodyFacts(bodyPart, size, fields),
    };
    if (isEmpty(after) && bodyPart === received) return message;
    const fieldsBefore = fieldsIn(before);
    const original = { head: base64(before?.head), headers: fieldsBefore, trailers: trailersIn(before) };
    if (bodyPart === received) return { ...message, original };
    const sizeBefore = this.row.extra?.originalBytes?.[side] ?? 0;
    return { ...message, original: { ...original, body: this.bodyFacts(received, sizeBefore, fieldsBefore) } };
  }

  private bodyFacts(part: number, size: number, fields: readonly Field[]): BodyFacts {
    const end = this.record()?.messages[part as 0 | 1 | 2 | 3].content ?? null; // a PART_ number
    const recorded = this.contents.recordedSize(this.row.id, part, end);
    // A flow that was cut off with its process has more on disk than its row knew.
    size = Math.max(size, recorded);
    return { size, recorded, truncated: recorded < size, encoding: encodingOf(fields) };
  }

  /** Where the head that was sent on stands. */
  private headRecord(side: Side): MessageRecord | undefined {
    const messages = this.record()?.messages;
    if (messages === undefined) return undefined;
    const after = messages[PARTS[side].sent];
    return after.head === null && after.fields === null ? messages[PARTS[side].received] : after;
  }

  private isContentChanged(side: Side): boolean {
    return this.row.extra?.originalBytes?.[side] !== undefined;
  }
}

const PARTS = {
  request: { received: PART_REQUEST, sent: PART_SENT_REQUEST },
  response: { received: PART_RESPONSE, sent: PART_SENT_RESPONSE },
} as const;

function hasResponse(record: FlowRecord | null): boolean {
  if (record === null) return false;
  return !isEmpty(record.messages[PART_RESPONSE]) || !isEmpty(record.messages[PART_SENT_RESPONSE]);
}

function isEmpty(message: MessageRecord | undefined): boolean {
  return message === undefined || (message.head === null && message.fields === null && message.content === null);
}

function fieldsIn(message: MessageRecord | undefined): readonly Field[] {
  if (message === undefined) return [];
  if (message.fields !== null) return message.fields;
  return message.head === null ? [] : readHead(message.head).fields;
}

function trailersIn(message: MessageRecord | undefined): readonly Field[] {
  return message === undefined || message.trailers === null ? [] : readFields(message.trailers);
}

function encodingOf(fields: readonly Field[]): string | null {
  const values = fields.filter(([name]) => name.toLowerCase() === "content-encoding").map(([, value]) => value);
  return values.length === 0 ? null : values.join(", ");
}

function interimOf(head: Uint8Array): InterimAnswer {
  const { startLine, fields } = readHead(head);
  const [, status = "", reason = ""] = /^\S+ +(\d+) ?(.*)$/.exec(startLine) ?? [];
  return { status: Number(status), reason, head: base64(head)!, headers: fields };
}

function base64(bytes: Uint8Array | null | undefined): string | null {
  return bytes == null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
