import type { Config } from "../config.ts";
import type { Recorder } from "../flow/recorder.ts";
import type { Conn, ConnHandler } from "../net/conn.ts";
import type { ClientTls } from "../net/tls-client.ts";
import type { ServerTls } from "../net/tls-server.ts";
import type { Ambient, Program } from "../rules/decide.ts";
import type { MockSources } from "../rules/render.ts";
import type { ScriptHost } from "../rules/script/host.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import type { Connector } from "./connect.ts";
import type { Entry } from "./entry.ts";
import type { HoldBoard } from "./hold.ts";
import type { SelfSite } from "./self.ts";

/** What takes a connection on once a stage before it knows what it speaks. Handed in, so that stages need not know each other. */
export interface Stages {
  /** HTTP/1 from the client. */
  http1(entry: Entry, conn: Conn): ConnHandler;
  /** HTTP/2 from the client, its preface included. */
  http2(entry: Entry, conn: Conn): ConnHandler;
  /** What follows a CONNECT; `rest` came behind it without waiting. */
  connect(entry: Entry, conn: Conn, head: RequestHead, host: string, port: number, rest: Buffer): void;
}

/** What the stages of the engine share; gateway puts it together. */
export interface Services {
  readonly config: Config;
  readonly httpLimits: Http1Limits;
  readonly recorder: Recorder;
  readonly serverTls: ServerTls;
  readonly clientTls: ClientTls;
  readonly connector: Connector;
  readonly self: SelfSite;
  readonly stages: Stages;
  /** The rules in force now; an exchange keeps those that it began with. */
  program(): Program;
  readonly ambient: Ambient;
  /** Breakpoints, and what waits at them. */
  readonly holds: HoldBoard;
  /** Scripts that rules ask. */
  readonly scripts: ScriptHost;
  /** Files and recorded flows that rules answer with. */
  readonly mocks: MockSources;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** Is this host's certificate taken unverified? */
  isInsecure(host: string): boolean;
  /** A line for the person who runs waylay. */
  say(message: string): void;
}
