import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientHello } from "../../../src/wire/tls/client-hello.ts";
import { ja3, ja3Text, ja4 } from "../../../src/wire/tls/fingerprint.ts";

const EMPTY: ClientHello = {
  sni: null,
  alpn: [],
  legacyVersion: 0x0301,
  versions: [],
  ciphers: [],
  extensions: [],
  groups: [],
  pointFormats: [],
  signatureAlgorithms: [],
  size: 0,
};

/** The example of JA3's own documentation. */
const OLD: ClientHello = {
  ...EMPTY,
  ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
  extensions: [0, 10, 11],
  groups: [23, 24, 25],
  pointFormats: [0],
};

/** The example of JA4's own documentation, GREASE and order put back in. */
const CHROME: ClientHello = {
  ...EMPTY,
  sni: "a.example",
  alpn: ["h2", "http/1.1"],
  legacyVersion: 0x0303,
  versions: [0x7a7a, 0x0304, 0x0303],
  ciphers: hexes("4a4a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"),
  extensions: hexes("1a1a 0033 0000 0017 0010 4469 0005 000b 002b 0012 0023 000a 000d 002d 001b ff01 0015 2a2a"),
  signatureAlgorithms: hexes("0403 0804 0401 0503 0805 0501 0806 0601"),
};

function hexes(text: string): number[] {
  return text.split(" ").map(word => Number.parseInt(word, 16));
}

describe("fingerprints", () => {
  it("JA3 is that of its documentation", () => {
    assert.equal(ja3Text(OLD), "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
    assert.equal(ja3(OLD), "ada70206e40642a3e4461f35503241d5");
  });

  it("JA3 leaves GREASE out", () => {
    const greased = { ...OLD, ciphers: [0x0a0a, ...OLD.ciphers], extensions: [...OLD.extensions, 0xfafa] };
    assert.equal(ja3(greased), ja3(OLD));
    assert.notEqual(ja3({ ...OLD, ciphers: [0x0a1a, ...OLD.ciphers] }), ja3(OLD), "0x0a1a is no GREASE");
  });

  it("JA4 is that of its documentation", () => assert.equal(ja4(CHROME), "t13d1516h2_8daaf6152771_e5627efa2ab1"));

  it("JA4 does not care for order", () => {
    const shuffled = { ...CHROME, ciphers: CHROME.ciphers.toReversed(), extensions: CHROME.extensions.toReversed() };
    assert.equal(ja4(shuffled), ja4(CHROME));
  });

  it("JA4 has zeros for what is not there, and hexadecimal for odd protocols", () => {
    assert.equal(ja4(EMPTY), "t10i000000_000000000000_000000000000");
    assert.match(ja4({ ...EMPTY, alpn: ["\xab"] }), /^t10i0000ab_/);
    assert.match(ja4({ ...EMPTY, alpn: ["h"] }), /^t10i0000hh_/);
    assert.match(ja4({ ...EMPTY, legacyVersion: 0x0505 }), /^t00/);
  });
});
