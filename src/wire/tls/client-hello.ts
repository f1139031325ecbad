// The first thing that a TLS client says (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), read before anything is answered: whom it
// asks for and what it offers. Only looked at, never changed; whoever goes on with TLS gets the same bytes.

/** What a ClientHello offers, in its own order. Numbers are IANA's. */
export interface ClientHello {
  /** Server Name Indication as sent, one char a byte (latin1); null when there is none. Not checked in any way. */
  readonly sni: string | null;
  /** ALPN protocol ids, one char a byte (latin1). */
  readonly alpn: readonly string[];
  /** legacy_version of the hello: 0x0303 from TLS 1.2 on. */
  readonly legacyVersion: number;
  /** supported_versions; empty before TLS 1.3. */
  readonly versions: readonly number[];
  readonly ciphers: readonly number[];
  /** Extension types in the order they were sent. */
  readonly extensions: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  /** Bytes of all records that the hello stood in. */
  readonly size: number;
}

/**
 * Reads the ClientHello at the start of `bytes`, put together from as many records as it was cut into. null: more bytes
 * are needed. "invalid": this is no TLS ClientHello, or one larger than any that is sent.
 */
export function parseClientHello(bytes: Buffer): ClientHello | null | "invalid" {
  const handshake = joinRecords(bytes);
  if (handshake === null || handshake === "invalid") return handshake;
  const cursor = new Cursor(handshake.body, MESSAGE_HEADER, handshake.body.length, { failed: false });
  const hello = readHello(cursor, handshake.size);
  return cursor.failed ? "invalid" : hello;
}

/** Of all its records; real ones stay under 4 KB, 16 KB with every post-quantum share. */
const LARGEST = 64 * 1024;
/** RFC 8446 §5.1 */
const LARGEST_RECORD = 16 * 1024;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;

/** The first handshake message whole, its header included, and how many bytes its records took. */
function joinRecords(bytes: Buffer): { body: Buffer; size: number } | null | "invalid" {
  const parts: Buffer[] = [];
  let have = 0;
  let want = 0; // 0 until the message's header is whole
  for (let at = 0; ; ) {
    if (at > LARGEST || !startsRecord(bytes, at)) return "invalid";
    if (bytes.length - at < RECORD_HEADER) return null;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > LARGEST_RECORD) return "invalid";
    const from = at + RECORD_HEADER;
    at = from + length;
    const part = bytes.subarray(from, Math.min(at, bytes.length));
    parts.push(part);
    have += part.length;
    if (want === 0 && have >= MESSAGE_HEADER) want = messageLength(Buffer.concat(parts, MESSAGE_HEADER));
    if (want < 0 || (have > 0 && parts[0][0] !== CLIENT_HELLO)) return "invalid";
    if (want > 0 && have >= want) return { body: Buffer.concat(parts, want), size: at };
    if (at > bytes.length) return null;
  }
}

/** Handshake record, major version 3; true as well while these bytes have not come. */
function startsRecord(bytes: Buffer, at: number): boolean {
  return (at >= bytes.length || bytes[at] === 0x16) && (at + 1 >= bytes.length || bytes[at + 1] === 0x03);
}

const CLIENT_HELLO = 1;

/** Bytes of the message with this header, header included; -1 when it is larger than any. */
function messageLength(header: Buffer): number {
  const length = MESSAGE_HEADER + header.readUIntBE(1, 3);
  return length > LARGEST ? -1 : length;
}

const EXT_SERVER_NAME = 0;
const EXT_GROUPS = 10;
const EXT_POINT_FORMATS = 11;
const EXT_SIGNATURE_ALGORITHMS = 13;
const EXT_ALPN = 16;
const EXT_VERSIONS = 43;

function readHello(cursor: Cursor, size: number): ClientHello {
  const legacyVersion = cursor.u16();
  cursor.skip(32); // random
  cursor.skip(cursor.u8()); // session id
  const ciphers = cursor.sub(cursor.u16()).u16s();
  cursor.skip(cursor.u8()); // compression methods
  let sni: string | null = null;
  let alpn: readonly string[] = [];
  let versions: readonly number[] = [];
  let groups: readonly number[] = [];
  let pointFormats: readonly number[] = [];
  let signatureAlgorithms: readonly number[] = [];
  const extensions: number[] = [];
  // A hello may end here: extensions are optional before TLS 1.3.
  const list = cursor.left > 0 ? cursor.sub(cursor.u16()) : cursor.sub(0);
  while (list.left > 0) {
    const type = list.u16();
    const body = list.sub(list.u16());
    extensions.push(type);
    if (type === EXT_SERVER_NAME) sni = readServerName(body);
    else if (type === EXT_ALPN) alpn = readProtocols(body);
    else if (type === EXT_VERSIONS) versions = body.sub(body.u8()).u16s();
    else if (type === EXT_GROUPS) groups = body.sub(body.u16()).u16s();
    else if (type === EXT_POINT_FORMATS) pointFormats = body.sub(body.u8()).u8s();
    else if (type === EXT_SIGNATURE_ALGORITHMS) signatureAlgorithms = body.sub(body.u16()).u16s();
  }
  return {
    sni,
    alpn,
    legacyVersion,
    versions,
    ciphers,
    extensions,
    groups,
    pointFormats,
    signatureAlgorithms,
    size,
  };
}

/** RFC 6066 §3: a list of names, of which only host_name (0) exists. */
function readServerName(body: Cursor): string | null {
  const list = body.sub(body.u16());
  while (list.left > 0) {
    const type = list.u8();
    const name = list.sub(list.u16()).text();
    if (type === 0) return name;
  }
  return null;
}

/** RFC 7301 §3.1 */
function readProtocols(body: Cursor): string[] {
  const list = body.sub(body.u16());
  const protocols: string[] = [];
  while (list.left > 0) protocols.push(list.sub(list.u8()).text());
  return protocols;
}

/** Shared by all cursors over one hello. */
interface Outcome {
  failed: boolean;
}

/** Reads numbers from a range. What would go beyond it is 0, ends every loop, and is told once, by `failed`. */
class Cursor {
  readonly #buf: Buffer;
  readonly #end: number;
  readonly #outcome: Outcome;
  #at: number;

  constructor(buf: Buffer, at: number, end: number, outcome: Outcome) {
    this.#buf = buf;
    this.#at = at;
    this.#end = end;
    this.#outcome = outcome;
  }

  get failed(): boolean {
    return this.#outcome.failed;
  }

  get left(): number {
    return this.failed ? 0 : this.#end - this.#at;
  }

  u8(): number {
    return this.#take(1) ? this.#buf[this.#at - 1] : 0;
  }

  u16(): number {
    return this.#take(2) ? this.#buf.readUInt16BE(this.#at - 2) : 0;
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** A cursor over the next `length` bytes, which this one leaves behind. */
  sub(length: number): Cursor {
    const from = this.#at;
    return new Cursor(this.#buf, from, this.#take(length) ? from + length : from, this.#outcome);
  }

  u8s(): number[] {
    const numbers: number[] = [];
    while (this.left > 0) numbers.push(this.u8());
    return numbers;
  }

  u16s(): number[] {
    const numbers: number[] = [];
    while (this.left > 0) numbers.push(this.u16());
    return numbers;
  }

  text(): string {
    const from = this.#at;
    return this.#take(this.left) ? this.#buf.toString("latin1", from, this.#at) : "";
  }

  #take(length: number): boolean {
    if (length > this.left) {
      this.#outcome.failed = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}
