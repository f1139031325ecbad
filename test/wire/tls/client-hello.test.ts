import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import fc from "fast-check";
import { type ClientHello, parseClientHello } from "../../../src/wire/tls/client-hello.ts";

/** What Node's own TLS client says first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = connect({ ...options, host: "127.0.0.1", port: address.port });
  client.on("error", () => {});
  const [socket] = await once(server, "connection");
  const [bytes] = await once(socket, "data");
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

function parsed(bytes: Buffer): ClientHello {
  const hello = parseClientHello(bytes);
  assert.ok(hello !== null && hello !== "invalid", String(hello));
  return hello;
}

/** The handshake message of one record, in records of that many bytes. */
function fragmented(record: Buffer, size: number): Buffer {
  const message = record.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([0x16, 0x03, 0x01, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}

/** A hello put together by hand: extensions as [type, body]. */
function hello(extensions: readonly (readonly [type: number, body: Buffer])[]): Buffer {
  const list = Buffer.concat(extensions.map(([type, body]) => Buffer.concat([u16(type), u16(body.length), body])));
  const body = Buffer.concat([
    Buffer.from([0x03, 0x03]),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    u16(4),
    Buffer.from([0x13, 0x01, 0xc0, 0x2f]),
    Buffer.from([1, 0]),
    u16(list.length),
    list,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), u16(message.length), message]);
}

/** The length of the last extension, whose body has 6 bytes, made larger than what is there. */
function beyondItsList(bytes: Buffer): Buffer {
  return bytes.fill(0xff, bytes.length - 8, bytes.length - 6);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function serverName(name: Buffer): Buffer {
  return Buffer.concat([u16(name.length + 3), Buffer.from([0]), u16(name.length), name]);
}

const real = await helloOf({ servername: "a.example", ALPNProtocols: ["h2", "http/1.1"] });

describe("parseClientHello", () => {
  it("reads what Node's client sends", () => {
    const { sni, alpn, versions, ciphers, extensions, size } = parsed(real);
    assert.equal(sni, "a.example");
    assert.deepEqual(alpn, ["h2", "http/1.1"]);
    assert.deepEqual(versions, [0x0304, 0x0303]);
    assert.ok(ciphers.includes(0x1301) && extensions.includes(43));
    assert.equal(size, real.length);
  });

  it("reads a hello of TLS 1.2 without server name or ALPN", async () => {
    const bytes = await helloOf({ maxVersion: "TLSv1.2" });
    const { sni, alpn, versions, legacyVersion } = parsed(bytes);
    assert.deepEqual([sni, alpn, versions, legacyVersion], [null, [], [], 0x0303]);
  });

  it("needs more of everything less than the whole", () => {
    for (let length = 0; length < real.length; length++) assert.equal(parseClientHello(real.subarray(0, length)), null);
  });

  it("leaves what comes behind it alone", () => {
    assert.equal(parsed(Buffer.concat([real, Buffer.from("more")])).size, real.length);
  });

  it("puts together what was cut into records of any size", () => {
    for (const size of [1, 2, 3, 4, 5, 40, 100, real.length]) {
      const bytes = fragmented(real, size);
      assert.deepEqual({ ...parsed(bytes), size: 0 }, { ...parsed(real), size: 0 });
      for (let length = 0; length < bytes.length; length += 7) {
        assert.equal(parseClientHello(bytes.subarray(0, length)), null, `records of ${size}, ${length} bytes`);
      }
    }
  });

  it("reads a hello of 16 KB over two records", () => {
    const bytes = fragmented(
      hello([
        [51, Buffer.alloc(17_000)],
        [0, serverName(Buffer.from("b"))],
      ]),
      16_384,
    );
    assert.equal(parsed(bytes).sni, "b");
  });

  it("shows a hostile server name and does not judge it", () => {
    const name = Buffer.from("../../\0\xff\n", "latin1");
    assert.equal(parsed(hello([[0, serverName(name)]])).sni, "../../\0\xff\n");
  });

  it("takes a hello without extensions", () => {
    const whole = hello([]);
    const bytes = Buffer.from(whole.subarray(0, whole.length - 2));
    bytes.writeUInt16BE(bytes.length - 5, 3);
    bytes.writeUInt16BE(bytes.length - 9, 7);
    assert.equal(parsed(bytes).sni, null);
  });

  const invalid: readonly (readonly [why: string, bytes: Buffer])[] = [
    ["plain HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
    ["an alert", Buffer.from([0x15, 3, 1, 0, 2, 2, 40])],
    ["SSL 2", Buffer.from([0x80, 0x2e, 1, 0, 2])],
    ["another major version", Buffer.from([0x16, 2])],
    ["a ServerHello", Buffer.from([0x16, 3, 3, 0, 4, 2, 0, 0, 0])],
    ["an empty record", Buffer.from([0x16, 3, 1, 0, 0])],
    ["a record of 16 KB and one byte", Buffer.from([0x16, 3, 1, 0x40, 1])],
    ["a message of 16 MB", Buffer.from([0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])],
    [
      "application data between the records",
      Buffer.concat([fragmented(real, 50).subarray(0, 55), Buffer.from([0x17])]),
    ],
    ["an extension beyond its list", beyondItsList(hello([[0, serverName(Buffer.from("a"))]]))],
    ["a server name beyond its extension", hello([[0, Buffer.from([0, 9, 0, 0, 9, 97])]])],
    ["an odd list of ciphers in supported groups", hello([[10, Buffer.from([0, 3, 0, 29, 0])]])],
  ];
  for (const [why, bytes] of invalid) it(`refuses ${why}`, () => assert.equal(parseClientHello(bytes), "invalid"));

  it("never throws, whatever is bent", () => {
    const edits = fc.array(fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 5 });
    fc.assert(
      fc.property(edits, fc.nat(real.length), (changes, length) => {
        const bytes = Buffer.from(real);
        for (const [at, value] of changes) bytes[at] = value;
        parseClientHello(bytes.subarray(0, length));
      }),
      { numRuns: 5_000 },
    );
    fc.assert(fc.property(fc.uint8Array(), bytes => void parseClientHello(Buffer.from(bytes))));
  });
});
