// The client's way over the Unix socket.
import { dialUnix } from "../net/dial-unix.ts";
import { LineReader } from "../wire/json-rpc.ts";
import { ControlClient } from "./client.ts";

/** An answer may hold a body of 16 MB in base64 beside its flow. */
const ANSWER_MAX = 64 << 20;

/** Connects to the waylay that answers at `path`. Rejects with the system's error if none does. */
export async function connectControl(path: string): Promise<ControlClient> {
  const socket = await dialUnix(path);
  const lines = new LineReader(ANSWER_MAX);
  const client = new ControlClient({
    send: text => void socket.write(`${text}\n`),
    close: () => socket.destroy(),
  });
  socket.on("data", (chunk: Buffer) => {
    lines.push(chunk);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      if (typeof line === "string") client.receive(line);
      else client.closed(new Error("an answer is too long to be taken"));
    }
  });
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => client.closed(null));
  return client;
}
