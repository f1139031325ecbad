import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Sniffed, sniff } from "../../src/wire/sniff.ts";

const said: readonly (readonly [bytes: string, Sniffed, why?: string])[] = [
  ["", "need-more"],
  ["GET / HTTP/1.1\r\n", "http1"],
  ["GET /", "http1", "a slash is enough"],
  ["OPTIONS *", "http1"],
  ["GET http://a/", "http1"],
  ["GET HTTP://a/", "http1", "schemes have no case"],
  ["GET htt", "need-more"],
  ["GET ", "need-more"],
  ["GE", "need-more"],
  ["CONNECT a:443", "http1"],
  ["!#$%&'*+-.^_`|~ /", "http1", "any token is a method"],
  ["\r\n\r\nGET /", "http1", "empty lines may come before"],
  ["\r\n", "need-more"],
  ["\r", "need-more"],
  ["GET a HTTP/1.1\r\n", "http1", "a bad target, but a request line: the reader says what is wrong with it"],
  ["GET a", "need-more"],
  ["GET a\r\n", "unknown"],
  ["G@T /", "unknown"],
  [" /", "unknown"],
  ["\x16", "need-more"],
  ["\x16\x03", "tls"],
  ["\x16\x03\x01\x02\x00\x01", "tls"],
  ["\x16\x02", "unknown"],
  ["\x05", "socks5"],
  ["\x05\x01\x00", "socks5"],
  ["\x04\x01\x00\x50", "socks4"],
  ["P", "need-more"],
  ["PRI * HTTP/2.0\r", "need-more"],
  ["PRI * HTTP/2.0\r\n", "h2-preface"],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "h2-preface"],
  ["PRI /", "http1"],
  ["PUT /", "http1"],
  ["SSH-2.0-OpenSSH_9.6\r\n", "unknown", "a token, but no request line"],
  ["SSH-2.0-OpenSSH_8.9p1 Ubuntu-3\r\n", "unknown", "two tokens, but no request line"],
  ["EHLO mail.example\r\n", "unknown"],
  ["\x00\x00\x00\x08", "unknown"],
  ["\x80\x2e\x01\x00\x02", "unknown", "SSLv2"],
  ["A".repeat(4095), "need-more"],
  ["A".repeat(4096), "unknown", "need-more has an end"],
  [`GET ${"a".repeat(4092)}`, "unknown"],
];

describe("sniff", () => {
  for (const [bytes, expected, why] of said) {
    it(`${JSON.stringify(bytes.slice(0, 40))} is ${expected}${why === undefined ? "" : `: ${why}`}`, () => {
      assert.equal(sniff(Buffer.from(bytes, "latin1")), expected);
    });
  }

  it("never changes its mind: what it says of the whole, it says of no less, or needs more", () => {
    for (const [bytes, expected] of said) {
      const whole = Buffer.from(bytes, "latin1");
      for (let length = 0; length < whole.length; length++) {
        const now = sniff(whole.subarray(0, length));
        assert.ok(now === "need-more" || now === expected, `${JSON.stringify(bytes)} at ${length}: ${now}`);
      }
    }
  });
});
