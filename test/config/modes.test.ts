import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError } from "../../src/config/error.ts";
import { parseModes } from "../../src/config/modes.ts";

const FALLBACK = { host: "127.0.0.1", port: 8080, named: false };
const one = (text: string) => parseModes([text], FALLBACK)[0]!;
const http = (host: string, port: number) => ({ scheme: "http", host, port });
const tcp = (host: string, port: number) => ({ host, port, named: true });

describe("a mode", () => {
  it("without a listener takes the fallback", () => {
    assert.deepEqual(one("regular"), { kind: "regular", text: "regular", listen: FALLBACK });
  });

  const listeners: [string, unknown][] = [
    ["regular@9000", tcp("127.0.0.1", 9000)],
    ["regular@0", tcp("127.0.0.1", 0)],
    ["regular@0.0.0.0:9000", tcp("0.0.0.0", 9000)],
    ["regular@localhost:9000", tcp("localhost", 9000)],
    ["regular@[::1]:9000", tcp("::1", 9000)],
    ["regular@unix:/tmp/a.sock", { unix: "/tmp/a.sock" }],
    ["reverse:unix:/run/a@b.sock@unix:/tmp/c.sock", { unix: "/tmp/c.sock" }],
  ];
  for (const [text, listen] of listeners) {
    it(`${text} listens`, () => assert.deepEqual(one(text).listen, listen));
  }

  const targets: [string, unknown][] = [
    ["reverse:http://a.example", http("a.example", 80)],
    ["reverse:http://a.example/", http("a.example", 80)],
    ["reverse:https://a.example@9000", { scheme: "https", host: "a.example", port: 443 }],
    ["reverse:HTTPS://a.example:8443", { scheme: "https", host: "a.example", port: 8443 }],
    ["reverse:http://[::1]:3000@[::1]:9000", http("::1", 3000)],
    ["upstream:http://proxy.example:3128", http("proxy.example", 3128)],
    ["reverse:unix:/var/run/docker.sock", { scheme: "http", host: "", port: 0, unix: "/var/run/docker.sock" }],
    ["reverse:unix:/run/a@b.sock", { scheme: "http", host: "", port: 0, unix: "/run/a@b.sock" }],
  ];
  for (const [text, target] of targets) {
    it(`${text} sends`, () => {
      const mode = one(text);
      assert.ok(mode.kind === "reverse" || mode.kind === "upstream");
      assert.deepEqual(mode.target, target);
    });
  }

  const bad: [string, string][] = [
    ["", '"" is no mode; there are regular, socks5, reverse:URL, upstream:URL, transparent'],
    ["forward", '"forward" is no mode; there are regular, socks5, reverse:URL, upstream:URL, transparent'],
    ["regular:9000", '"regular:9000": regular takes no URL; did you mean regular@9000?'],
    ["regular@70000", '"regular@70000": 70000 is no port (0 to 65535)'],
    ["regular@unix:", '"regular@unix:": unix: wants a path, as in regular@unix:/tmp/waylay.sock'],
    [`regular@unix:/${"x".repeat(100)}`, `"regular@unix:/${"x".repeat(100)}": a socket's path has at most 100 bytes`],
    ["reverse:", '"reverse:": reverse wants a URL, as in reverse:http://127.0.0.1:3000'],
    ["reverse", '"reverse": reverse wants a URL, as in reverse:http://127.0.0.1:3000'],
    ["reverse:ftp://x", '"reverse:ftp://x": reverse wants http://HOST[:PORT], https://HOST[:PORT] or unix:/PATH'],
    ["reverse:http://", '"reverse:http://": "" is no host'],
    ["reverse:http://x:0", '"reverse:http://x:0": "0" is no port (1 to 65535)'],
    ["reverse:http://x:y", '"reverse:http://x:y": "y" is no port (1 to 65535)'],
    ["reverse:http://x/api", '"reverse:http://x/api": a path is not taken here, only a host and a port'],
    ["reverse:unix:relative", '"reverse:unix:relative": unix: wants an absolute path'],
    [
      "upstream:http://ada:secret@proxy.example:3128",
      "upstream: credentials never go in an argument; use --upstream-auth-file FILE or WAYLAY_UPSTREAM_AUTH",
    ],
  ];
  for (const [text, message] of bad) {
    it(`refused: ${message}`, () => {
      assert.throws(
        () => one(text),
        (error: Error) => error instanceof ConfigError && error.message === `--mode: ${message}`,
      );
    });
  }

  it("a second one needs a listener of its own", () => {
    assert.throws(() => parseModes(["regular", "reverse:http://x"], FALLBACK), {
      message:
        '--mode: "reverse:http://x" needs a listener of its own, as in reverse:http://x@8081: "regular" has --port',
    });
    assert.equal(parseModes(["reverse:http://x@1", "regular", "reverse:http://y@2"], FALLBACK).length, 3);
  });
});
