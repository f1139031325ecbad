// The options of `waylay start`, once: the command line, config.yaml, the help and the docs are made from this table.

/** One option. `name` is the long name without dashes, and the key in config.yaml. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** The value's name in help; without it the option is a switch. */
  readonly value?: string;
  readonly repeat?: true;
  /** A question of this one start: not taken from config.yaml. */
  readonly commandLineOnly?: true;
  /** A rule in a few words (rules/shorthand.ts). */
  readonly shortForm?: true;
  readonly doc: string;
  readonly fallback?: string;
}

export const OPTIONS: readonly OptionSpec[] = [
  { name: "port", short: "p", value: "N", doc: "proxy port; 0 picks a free one", fallback: "8080" },
  { name: "host", value: "ADDR", doc: "address the proxy binds", fallback: "127.0.0.1" },
  {
    name: "mode",
    short: "m",
    value: "MODE",
    repeat: true,
    doc: "regular, reverse:URL, upstream:URL, socks5, transparent; @PORT, @ADDR:PORT or @unix:PATH after it is where it listens",
    fallback: "regular",
  },
  { name: "keep-host", doc: "reverse mode: leave the client's Host as it came" },
  { name: "upstream-auth-file", value: "FILE", doc: "user:password for upstream mode (or env WAYLAY_UPSTREAM_AUTH)" },
  { name: "proxy-auth", value: "FILE", doc: "user:password lines that clients must know" },
  { name: "allow-public", doc: "serve clients with public addresses too" },
  {
    name: "http2",
    value: "WHEN",
    doc: "offer clients HTTP/2: auto (as the server does), always, never",
    fallback: "auto",
  },
  { name: "only", value: "FILTER", doc: "decrypt only what matches" },
  { name: "pass", value: "HOST", repeat: true, doc: "never decrypt this host (glob)" },
  { name: "upstream-ca", value: "FILE", repeat: true, doc: "more roots to trust upstream (PEM)" },
  { name: "insecure", doc: "do not verify upstream certificates" },
  { name: "insecure-host", value: "HOST", repeat: true, doc: "do not verify the certificates of this host (glob)" },
  {
    name: "lenient",
    value: "WHAT=HOST",
    repeat: true,
    doc: "take from this host (glob) what is refused otherwise: obs-fold",
  },
  {
    name: "home",
    value: "DIR",
    commandLineOnly: true,
    doc: "everything that waylay keeps (env WAYLAY_HOME)",
    fallback: "~/.waylay",
  },
  {
    name: "session",
    short: "s",
    value: "FILE",
    doc: "session file to record to",
    fallback: "HOME/sessions/DATE.waylay",
  },
  { name: "body-limit", value: "SIZE", doc: "how much of each body is recorded", fallback: "16MB" },
  {
    name: "rules",
    short: "r",
    value: "FILE",
    repeat: true,
    doc: "rule file or folder, watched",
    fallback: "HOME/rules/",
  },
  { name: "map-local", value: "FILTER=PATH", repeat: true, shortForm: true, doc: "answer from a file or folder" },
  { name: "map-remote", value: "FILTER=URL", repeat: true, shortForm: true, doc: "send to another server" },
  { name: "set-header", value: "FILTER=NAME: VALUE", repeat: true, shortForm: true, doc: "set a header of requests" },
  { name: "remove-header", value: "FILTER=NAME", repeat: true, shortForm: true, doc: "take a header off requests" },
  { name: "block", value: "FILTER", repeat: true, shortForm: true, doc: "answer 403 without the server" },
  {
    name: "throttle",
    value: "FILTER=SPEED",
    repeat: true,
    shortForm: true,
    doc: "slow 3g, fast 3g, 4g, satellite, modem or a rate such as 50kB/s",
  },
  { name: "no-cache", shortForm: true, doc: "fresh answers: no validators are sent, and nothing may be kept" },
  { name: "plain", shortForm: true, doc: "ask for plain bodies, without compression" },
  { name: "cors", shortForm: true, doc: "let any page read the answers (CORS)" },
  { name: "control", value: "PATH", doc: "Unix socket of the control API", fallback: "HOME/control.sock" },
  { name: "ui-port", value: "N", doc: "port of the web UI; 0 picks a free one", fallback: "8081" },
  { name: "ui-host", value: "ADDR", doc: "address of the web UI", fallback: "127.0.0.1" },
  { name: "no-ui", doc: "no web UI" },
  { name: "capture", doc: "capture packets of both legs" },
  { name: "iface", value: "NAME", repeat: true, doc: "interface to capture on" },
  { name: "passphrase-file", value: "FILE", doc: "passphrase of the root's key (or env WAYLAY_CA_PASSPHRASE)" },
  { name: "limit", value: "NAME=VALUE", repeat: true, doc: "change a limit, as in head=512KB (docs/options.md)" },
  { name: "demo", commandLineOnly: true, doc: "start the demo origin too and send it a few requests" },
  { name: "json", commandLineOnly: true, doc: "one JSON object a line on standard output" },
  { name: "quiet", short: "q", commandLineOnly: true, doc: "only errors" },
  { name: "verbose", short: "v", repeat: true, commandLineOnly: true, doc: "say more; twice for more still" },
];

/** An option whose machinery is not in this version. Whoever builds it deletes its line. */
export interface NotYet {
  readonly name: string;
  /** Only these values; without it the option as a whole. */
  readonly value?: RegExp;
  readonly what: string;
}

export const NOT_YET: readonly NotYet[] = [
  { name: "mode", value: /^socks5\b/, what: "SOCKS" },
  { name: "mode", value: /^transparent\b/, what: "transparent mode" },
  { name: "http2", value: /^auto$/, what: "offering HTTP/2 as the server does" },
  { name: "proxy-auth", what: "proxy authentication" },
  { name: "capture", what: "packet capture" },
  { name: "iface", what: "packet capture" },
];

/** Whether the option as a whole waits for its machinery. */
export function isNotYet(name: string): boolean {
  return NOT_YET.some(entry => entry.name === name && entry.value === undefined);
}
