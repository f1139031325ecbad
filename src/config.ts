// The settings of one engine, as data. The parts that read them live in config/: units, limits (every bound with its
// reason), modes, options (the table of options), file (config.yaml) and resolve (the one parse of it all).
// Knows nothing of the engine: whoever needs a setting is handed it.

import type { Limits } from "./config/limits.ts";
import type { Mode } from "./config/modes.ts";

export interface Config {
  /** Everything that listens, in the order given; never empty. */
  readonly modes: readonly Mode[];
  /** What clients are offered by ALPN. */
  readonly http2: "auto" | "always" | "never";
  /** Decrypt only what this filter matches; its syntax is checked by who compiles it. */
  readonly only: string | undefined;
  /** Host globs that are never decrypted. */
  readonly pass: readonly string[];
  /** Keep the client's Host in reverse mode instead of the target's. */
  readonly keepHost: boolean;
  /** Accept clients with public addresses. */
  readonly allowPublic: boolean;

  /** Where everything is kept; absolute. It may not exist yet. */
  readonly home: string;
  /** The control API's Unix socket; absolute. */
  readonly control: string;
  /** The session file asked for; undefined is HOME/sessions/DATE.waylay. */
  readonly session: string | undefined;
  /** Rule files and folders, absolute; undefined is HOME/rules if it exists. */
  readonly rules: readonly string[] | undefined;
  /** Rules in a few words, such as `--block`, as they were written; their syntax is checked by who makes rules of them. */
  readonly shortForms: readonly ShortFormConfig[];
  /** How much of each body is recorded, bytes. */
  readonly bodyLimit: number;

  readonly upstream: UpstreamConfig;
  /** Leniencies per host glob, in the order given; the first that matches counts. */
  readonly lenient: readonly LenientHost[];

  /** undefined: no web UI. */
  readonly ui: UiConfig | undefined;
  /** undefined: packets are not captured. `ifaces` empty: loopback and that of the default route. */
  readonly capture: { readonly ifaces: readonly string[] } | undefined;

  /** The passphrase of the root's key, when one was given. Never shown. */
  readonly caPassphrase: string | undefined;
  readonly demo: boolean;
  readonly json: boolean;
  /** -1 quiet, 0, 1 verbose, 2 more. */
  readonly verbosity: number;
  readonly limits: Limits;
  /** Things to tell at start, one line each, that are no errors; the second kind only with -v. */
  readonly notes: readonly { readonly verbose: boolean; readonly text: string }[];
}

export interface ShortFormConfig {
  /** The option's name, without dashes. */
  readonly option: string;
  readonly text: string;
  /** `--block`, or FILE:LINE of a config.yaml. */
  readonly where: string;
  /** What paths in it are relative to. */
  readonly folder: string;
}

export interface UpstreamConfig {
  /** More roots to trust, PEM, one entry a file. */
  readonly ca: readonly { readonly file: string; readonly pem: string }[];
  /** Verify nothing. */
  readonly insecure: boolean;
  /** Host globs whose certificates are not verified. */
  readonly insecureHosts: readonly string[];
  /** `user:password` for the proxy of upstream mode. Never shown. */
  readonly auth: string | undefined;
}

/** What an origin or a client behind a host may do that is otherwise refused. */
export interface LenientHost {
  readonly host: string;
  readonly allow: LeniencyName;
}
export type LeniencyName = "obs-fold";

export interface UiConfig {
  readonly host: string;
  readonly port: number;
  /** A person asked for this port; a default one may move to the next free. */
  readonly named: boolean;
}
