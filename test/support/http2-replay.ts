// Plays bytes through an Http2Connection, cut as asked, and writes down what it told and what it answered: one line each,
// DATA of one stream that comes in a row joined, since how much of it comes at once is the socket's affair.

import { limitsWith } from "../../src/config/limits.ts";
import { errorName } from "../../src/wire/http2/codes.ts";
import { Http2Connection } from "../../src/wire/http2/connection.ts";
import type { Http2Limits } from "../../src/wire/http2/limits.ts";
import {
  DATA,
  END,
  FAULT,
  GOAWAY,
  HEADERS,
  type Http2Role,
  MALFORMED,
  NEED,
  RESET,
  TRAILERS,
} from "../../src/wire/http2/streams.ts";
import { FrameLog, preface } from "./http2-frames.ts";

export interface Http2ReplayOptions {
  readonly role?: Http2Role;
  readonly limits?: Partial<Http2Limits>;
  /** What our side says before the bytes come, and after each event. */
  readonly before?: (connection: Http2Connection) => void;
  readonly onEvent?: (connection: Http2Connection, event: number) => void;
  /** DATA is not consumed: the peer's windows run out. */
  readonly greedy?: boolean;
}

export interface Http2Replayed {
  readonly events: string[];
  /** What was answered, but for our first SETTINGS and WINDOW_UPDATE and the acknowledgement of theirs. */
  readonly answers: string[];
}

export function replayHttp2(pieces: readonly Buffer[], options: Http2ReplayOptions = {}): Http2Replayed {
  const { role = "server" } = options;
  const connection = new Http2Connection(role, { ...limitsWith(), ...options.limits });
  const log = new FrameLog();
  const events: string[] = [];
  let content: { id: number; text: string } | null = null;
  const write = (line: string) => {
    if (content !== null) events.push(`DATA ${content.id} ${JSON.stringify(content.text)}`);
    content = null;
    if (line !== "") events.push(line);
  };
  options.before?.(connection);
  for (const piece of pieces) {
    connection.push(piece, 0);
    for (let event = connection.next(); event !== NEED; event = connection.next()) {
      if (event === DATA) {
        const text = connection.buf.toString("latin1", connection.start, connection.end);
        const { id } = connection.stream;
        if (content !== null && (content as { id: number }).id !== id) write("");
        content = { id, text: ((content as { text: string } | null)?.text ?? "") + text };
        if (!options.greedy) connection.consumed(connection.stream, text.length);
      } else write(line(connection, event));
      options.onEvent?.(connection, event);
      if (event === FAULT) break;
    }
    if (connection.fault !== null) break;
  }
  write("");
  connection.pump(1 << 20);
  let out = Buffer.concat(connection.out.take());
  if (role === "client") out = out.subarray(preface.length);
  log.push(out);
  const answers = log.frames
    .map(seen => log.describe(seen))
    .filter((text, i) => !(i < 2 && /^(SETTINGS|WINDOW_UPDATE 0 \d+)$/.test(text)) && text !== "SETTINGS ACK");
  return { events, answers };
}

function line(connection: Http2Connection, event: number): string {
  const fields = () => connection.fields.map(({ name, value }) => `${name}=${value}`).join(" ");
  switch (event) {
    case HEADERS:
      return `HEADERS ${connection.stream.id} ${fields()}`;
    case TRAILERS:
      return `TRAILERS ${connection.stream.id} ${fields()}`;
    case END:
      return `END ${connection.stream.id}`;
    case RESET: {
      const { stream, code, malformed, byPeer } = connection;
      return `RESET ${stream.id} ${errorName(code)}${byPeer ? " by peer" : ""}${malformed === null ? "" : ` ${malformed}`}`;
    }
    case MALFORMED:
      return `MALFORMED ${connection.streamId} ${connection.malformed}`;
    case GOAWAY:
      return `GOAWAY ${connection.lastStreamId} ${errorName(connection.code)}`;
    case FAULT:
      return `FAULT ${errorName(connection.fault?.code ?? 0)}`;
    default:
      throw new Error(`no such event: ${event}`);
  }
}
