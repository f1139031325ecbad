// An HTTP/2 client that says exactly the frames it is told to, inside TLS in a tunnel, and keeps what it hears stream by
// stream.

import type { ConnectionOptions } from "node:tls";
import { errorName } from "../../src/wire/http2/codes.ts";
import { FrameLog, headers, opening, type Pairs, type SeenFrame } from "./http2-frames.ts";
import { eventually, type Peer } from "./peer.ts";
import { type Cleaner, tlsClient } from "./raw-client.ts";

export interface HeardStream {
  /** Every section, in order: interim answers, the final head, trailers. */
  readonly sections: [string, string][][];
  content: Buffer;
  ended: boolean;
  /** The error code that it was reset with. */
  reset: string | null;
}

export class Http2Client {
  readonly peer: Peer;
  readonly log = new FrameLog();
  readonly streams = new Map<number, HeardStream>();
  goaway: string | null = null;
  private nextId = 1;

  constructor(peer: Peer) {
    this.peer = peer;
    peer.socket.on("data", (chunk: Buffer) => {
      for (const seen of this.log.push(chunk)) this.hear(seen);
    });
  }

  send(...frames: Buffer[]): this {
    this.peer.socket.write(Buffer.concat(frames));
    return this;
  }

  /** A request on the next stream; returns its number. */
  request(fields: Pairs, more = false): number {
    const id = this.nextId;
    this.nextId += 2;
    this.send(headers(id, fields, more));
    return id;
  }

  stream(id: number): HeardStream {
    let heard = this.streams.get(id);
    if (heard === undefined) {
      heard = { sections: [], content: Buffer.alloc(0), ended: false, reset: null };
      this.streams.set(id, heard);
    }
    return heard;
  }

  /** The stream, once it has ended in whatever way. */
  async over(id: number): Promise<HeardStream> {
    const heard = this.stream(id);
    await eventually(() => heard.ended || heard.reset !== null);
    return heard;
  }

  /** Status of the final answer. */
  status(id: number): string | undefined {
    return this.stream(id).sections.find(([first]) => first?.[0] === ":status" && !first[1].startsWith("1"))?.[0]?.[1];
  }

  private hear(seen: SeenFrame): void {
    const { type, flags, streamId, payload } = seen;
    if (type === "GOAWAY") this.goaway = errorName(payload.readUInt32BE(4));
    if (streamId === 0) return;
    const heard = this.stream(streamId);
    if (type === "HEADERS") heard.sections.push(this.log.fields(seen));
    else if (type === "DATA") heard.content = Buffer.concat([heard.content, payload]);
    else if (type === "RST_STREAM") heard.reset = errorName(payload.readUInt32BE(0));
    if ((type === "HEADERS" || type === "DATA") && (flags & 1) !== 0) heard.ended = true;
  }
}

/** Speaks TLS through the proxy with `authority`, agrees on h2, and says what a client says first. */
export async function http2Client(
  test: Cleaner,
  proxyPort: number,
  authority: string,
  options: ConnectionOptions,
): Promise<Http2Client> {
  const peer = await tlsClient(test, proxyPort, authority, { ALPNProtocols: ["h2"], ...options });
  return new Http2Client(peer).send(opening);
}
