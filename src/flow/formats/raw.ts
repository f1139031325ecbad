// Messages as they were on the wire: head, content with its codings, trailers. Content is recorded without its chunk sizes; where the head
// says chunked it is written as one chunk, so that what comes out is a valid message and can be sent again.
import { fieldsNamed } from "../head.ts";
import type { Message, Side } from "../model.ts";
import type { StoredFlow } from "../store/stored-flow.ts";
import type { Format } from "./format.ts";

export const RAW: Format = {
  name: "raw",
  doc: "both messages as they were on the wire, one flow after another",
  extension: "http",
  mediaType: "message/http",
  *write(flows) {
    for (const flow of flows) {
      yield* rawMessage(flow, "request");
      yield* rawMessage(flow, "response");
    }
  },
};

/** One message as bytes; nothing if it never came. HTTP/2 messages are written in the form of HTTP/1.1, pseudo-fields as they are. */
export function* rawMessage(flow: StoredFlow, side: Side): Generator<Uint8Array> {
  const message = flow.whole()[side];
  if (message === null) return;
  const head = flow.head(side);
  if (head !== null) yield head;
  else if (message.headers.length > 0) yield latin1(`${lines(message.headers)}\r\n`);
  const content = flow.content(side);
  if (!isChunked(message)) {
    if (content.length > 0) yield content;
    return;
  }
  if (content.length > 0) {
    yield latin1(`${content.length.toString(16)}\r\n`);
    yield content;
    yield latin1("\r\n");
  }
  yield latin1(`0\r\n${lines(message.trailers)}\r\n`);
}

function isChunked(message: Message): boolean {
  return fieldsNamed(message.headers, "transfer-encoding").some(value => /\bchunked\s*$/i.test(value));
}

function lines(fields: Message["headers"]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
