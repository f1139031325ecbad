// The one parse of command line, environment and HOME/config.yaml into a Config.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Config, LenientHost, ShortFormConfig, UiConfig } from "../config.ts";
import { ConfigError } from "./error.ts";
import { readConfigFile } from "./file.ts";
import { type Limits, limitsWith, parseLimit } from "./limits.ts";
import { parseModes, UNIX_PATH_MAX } from "./modes.ts";
import { isNotYet, NOT_YET, OPTIONS } from "./options.ts";
import { type Flags, mergeSettings, type Setting, type Settings, settingsFromFlags } from "./settings.ts";
import { isAddress, parsePort, parseSize } from "./units.ts";

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths of the command line are relative to. */
  readonly cwd: string;
}

/** Flags by option name, as the command line gave them. Throws ConfigError with one clear line. */
export async function resolveConfig(flags: Flags, around: Surroundings): Promise<Config> {
  const fromFlags = settingsFromFlags(flags);
  const home = resolveHome(flags, around);
  const settings = mergeSettings(fromFlags, await readConfigFile(join(home, "config.yaml")));
  refuseNotYet(settings);
  return new Reading(settings, around, home).config();
}

/** `--home`, else WAYLAY_HOME, else ~/.waylay; absolute. The commands that only read need no more than this. */
export function resolveHome(flags: Flags, around: Surroundings): string {
  const asked = flags.home ?? around.env.WAYLAY_HOME;
  if (asked === "") throw new ConfigError("--home", "wants a folder");
  if (asked !== undefined) return resolve(around.cwd, expandTilde(String(asked), around));
  return join(around.env.HOME || homedir(), ".waylay");
}

function refuseNotYet(settings: Settings): void {
  for (const { name, value, what } of NOT_YET) {
    const asked = settings.get(name)?.find(setting => value === undefined || value.test(setting.text));
    if (asked) throw new ConfigError(asked.where, `${what} is not in this version yet`);
  }
}

class Reading {
  readonly #settings: Settings;
  readonly #around: Surroundings;
  readonly #home: string;

  constructor(settings: Settings, around: Surroundings, home: string) {
    this.#settings = settings;
    this.#around = around;
    this.#home = home;
  }

  config(): Config {
    const { env } = this.#around;
    const host = this.#address("host") ?? "127.0.0.1";
    const port = this.#port("port");
    const asked = this.#all("mode");
    const modes = parseModes(
      asked.length > 0 ? asked.map(mode => mode.text) : ["regular"],
      { host, port: port ?? 8080, named: port !== undefined },
      asked[0]?.where,
    );
    if (this.#on("demo") && !modes.some(mode => mode.kind === "regular" && "port" in mode.listen)) {
      throw new ConfigError("--demo", "wants a listener in regular mode to send its requests through");
    }
    return {
      modes,
      http2: this.#oneOf("http2", ["auto", "always", "never"]) ?? "auto",
      only: this.#text("only"),
      pass: this.#hosts("pass"),
      keepHost: this.#on("keep-host"),
      allowPublic: this.#on("allow-public"),
      home: this.#home,
      control: this.#control(),
      session: this.#path("session"),
      rules: this.#settings.has("rules") ? this.#all("rules").map(setting => this.#resolve(setting)) : undefined,
      shortForms: this.#shortForms(),
      bodyLimit: this.#size("body-limit") ?? 16_000_000,
      upstream: {
        ca: this.#all("upstream-ca").map(setting => this.#certificates(setting)),
        insecure: this.#on("insecure"),
        insecureHosts: this.#hosts("insecure-host"),
        auth: this.#credentials(),
      },
      lenient: this.#all("lenient").map(parseLenient),
      ui: this.#ui(),
      capture: this.#on("capture") ? { ifaces: this.#all("iface").map(setting => setting.text) } : undefined,
      caPassphrase: this.#secretLine("passphrase-file") ?? env.WAYLAY_CA_PASSPHRASE,
      demo: this.#on("demo"),
      json: this.#on("json"),
      verbosity: this.#on("quiet") ? -1 : Number(this.#one("verbose")?.text ?? 0),
      limits: this.#limits(),
      notes: this.#notes(),
    };
  }

  #all(name: string): readonly Setting[] {
    return this.#settings.get(name) ?? [];
  }

  /** The last one counts, as with curl. */
  #one(name: string): Setting | undefined {
    const setting = this.#all(name).at(-1);
    if (setting?.text === "") throw new ConfigError(setting.where, "wants a value");
    return setting;
  }

  #on(name: string): boolean {
    return this.#settings.has(name);
  }

  #text(name: string): string | undefined {
    return this.#one(name)?.text;
  }

  #port(name: string): number | undefined {
    const setting = this.#one(name);
    if (!setting) return undefined;
    const port = parsePort(setting.text);
    if (port === undefined) throw new ConfigError(setting.where, `"${setting.text}" is no port (0 to 65535)`);
    return port;
  }

  #address(name: string): string | undefined {
    const setting = this.#one(name);
    if (!setting) return undefined;
    const host = setting.text.replace(/^\[(.*)\]$/, "$1");
    if (isAddress(host) || host === "localhost") return host;
    throw new ConfigError(
      setting.where,
      `"${setting.text}" is no address of this machine, as in 127.0.0.1, 0.0.0.0 or ::1`,
    );
  }

  #size(name: string): number | undefined {
    const setting = this.#one(name);
    if (!setting) return undefined;
    const size = parseSize(setting.text);
    if (size === undefined)
      throw new ConfigError(setting.where, `"${setting.text}" is no size; write for example 16MB`);
    return size;
  }

  #oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const setting = this.#one(name);
    const choice = choices.find(word => word === setting?.text);
    if (setting && !choice) throw new ConfigError(setting.where, `"${setting.text}" is none of ${choices.join(", ")}`);
    return choice;
  }

  #hosts(name: string): string[] {
    return this.#all(name).map(setting => hostGlob(setting.text, setting.where));
  }

  #resolve(setting: Setting): string {
    return resolve(this.#folder(setting), expandTilde(setting.text, this.#around));
  }

  /** A path in config.yaml is relative to that file, not to wherever waylay was started. */
  #folder({ where }: Setting): string {
    return where.startsWith("--") ? this.#around.cwd : dirname(where);
  }

  #shortForms(): ShortFormConfig[] {
    return OPTIONS.filter(option => option.shortForm).flatMap(({ name }) =>
      this.#all(name).map(setting => ({
        option: name,
        text: setting.text,
        where: setting.where,
        folder: this.#folder(setting),
      })),
    );
  }

  #path(name: string): string | undefined {
    const setting = this.#one(name);
    return setting && this.#resolve(setting);
  }

  #read(setting: Setting): string {
    const file = this.#resolve(setting);
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new ConfigError(setting.where, `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  #certificates(setting: Setting): { file: string; pem: string } {
    const pem = this.#read(setting);
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
      throw new ConfigError(setting.where, `${setting.text} has no certificate in it (PEM is wanted)`);
    }
    return { file: this.#resolve(setting), pem };
  }

  #secretLine(name: string): string | undefined {
    const setting = this.#one(name);
    return setting && this.#read(setting).split(/\r?\n/, 1)[0];
  }

  #credentials(): string | undefined {
    const where = this.#one("upstream-auth-file")?.where ?? "WAYLAY_UPSTREAM_AUTH";
    const auth = this.#secretLine("upstream-auth-file") ?? this.#around.env.WAYLAY_UPSTREAM_AUTH;
    if (auth !== undefined && !auth.includes(":")) throw new ConfigError(where, "wants one line USER:PASSWORD");
    return auth;
  }

  #control(): string {
    const asked = this.#one("control");
    const path = asked ? this.#resolve(asked) : join(this.#home, "control.sock");
    if (Buffer.byteLength(path) > UNIX_PATH_MAX && !isNotYet("control")) {
      throw new ConfigError(
        asked?.where ?? "--control",
        `${path} has over ${UNIX_PATH_MAX} bytes, too many for a socket; try --control /tmp/waylay.sock`,
      );
    }
    return path;
  }

  #ui(): UiConfig | undefined {
    if (this.#on("no-ui") || isNotYet("ui-port")) return undefined;
    const port = this.#port("ui-port");
    return { host: this.#address("ui-host") ?? "127.0.0.1", port: port ?? 8081, named: port !== undefined };
  }

  #limits(): Limits {
    const changes: Partial<Limits>[] = this.#all("limit").map(setting => {
      const parsed = parseLimit(setting.text);
      if (typeof parsed === "string") throw new ConfigError(setting.where, parsed);
      return parsed;
    });
    return limitsWith(Object.assign({}, ...changes));
  }

  #notes(): Config["notes"] {
    const { env } = this.#around;
    const notes = [];
    const inherited = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].filter(
      n => env[n],
    );
    if (inherited.length > 0) {
      notes.push({
        verbose: true,
        text: `${inherited.join(", ")} in the environment is ignored; -m upstream:URL goes through a proxy`,
      });
    }
    if (this.#on("insecure")) {
      notes.push({
        verbose: false,
        text: "--insecure: upstream certificates are NOT verified; anybody on the way can read and change traffic",
      });
    }
    return notes;
  }
}

function parseLenient(setting: Setting): LenientHost {
  const [allow, host] = splitOnce(setting.text, "=");
  if (allow !== "obs-fold" || host === undefined) {
    throw new ConfigError(setting.where, `"${setting.text}": write obs-fold=HOST`);
  }
  return { allow, host: hostGlob(host, setting.where) };
}

function hostGlob(text: string, where: string): string {
  if (/^[^\s/:@]+$/.test(text) || isAddress(text.replace(/^\[(.*)\]$/, "$1"))) return text.toLowerCase();
  throw new ConfigError(where, `"${text}" is no host; write for example *.example.com, without scheme or port`);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function expandTilde(path: string, { env }: Surroundings): string {
  return path === "~" || path.startsWith("~/") ? join(env.HOME || homedir(), path.slice(1)) : path;
}
