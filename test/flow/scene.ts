// A recorder with a store of its own in a folder of its own, and flows to put into it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Feed } from "../../src/flow/feed.ts";
import type { ConnFacts } from "../../src/flow/model.ts";
import { Recorder, type RecorderOptions } from "../../src/flow/recorder.ts";
import { HTTP_11 } from "../../src/flow/row.ts";
import { openSession, type Session } from "../../src/flow/store/session.ts";
import { openStore, type Store, type StoreOptions } from "../../src/flow/store/store.ts";
import type { FlowTap } from "../../src/flow/tap.ts";

export const CLIENT: ConnFacts = {
  id: 1,
  leg: "client",
  address: "127.0.0.1",
  port: 51234,
  localPort: 8080,
  openedAt: 1_700_000_000_000.25,
  process: "curl",
  tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", alpn: "http/1.1", sni: "example.test" },
};
export const SERVER: ConnFacts = {
  id: 2,
  leg: "server",
  address: "::1",
  port: 8443,
  localPort: 40000,
  name: "example.test",
  openedAt: 1_700_000_000_001.5,
  tls: { version: "TLSv1.2", cipher: "ECDHE", alpn: null, sni: "example.test", insecure: "self-signed" },
};

export interface Scene {
  readonly file: string;
  readonly store: Store;
  readonly feed: Feed;
  readonly recorder: Recorder;
  readonly problems: string[];
  /** Opens what is on disk now; closed at the end of the test file. */
  read(): Promise<Session>;
}

export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "waylay-flow-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function scene(
  options: Partial<RecorderOptions> = {},
  storeOptions: Partial<StoreOptions> = {},
): Promise<Scene> {
  const problems: string[] = [];
  const file = storeOptions.file ?? join(scratch(), "scene.waylay");
  const store = await openStore({ file, onProblem: message => problems.push(message), ...storeOptions });
  const feed = new Feed(error => {
    throw error;
  });
  const recorder = new Recorder(store, feed, {
    bodyLimit: 16_000_000,
    spillBytes: 256 << 10,
    clock: () => performance.timeOrigin + performance.now(),
    firstFlowId: store.nextFlowId,
    ...options,
  });
  recorder.conn(CLIENT);
  recorder.conn(SERVER);
  after(async () => {
    recorder.close();
    await store.close();
  });
  const read = async (): Promise<Session> => {
    await store.flush();
    const session = openSession(file);
    after(() => session.close());
    return session;
  };
  return { file, store, feed, recorder, problems, read };
}

export interface Exchange {
  readonly method?: string;
  readonly scheme?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  /** Field lines without CRLF. */
  readonly requestFields?: readonly string[];
  readonly requestBody?: string | Uint8Array;
  readonly status?: number;
  readonly reason?: string;
  readonly responseFields?: readonly string[];
  readonly responseBody?: string | Uint8Array;
}

/** Begins a flow and tells all of it but its end. */
export function begin(recorder: Recorder, exchange: Exchange = {}): FlowTap {
  const { method = "GET", scheme = "http", host = "example.test", port = 80, path = "/" } = exchange;
  const { status = 200, reason = "OK", requestFields = [`Host: ${host}`], responseFields = [] } = exchange;
  const tap = recorder.begin(CLIENT.id, "regular");
  Object.assign(tap, { method, scheme, host, port, path, clientVersion: HTTP_11, serverVersion: HTTP_11 });
  tap.serverConn = SERVER.id;
  const requestHead = head(`${method} ${path} HTTP/1.1`, requestFields);
  tap.requestHead(requestHead, 0, requestHead.length);
  const requestBody = Buffer.from(exchange.requestBody ?? "");
  tap.requestContent(requestBody, 0, requestBody.length);
  if (status === 0) return tap;
  const responseHead = head(`HTTP/1.1 ${status} ${reason}`, responseFields);
  tap.responseHead(responseHead, 0, responseHead.length, status, reason);
  const type = responseFields.find(line => /^content-type:/i.test(line));
  tap.contentType = type === undefined ? "" : type.slice(type.indexOf(":") + 1).trim();
  const responseBody = Buffer.from(exchange.responseBody ?? "");
  tap.responseContent(responseBody, 0, responseBody.length);
  return tap;
}

/** Records one whole flow; answers its id. */
export function record(recorder: Recorder, exchange: Exchange = {}): number {
  const tap = begin(recorder, exchange);
  tap.finish("complete");
  return tap.id;
}

export function head(startLine: string, fields: readonly string[]): Buffer {
  return Buffer.from([startLine, ...fields, "", ""].join("\r\n"), "latin1");
}
