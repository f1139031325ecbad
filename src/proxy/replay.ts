// Sends a recorded request again, through the very engine that clients use: rules apply, a new flow is recorded.
import type { Duplex } from "node:stream";
import { FLAG_REPLAYED } from "../flow/row.ts";
import type { FlowTap } from "../flow/tap.ts";
import type { LocalConn } from "../net/pipe.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { END, FAULT, HEAD, Http1Reader, NEED } from "../wire/http1/reader.ts";
import { Entry } from "./entry.ts";
import { Http1Session } from "./http1.ts";
import type { Services } from "./services.ts";

/** A request to be sent, and where to. */
export interface ReplayRequest {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** The HTTP/1.1 head, empty line included. */
  readonly head: Buffer;
  readonly content: Buffer;
}

/** Sends a request. Resolves with the id of its flow when the answer is whole (or the exchange has failed). */
export function replay(services: Services, local: LocalConn, request: ReplayRequest): Promise<number> {
  let id = 0;
  const mode = services.config.modes[0];
  if (mode === undefined) throw new Error("a gateway has a mode");
  const tunnel = { host: request.host, port: request.port };
  const entry = new Entry(services, mode, null, tunnel, request.secure, (tap: FlowTap) => {
    tap.flags |= FLAG_REPLAYED;
    id = tap.id;
  });
  // The session takes the connection; the entry's scheme says TLS where the origin wants it, nobody encrypts in here.
  new Http1Session(entry, local.conn);
  const { client } = local;
  client.write(request.head);
  if (request.content.length > 0) client.write(request.content);
  return new Promise(resolve => {
    const over = () => {
      client.destroy();
      resolve(id);
    };
    readAnswer(client, request.method, services.httpLimits, over);
  });
}

/** Reads one answer to its end and calls back; what it says is on the flow. */
function readAnswer(client: Duplex, method: string, limits: Http1Limits, over: () => void): void {
  const reader = new Http1Reader("response", limits);
  reader.expect(method);
  let interim = false;
  client.on("data", (chunk: Buffer) => {
    reader.push(chunk);
    for (;;) {
      const event = reader.next();
      if (event === NEED) return;
      if (event === HEAD) interim = reader.head.status < 200;
      if (event === FAULT || (event === END && !interim)) return over();
    }
  });
  client.on("end", over);
  client.on("error", over);
  client.on("close", over);
}
