import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flowHeading, flowLine } from "../../../src/cli/render/flow-line.ts";
import { paint } from "../../../src/cli/render/paint.ts";
import type { FlowSummary } from "../../../src/flow/model.ts";
import { flow } from "../../support/flows.ts";

const PLAIN = paint(false);
const COLOUR = paint(true);
const LONG = "https://cdn.example.com/assets/2026/very/long/path/to/some/script.min.js?version=1234567890&cache=no";
const withoutColour = (line: string) => line.replace(/\x1b\[\d+m/g, "");

const VARIED: readonly Partial<FlowSummary>[] = [
  {},
  { url: LONG, method: "DELETE", status: 404, responseBytes: 12_345_678, duration: 12_345 },
  { method: "PROPPATCH", status: 503, id: 123_456 },
  { client: { address: "2001:db8::1234:5678:9abc", port: 60_000 } },
  { client: { address: "127.0.0.1", port: 5, process: "a-program-with-a-long-name" } },
  { client: null, server: null },
  { status: null, state: "error", error: { code: "refused", message: "connection refused by 127.0.0.1:9" } },
  { url: LONG, status: 502, state: "error", error: { code: "tls", message: "certificate has expired" } },
  { defects: ["bare-lf", "obs-fold"] },
  {
    method: "CONNECT",
    tunnel: true,
    status: 200,
    requestBytes: 500,
    responseBytes: 600,
    url: "https://pinned.example:443",
  },
  { state: "active", duration: null, status: null },
];

describe("a flow's line", () => {
  it("in a pipe: whole, in the contract's order", () => {
    assert.equal(
      flowLine(flow(), undefined, PLAIN),
      "18:30:05      1  127.0.0.1:51234  GET      https://example.com/a?b=c  200   1.2 kB    45 ms",
    );
  });

  for (const width of [80, 100, 120, 160, 240]) {
    it(`fills ${width} columns exactly, whatever is in it, with and without colour`, () => {
      assert.equal(flowHeading(width, PLAIN).length, width);
      for (const changes of VARIED) {
        const plain = flowLine(flow(changes), width, PLAIN);
        const over = Math.max(0, String(flow(changes).id).length - (width < 110 ? 4 : 5));
        assert.equal(plain.length, width + over, plain);
        assert.equal(withoutColour(flowLine(flow(changes), width, COLOUR)), plain);
      }
    });
  }

  it("cuts a long URL, and gives its end up for what went wrong", () => {
    assert.match(flowLine(flow({ url: LONG }), 120, PLAIN), /path\/to… {2}200 /);
    const failed = flowLine(
      flow({ url: LONG, error: { code: "tls", message: "certificate has expired" } }),
      120,
      PLAIN,
    );
    assert.match(failed, /https:\/\/cdn\.example\.com\/.*… ✗ certificate has expired {2}200/);
  });

  it("shows both directions of a tunnel, and that there was no answer", () => {
    assert.match(flowLine(flow({ tunnel: true, requestBytes: 500, responseBytes: 600 }), 120, PLAIN), /1\.1 kB/);
    assert.match(flowLine(flow({ status: null, error: { code: "x", message: "y" } }), 120, PLAIN), / ERR /);
    assert.match(flowLine(flow({ status: null, state: "active" }), 120, PLAIN), / \.\.\. /);
  });

  it("says when the server was not verified", () => {
    const tls = { client: null, server: { version: "TLSv1.3", cipher: "x", alpn: null, sni: null, insecure: "" } };
    assert.match(flowLine(flow({ tls }), 120, PLAIN), /⚠ not verified/);
  });

  it("colours by status", () => {
    const colourOf = (status: number) => /\x1b\[(3\d)m\d{3}/.exec(flowLine(flow({ status }), 120, COLOUR))?.[1];
    assert.deepEqual([101, 200, 304, 404, 503].map(colourOf), ["35", "32", "36", "33", "31"]);
  });

  it("never lets the wire talk to the terminal", () => {
    const line = flowLine(flow({ url: "https://x/\x1b]0;pwned\x07\r\n\u202e", method: "G\x1b[2J" }), undefined, PLAIN);
    assert.ok(!/[\x00-\x1f\u202e]/.test(line), JSON.stringify(line));
    assert.match(line, /https:\/\/x\/\\x1b\]0;pwned\\x07\\n\\u202e/);
  });
});
