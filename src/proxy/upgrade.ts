import type { FlowTap } from "../flow/tap.ts";
import { cleanHead } from "../wire/http1/clean.ts";
import type { ResponseHead } from "../wire/http1/head.ts";
import type { ClientStream } from "./client-stream.ts";
import { finishSpliced, splice } from "./splice.ts";
import type { Upstream } from "./upstream.ts";

/** 101 (RFC 9110 §7.8): the head goes on, and from here both connections are each other's, byte for byte. */
export function switchProtocols(client: ClientStream, upstream: Upstream, head: ResponseHead, tap: FlowTap): void {
  tap.responseHead(head.buf, head.start, head.end, head.status, head.reason);
  client.sendHead(cleanHead(head), false);
  client.flush();
  upstream.flush();
  const fromServer = upstream.reader.takeRest();
  const fromClient = client.takeOver();
  tap.clientBytes = fromClient.length;
  tap.serverBytes = fromServer.length;
  splice(client.conn, upstream.conn, tap, client.entry.services.config.limits.tunnelIdleMs, end =>
    finishSpliced(tap, end),
  );
  if (fromServer.length > 0) client.conn.write(fromServer);
  if (fromClient.length > 0) upstream.conn.write(fromClient);
}
