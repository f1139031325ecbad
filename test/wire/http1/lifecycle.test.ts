import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitsWith } from "../../../src/config/limits.ts";
import { responseFraming } from "../../../src/wire/http1/framing.ts";
import { parseRequestHead, parseResponseHead } from "../../../src/wire/http1/head-parser.ts";
import { asksUpgrade, persistent, staysOpen } from "../../../src/wire/http1/lifecycle.ts";

function request(version: string, ...fields: string[]) {
  return read(parseRequestHead, [`GET / HTTP/${version}`, "Host: a", ...fields]);
}

function response(version: string, ...fields: string[]) {
  const head = read(parseResponseHead, [`HTTP/${version} 200 OK`, ...fields]);
  const framing = responseFraming(head, "GET");
  head.defects = framing.defects;
  return { head, framing };
}

function read<H>(
  parse: (buf: Buffer, start: number, end: number, limits: ReturnType<typeof limitsWith>) => H,
  lines: string[],
): H {
  const bytes = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return parse(bytes, 0, bytes.length, limitsWith());
}

describe("staysOpen (RFC 9112 §9.3)", () => {
  const table: readonly (readonly [version: string, connection: string[], boolean])[] = [
    ["1.1", [], true],
    ["1.1", ["close"], false],
    ["1.1", ["CLOSE"], false],
    ["1.1", ["keep-alive, Close"], false],
    ["1.1", ["x", "y,\tclose ,z"], false],
    ["1.1", ["keep-alive"], true],
    ["1.1", ["closed"], true],
    ["1.1", ["x-close"], true],
    ["1.1", [",,"], true],
    ["1.0", [], false],
    ["1.0", ["keep-alive"], true],
    ["1.0", ["Keep-Alive, close"], false],
    ["1.0", ["upgrade"], false],
  ];
  for (const [version, connection, expected] of table) {
    it(`${version} ${connection.join(" | ")}: ${expected}`, () => {
      assert.equal(staysOpen(request(version, ...connection.map(value => `Connection: ${value}`))), expected);
    });
  }
});

describe("persistent", () => {
  it("needs both sides, and an answer that ends by itself", () => {
    const ask = request("1.1");
    const length = response("1.1", "Content-Length: 0");
    assert.ok(persistent(ask, length.head, length.framing));
    assert.ok(!persistent(request("1.1", "Connection: close"), length.head, length.framing));
    for (const fields of [
      [],
      ["Content-Length: 0", "Connection: close"],
      ["Content-Length: 0", "Transfer-Encoding: chunked"],
    ]) {
      const { head, framing } = response("1.1", ...fields);
      assert.ok(!persistent(ask, head, framing), fields.join());
    }
    const old = response("1.0", "Content-Length: 0");
    assert.ok(!persistent(ask, old.head, old.framing));
    const kept = response("1.0", "Content-Length: 0", "Connection: keep-alive");
    assert.ok(persistent(ask, kept.head, kept.framing));
  });
});

describe("asksUpgrade", () => {
  it("needs the field and its nomination, and HTTP/1.1", () => {
    assert.ok(asksUpgrade(request("1.1", "Connection: keep-alive, Upgrade", "Upgrade: websocket")));
    assert.ok(!asksUpgrade(request("1.1", "Upgrade: websocket")));
    assert.ok(!asksUpgrade(request("1.1", "Connection: Upgrade")));
    assert.ok(!asksUpgrade(request("1.0", "Connection: Upgrade", "Upgrade: websocket")));
  });
});
