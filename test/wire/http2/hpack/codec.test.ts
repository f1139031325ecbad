// HPACK beside the RFC's examples: what goes in comes out, whatever the tables do; what is broken is said to be.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { COMPRESSION_ERROR } from "../../../../src/wire/http2/codes.ts";
import { Http2Error } from "../../../../src/wire/http2/error.ts";
import { HpackDecoder } from "../../../../src/wire/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../../src/wire/http2/hpack/encoder.ts";
import { huffmanDecode, huffmanEncode, huffmanLength, huffmanRoom } from "../../../../src/wire/http2/hpack/huffman.ts";

const LIMITS = { headBytes: 1 << 20, fieldCount: 1000 };
const latin1 = fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes).toString("latin1"));
const name = fc.oneof(fc.constantFrom("cookie", "set-cookie", ":path", "content-type", "x-a", "x-b", "x-c"), latin1);
const field = fc.tuple(name, fc.oneof(fc.constantFrom("", "a", "gzip, deflate", "200"), latin1), fc.boolean());

describe("HPACK", () => {
  it("round trips any fields, in order, with any changes of the table's size, with Huffman and without", () => {
    const step = fc.record({
      fields: fc.array(field, { maxLength: 12 }),
      sizes: fc.array(fc.nat(5000), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 12 }), (huffman, steps) => {
        const encoder = new HpackEncoder(huffman);
        const decoder = new HpackDecoder(LIMITS);
        for (const { fields, sizes } of steps) {
          for (const size of sizes) encoder.allow(size);
          encoder.begin();
          for (const [key, value, never] of fields) encoder.field(key, value, never);
          const read = decoder.decode(encoder.buf, 0, encoder.length).fields;
          assert.deepEqual(
            read.map(({ name: key, value, never }) => [key, value, never]),
            fields,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("Huffman round trips all bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const text = Buffer.from(bytes).toString("latin1");
        const coded = Buffer.alloc(huffmanLength(text));
        assert.equal(huffmanEncode(text, coded, 0), coded.length);
        const out = Buffer.alloc(huffmanRoom(coded.length));
        assert.equal(out.toString("latin1", 0, huffmanDecode(coded, 0, coded.length, out)), text);
      }),
      { numRuns: 500 },
    );
  });

  it("reads any bytes as fields or as an error, never as anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          new HpackDecoder(LIMITS).decode(Buffer.from(bytes), 0, bytes.length);
        } catch (error) {
          assert.ok(error instanceof Http2Error && error.code === COMPRESSION_ERROR, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  const BROKEN: readonly [what: string, hex: string][] = [
    ["§6.1 index 0", "80"],
    ["§2.3.3 an index beyond the tables", "be"],
    ["§5.1 a number that does not end", "ff80808080"],
    ["§5.1 a number that is too large", "ffffffffff0f"],
    ["§5.2 a string beyond the section", "0005616263"],
    ["§5.2 no string at all", "00"],
    ["§5.2 padding of more than 7 bits", "008166ff82ffff"],
    ["§5.2 padding that is not all ones", "00815082ffff"],
    ["§5.2 EOS in a Huffman string", "0084ffffffff0161"],
    ["§4.2 a table larger than allowed", "3fe21f"],
    ["§4.2 a change of size behind a field", "8220"],
    ["§6.2.1 a name's index beyond the tables", "7f0000"],
  ];
  for (const [what, hex] of BROKEN) {
    it(`refuses ${what}`, () => {
      const bytes = Buffer.from(hex, "hex");
      assert.throws(() => new HpackDecoder(LIMITS).decode(bytes, 0, bytes.length), Http2Error);
    });
  }

  it("an entry larger than the table empties it", () => {
    const decoder = new HpackDecoder(LIMITS, 64);
    const read = (hex: string) => decoder.decode(Buffer.from(hex, "hex"), 0, hex.length / 2).fields;
    read("4001610162");
    assert.equal(read("be")[0].name, "a");
    read(`400161${"28"}${"62".repeat(40)}`);
    assert.throws(() => read("be"), Http2Error);
  });

  it("what is over the limits is read but not kept, so that the tables stay in step", () => {
    const decoder = new HpackDecoder({ headBytes: 100, fieldCount: 1000 });
    const bytes = Buffer.from(`4001610162${"be".repeat(50)}4001630164`, "hex");
    const section = decoder.decode(bytes, 0, bytes.length);
    assert.equal(section.tooLarge, true);
    assert.equal(section.fields.length, 2);
    const next = Buffer.from("bebf", "hex");
    assert.deepEqual(
      decoder.decode(next, 0, 2).fields.map(entry => entry.name),
      ["c", "a"],
    );
  });

  it("a bomb of references to one large entry costs no memory (CVE-2016-6581)", () => {
    const decoder = new HpackDecoder({ headBytes: 256 * 1024, fieldCount: 100_000 });
    const large = Buffer.concat([
      Buffer.from("400161", "hex"),
      Buffer.from([0x7f, 0x81, 0x1e]),
      Buffer.alloc(3968, 0x62),
    ]);
    const bomb = Buffer.concat([large, Buffer.alloc(200_000, 0xbe)]);
    const section = decoder.decode(bomb, 0, bomb.length);
    assert.equal(section.tooLarge, true);
    assert.ok(section.fields.length < 70);
  });
});
