// A client for the origin's tests: Node's own, and raw bytes where Node's would hide what is looked at.
import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from "node:http";
import { connect } from "node:net";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  raw: string[];
  trailers: NodeJS.Dict<string>;
  body: Buffer;
  interim: { statusCode: number; headers: IncomingHttpHeaders }[];
}

/** One request on a connection of its own, the whole answer collected. */
export function ask(port: number, path: string, options: RequestOptions = {}, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const interim: Answer["interim"] = [];
    const sent = request({ host: "127.0.0.1", port, path, agent: false, ...options });
    sent.on("information", info => interim.push({ statusCode: info.statusCode, headers: info.headers }));
    sent.on("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on("data", chunk => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          raw: response.rawHeaders,
          trailers: response.trailers,
          body: Buffer.concat(chunks),
          interim,
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export async function askJson(
  port: number,
  path: string,
  options: RequestOptions = {},
  body?: string,
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, and assertions check every field they read
): Promise<any> {
  return JSON.parse((await ask(port, path, options, body)).body.toString());
}

/** Sends exactly these bytes and returns all that comes back until the other side ends. */
export function askRaw(port: number, bytes: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", chunk => chunks.push(chunk));
    socket.on("end", () => resolve(Buffer.concat(chunks)));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks)));
  });
}
