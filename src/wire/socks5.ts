// SOCKS5 as its client speaks it: CONNECT with or without a user name (RFC 1928, RFC 1929). Bytes in, bytes out.
import { isIpv4, isIpv6 } from "./ip.ts";

/** What to do next. `rest`: bytes behind the last reply, which are the server's own. */
export type Socks5Step =
  | { readonly kind: "need" }
  | { readonly kind: "send"; readonly bytes: Buffer }
  | { readonly kind: "done"; readonly rest: Buffer }
  | { readonly kind: "failed"; readonly message: string };

export interface Socks5Login {
  readonly user: string;
  readonly password: string;
}

type Stage = "method" | "login" | "reply";

/** One handshake: send `greeting`, push what comes, and do what each step says until it is done or failed. */
export class Socks5Client {
  readonly greeting: Buffer;
  private readonly request: Buffer;
  private readonly login: Buffer | null;
  private stage: Stage = "method";
  private held: Buffer = NO_BYTES;

  /** `host`: a name, which the proxy resolves, or an address without brackets. Throws a RangeError for what SOCKS5 cannot say. */
  constructor(host: string, port: number, login: Socks5Login | null) {
    this.login = login === null ? null : loginBytes(login);
    this.greeting = Buffer.from(login === null ? [VERSION, 1, NO_LOGIN] : [VERSION, 2, NO_LOGIN, BY_LOGIN]);
    this.request = Buffer.concat([
      Buffer.from([VERSION, CONNECT, 0]),
      addressOf(host),
      Buffer.from([port >> 8, port & 0xff]),
    ]);
  }

  push(chunk: Buffer): Socks5Step {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    switch (this.stage) {
      case "method":
        return this.method();
      case "login":
        return this.loggedIn();
      default:
        return this.reply();
    }
  }

  private method(): Socks5Step {
    if (this.held.length < 2) return NEED;
    const [version, method] = this.take(2);
    if (version !== VERSION) return failed(`it does not speak SOCKS5 (its first byte is ${version})`);
    if (method === NO_LOGIN) return this.send("reply", this.request);
    if (method === BY_LOGIN && this.login !== null) return this.send("login", this.login);
    return failed(this.login === null ? "it wants a user name and password" : "it takes none of the ways to log in");
  }

  private loggedIn(): Socks5Step {
    if (this.held.length < 2) return NEED;
    return this.take(2)[1] === 0 ? this.send("reply", this.request) : failed("it refused the user name or password");
  }

  private reply(): Socks5Step {
    const { held } = this;
    if (held.length < 5) return NEED;
    if (held[0] !== VERSION) return failed("its reply is not SOCKS5");
    const status = held[1] as number; // five bytes are there
    if (status !== 0) return failed(REPLIES[status] ?? `reply ${status}`);
    const length = BOUND_LENGTHS[held[3] as number] ?? (held[3] === BY_NAME ? 1 + (held[4] as number) : undefined);
    if (length === undefined) return failed("its reply has no kind of address");
    if (held.length < 6 + length) return NEED;
    return { kind: "done", rest: held.subarray(6 + length) };
  }

  private take(count: number): Buffer {
    const bytes = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return bytes;
  }

  private send(stage: Stage, bytes: Buffer): Socks5Step {
    this.stage = stage;
    return { kind: "send", bytes };
  }
}

const VERSION = 5;
const CONNECT = 1;
const NO_LOGIN = 0;
const BY_LOGIN = 2;
const BY_IPV4 = 1;
const BY_NAME = 3;
const BY_IPV6 = 4;
const NO_BYTES = Buffer.alloc(0);
const NEED: Socks5Step = { kind: "need" };

/** Bytes of the address that a reply carries, by its kind. */
const BOUND_LENGTHS: Readonly<Record<number, number>> = { [BY_IPV4]: 4, [BY_IPV6]: 16 };

/** RFC 1928 §6. */
const REPLIES: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "not allowed by its rules",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "time to live expired",
  7: "it knows no CONNECT",
  8: "it knows no such address",
};

function failed(message: string): Socks5Step {
  return { kind: "failed", message };
}

function addressOf(host: string): Buffer {
  if (isIpv4(host)) return Buffer.from([BY_IPV4, ...host.split(".").map(Number)]);
  if (isIpv6(host)) return Buffer.from([BY_IPV6, ...ipv6Bytes(host)]);
  const name = Buffer.from(host, "utf8");
  if (name.length === 0 || name.length > 255) throw new RangeError(`SOCKS5 cannot name a host of ${name.length} bytes`);
  return Buffer.from([BY_NAME, name.length, ...name]);
}

function loginBytes({ user, password }: Socks5Login): Buffer {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || secret.length > 255)
    throw new RangeError("SOCKS5 takes user name and password of 255 bytes");
  return Buffer.from([1, name.length, ...name, secret.length, ...secret]);
}

/** The sixteen bytes of an address that `isIpv6` takes (RFC 4291 §2.2). */
function ipv6Bytes(address: string): number[] {
  const [before = [], after = []] = address.split("::").map(half => half.split(":").flatMap(groupBytes));
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

function groupBytes(group: string): number[] {
  if (group === "") return [];
  if (group.includes(".")) return group.split(".").map(Number);
  const word = Number.parseInt(group, 16);
  return [word >> 8, word & 0xff];
}
