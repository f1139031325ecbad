// WebSocket echo (RFC 6455): handshake, frames in, the same frames out. No extensions are agreed to.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
const MAX_FRAME = 16 * 1024 * 1024;
const PING = 0x9;
const PONG = 0xa;
const CLOSE = 0x8;

/** Answers the upgrade request and echoes until either side closes. `first` are bytes that came with the head. */
export function echoWebSocket(request: IncomingMessage, socket: Duplex, first: Buffer): void {
  const key = request.headers["sec-websocket-key"];
  if (key === undefined || request.headers["sec-websocket-version"] !== "13") {
    socket.end(
      "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    return;
  }
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  const protocol = request.headers["sec-websocket-protocol"]?.split(",")[0]?.trim();
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
      `${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ""}\r\n`,
  );
  let held = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let used = echoFrame(held, socket); used > 0; used = echoFrame(held, socket)) held = held.subarray(used);
  };
  socket.on("data", take);
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  if (first.length > 0) take(first);
  socket.resume();
}

/** Echoes one frame from the start of `held`; returns the bytes it took, 0 when it is not whole yet. */
function echoFrame(held: Buffer, socket: Duplex): number {
  if (held.length < 2 || socket.destroyed || socket.writableEnded) return 0;
  const b0 = held[0];
  const b1 = held[1];
  if ((b1 & 0x80) === 0) return close(socket, 1002); // clients must mask, §5.1
  const extended = (b1 & 0x7f) === 126 ? 2 : (b1 & 0x7f) === 127 ? 8 : 0;
  if (held.length < 2 + extended + 4) return 0;
  const length = extended === 0 ? b1 & 0x7f : extended === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
  if (length > MAX_FRAME) return close(socket, 1009);
  const start = 2 + extended + 4;
  if (held.length < start + length) return 0;
  const payload = Buffer.from(held.subarray(start, start + length));
  for (let i = 0; i < length; i++) payload[i] = payload[i] ^ held[start - 4 + (i & 3)];
  const opcode = b0 & 0x0f;
  if (opcode === CLOSE) socket.end(frame(b0, payload));
  else if (opcode === PING) socket.write(frame((b0 & 0xf0) | PONG, payload));
  else if (opcode !== PONG) socket.write(frame(b0, payload));
  return start + length;
}

function close(socket: Duplex, code: number): number {
  socket.end(frame(0x80 | CLOSE, Buffer.from([code >> 8, code & 0xff])));
  return 0;
}

/** A frame as a server sends it: unmasked. */
function frame(b0: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head[0] = b0;
  let size = 2;
  if (payload.length < 126) head[1] = payload.length;
  else if (payload.length < 65536) {
    head[1] = 126;
    size = head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
    size = 10;
  }
  return Buffer.concat([head.subarray(0, size), payload]);
}
