import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Socks5Client, type Socks5Step } from "../../src/wire/socks5.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Everything the client says, and how it ends, when a server says this; `at` splits each of its replies. */
function play(client: Socks5Client, replies: readonly string[], at: number): { said: string[]; end: Socks5Step } {
  const said = [client.greeting.toString("hex")];
  let step: Socks5Step = { kind: "need" };
  for (const reply of replies.map(hex)) {
    for (const part of [reply.subarray(0, at), reply.subarray(at)]) {
      if (part.length === 0) continue;
      step = client.push(part);
      if (step.kind === "send") said.push(step.bytes.toString("hex"));
    }
  }
  return { said, end: step };
}

const BOUND = "05 00 00 01 00000000 0000";

describe("SOCKS5, as a client", () => {
  for (const [name, host, request] of [
    ["a name, which the proxy resolves", "a.b", "05010003 03 612e62 01bb"],
    ["IPv4", "127.0.0.1", "05010001 7f000001 01bb"],
    ["IPv6", "2001:db8::1", "05010004 20010db8000000000000000000000001 01bb"],
    ["IPv6 that embeds IPv4", "::ffff:1.2.3.4", "05010004 00000000000000000000ffff01020304 01bb"],
  ] as const) {
    it(`asks for ${name}, wherever the replies are split`, () => {
      for (let at = 0; at < 10; at++) {
        const { said, end } = play(new Socks5Client(host, 443, null), ["05 00", `${BOUND} cafe`], at);
        assert.deepEqual(said, ["050100", request.replaceAll(" ", "")]);
        assert.deepEqual(end, { kind: "done", rest: hex("cafe") });
      }
    });
  }

  it("logs in when it is asked to (RFC 1929), and not when it need not", () => {
    const login = { user: "me", password: "pw" };
    const { said, end } = play(new Socks5Client("a", 80, login), ["05 02", "01 00", BOUND], 1);
    assert.deepEqual(said, ["05020002", "01026d65027077", "0501000301610050"]);
    assert.equal(end.kind, "done");
    assert.equal(play(new Socks5Client("a", 80, login), ["05 00", BOUND], 1).said.length, 2);
  });

  it("takes bound addresses of every kind", () => {
    for (const bound of ["0500000302 6162 0050", `05000004${"00".repeat(16)}0050`]) {
      assert.equal(play(new Socks5Client("a", 80, null), ["05 00", bound], 3).end.kind, "done");
    }
  });

  it("says what went wrong", () => {
    const failure = (replies: string[], login: { user: string; password: string } | null = null): string => {
      const { end } = play(new Socks5Client("a", 80, login), replies, 0);
      return end.kind === "failed" ? end.message : end.kind;
    };
    const login = { user: "u", password: "p" };
    assert.match(failure(["48 54"]), /does not speak SOCKS5/);
    assert.match(failure(["05 ff"]), /wants a user name/);
    assert.match(failure(["05 ff"], login), /none of the ways/);
    assert.match(failure(["05 02", "01 01"], login), /refused the user name or password/);
    assert.match(failure(["05 00", "05 05 00 01 00000000 0000"]), /connection refused/);
    assert.match(failure(["05 00", "05 00 00 09 00000000 0000"]), /no kind of address/);
    assert.throws(() => new Socks5Client("x".repeat(256), 80, null), RangeError);
    assert.throws(() => new Socks5Client("a", 80, { user: "x".repeat(256), password: "" }), RangeError);
  });
});
