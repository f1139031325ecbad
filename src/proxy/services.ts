import type { Config } from "../config.ts";
import type { Recorder } from "../flow/recorder.ts";
import type { ClientTls } from "../net/tls-client.ts";
import type { ServerTls } from "../net/tls-server.ts";
import type { Ambient, Program } from "../rules/decide.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import type { Connector } from "./connect.ts";
import type { SelfSite } from "./self.ts";

/** What the stages of the engine share; gateway puts it together. */
export interface Services {
  readonly config: Config;
  readonly httpLimits: Http1Limits;
  readonly recorder: Recorder;
  readonly serverTls: ServerTls;
  readonly clientTls: ClientTls;
  readonly connector: Connector;
  readonly self: SelfSite;
  /** The rules in force now; an exchange keeps those that it began with. */
  program(): Program;
  readonly ambient: Ambient;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** Is this host's certificate taken unverified? */
  isInsecure(host: string): boolean;
  /** A line for the person who runs waylay. */
  say(message: string): void;
}
