// HTTP/2 written and read by a second, simple hand: frames as bytes for tests to say, and what came back as lines.

import { errorName, PREFACE } from "../../src/wire/http2/codes.ts";
import { HpackDecoder } from "../../src/wire/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../src/wire/http2/hpack/encoder.ts";

const NAMES = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
];

export function frame(type: number, flags: number, streamId: number, payload: Buffer | string = ""): Buffer {
  const content = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const header = Buffer.alloc(9);
  header.writeUIntBE(content.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, content]);
}

export const preface = PREFACE;

export function settings(...pairs: [id: number, value: number][]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(4, 0, 0, payload);
}

/** What a client says before its first request. */
export const opening = Buffer.concat([PREFACE, settings()]);

/** A field section that uses no tables, so that it means the same wherever it stands. */
export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [0x7f];
  let left = bytes.length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) length.push((left % 128) | 0x80);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

export type Pairs = readonly (readonly [string, string])[];

export const GET: Pairs = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "a.test"],
  [":path", "/"],
];

export const POST: Pairs = [[":method", "POST"], ...GET.slice(1)];

/** HEADERS in one frame, END_STREAM set unless `more`. */
export function headers(streamId: number, fields: Pairs, more = false): Buffer {
  return frame(1, more ? 4 : 5, streamId, block(fields));
}

export function data(streamId: number, content: string | Buffer, more = false): Buffer {
  return frame(0, more ? 0 : 1, streamId, content);
}

export function rst(streamId: number, code: number): Buffer {
  return frame(3, 0, streamId, uint32(code));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(8, 0, streamId, uint32(increment));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface SeenFrame {
  readonly type: string;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Takes bytes apart into frames; what is not whole yet is kept for the next push. */
export class FrameLog {
  readonly frames: SeenFrame[] = [];
  readonly decoder = new HpackDecoder({ headBytes: 1 << 20, fieldCount: 1000 });
  readonly encoder = new HpackEncoder(false);
  private rest = Buffer.alloc(0);

  push(bytes: Buffer): SeenFrame[] {
    const fresh: SeenFrame[] = [];
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= 9) {
      const length = this.rest.readUIntBE(0, 3);
      if (this.rest.length < 9 + length) break;
      const seen = {
        type: NAMES[this.rest[3]] ?? `type ${this.rest[3]}`,
        flags: this.rest[4],
        streamId: this.rest.readUInt32BE(5),
        payload: Buffer.from(this.rest.subarray(9, 9 + length)),
      };
      this.rest = this.rest.subarray(9 + length);
      this.frames.push(seen);
      fresh.push(seen);
    }
    return fresh;
  }

  fields(seen: SeenFrame): [string, string][] {
    return this.decoder.decode(seen.payload, 0, seen.payload.length).fields.map(({ name, value }) => [name, value]);
  }

  /** `RST_STREAM 1 PROTOCOL_ERROR`, `GOAWAY 3 NO_ERROR`, `WINDOW_UPDATE 0 65536`, `DATA 1 END 12 bytes` … */
  describe({ type, flags, streamId, payload }: SeenFrame): string {
    switch (type) {
      case "RST_STREAM":
        return `RST_STREAM ${streamId} ${errorName(payload.readUInt32BE(0))}`;
      case "GOAWAY":
        return `GOAWAY ${payload.readUInt32BE(0)} ${errorName(payload.readUInt32BE(4))}`;
      case "WINDOW_UPDATE":
        return `WINDOW_UPDATE ${streamId} ${payload.readUInt32BE(0)}`;
      case "SETTINGS":
      case "PING":
        return (flags & 1) !== 0 ? `${type} ACK` : type;
      case "DATA":
        return `DATA ${streamId}${(flags & 1) !== 0 ? " END" : ""} ${payload.length} bytes`;
      default:
        return `${type} ${streamId}${(flags & 1) !== 0 ? " END" : ""}`;
    }
  }
}
