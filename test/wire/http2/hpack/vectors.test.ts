// RFC 7541 appendix C, as it stands there.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HpackDecoder } from "../../../../src/wire/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../../src/wire/http2/hpack/encoder.ts";

const LIMITS = { headBytes: 1 << 16, fieldCount: 100 };

interface Vector {
  readonly name: string;
  readonly tableBytes?: number;
  /** Sections one after another on one connection: bytes, and the fields that they are. */
  readonly sections: readonly (readonly [hex: string, fields: string])[];
}

const GET = ":method: GET, :scheme: http, :path: /, :authority: www.example.com";
const GET_CUSTOM =
  ":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value";
const FOUND = (status: number, at: number) =>
  `:status: ${status}, cache-control: private, date: Mon, 21 Oct 2013 20:13:${at} GMT, location: https://www.example.com`;
const OK =
  ":status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT, location: https://www.example.com, " +
  "content-encoding: gzip, set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

const VECTORS: readonly Vector[] = [
  {
    name: "C.2.1 literal with indexing",
    sections: [["400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header"]],
  },
  { name: "C.2.2 literal without indexing", sections: [["040c2f73616d706c652f70617468", ":path: /sample/path"]] },
  { name: "C.2.3 literal never indexed", sections: [["100870617373776f726406736563726574", "password: secret"]] },
  { name: "C.2.4 indexed", sections: [["82", ":method: GET"]] },
  {
    name: "C.3 requests without Huffman",
    sections: [
      ["828684410f7777772e6578616d706c652e636f6d", GET],
      ["828684be58086e6f2d6361636865", `${GET}, cache-control: no-cache`],
      ["828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", GET_CUSTOM],
    ],
  },
  {
    name: "C.4 requests with Huffman",
    sections: [
      ["828684418cf1e3c2e5f23a6ba0ab90f4ff", GET],
      ["828684be5886a8eb10649cbf", `${GET}, cache-control: no-cache`],
      ["828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", GET_CUSTOM],
    ],
  },
  {
    name: "C.5 responses without Huffman, evicting",
    tableBytes: 256,
    sections: [
      [
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f" +
          "7777772e6578616d706c652e636f6d",
        FOUND(302, 21),
      ],
      ["4803333037c1c0bf", FOUND(307, 21)],
      [
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b42" +
          "5a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        OK,
      ],
    ],
  },
  {
    name: "C.6 responses with Huffman, evicting",
    tableBytes: 256,
    sections: [
      [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        FOUND(302, 21),
      ],
      ["4883640effc1c0bf", FOUND(307, 21)],
      [
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f" +
          "3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        OK,
      ],
    ],
  },
];

describe("RFC 7541 appendix C", () => {
  for (const { name, tableBytes, sections } of VECTORS) {
    it(name, () => {
      const decoder = new HpackDecoder(LIMITS, tableBytes);
      for (const [hex, fields] of sections) {
        const bytes = Buffer.from(hex, "hex");
        const section = decoder.decode(bytes, 0, bytes.length);
        assert.equal(section.fields.map(field => `${field.name}: ${field.value}`).join(", "), fields);
        assert.equal(section.tooLarge, false);
      }
    });
  }

  it("C.2.3 is known to be never indexed", () => {
    const bytes = Buffer.from("100870617373776f726406736563726574", "hex");
    assert.equal(new HpackDecoder(LIMITS).decode(bytes, 0, bytes.length).fields[0].never, true);
  });

  it("C.4 is what we write, but for the path, which we do not index", () => {
    const encoder = new HpackEncoder(true);
    const written: string[] = [];
    for (const fields of [GET, `${GET}, cache-control: no-cache`, GET_CUSTOM]) {
      encoder.begin();
      for (const field of fields.split(", ")) {
        const at = field.indexOf(": ");
        encoder.field(field.slice(0, at), field.slice(at + 2));
      }
      written.push(encoder.buf.toString("hex", 0, encoder.length));
    }
    assert.deepEqual(
      written,
      VECTORS[5].sections.map(([hex]) => hex),
    );
  });
});
